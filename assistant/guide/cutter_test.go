package guide

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestCutter(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []draft
	}{
		{"a handle before the stop", "每月900元[1]。累计24个月[2]。", []draft{
			{words: "每月900元。", handles: []int{1}, first: true}, {words: "累计24个月。", handles: []int{2}}}},
		{"handles behind the stop", "每月900元。[1]【2】累计24个月。[材料3]", []draft{
			{words: "每月900元。", handles: []int{1, 2}, first: true}, {words: "累计24个月。", handles: []int{3}}}},
		{"handles on both sides", "每月900元[1]。[2]累计24个月[3]。", []draft{
			{words: "每月900元。", handles: []int{1}, first: true}, {words: "累计24个月。", handles: []int{3}}}},
		{"several in one bracket", "每月900元[1、2，3]。", []draft{{words: "每月900元。", handles: []int{1, 2, 3}, first: true}}},
		{"a list in Markdown", "## 标准\n**标准如下**：\n1. 硕士900元[1]\n- 博士1600元[1]\n（三）1.5万元[2]\n1.5万元[2]\n", []draft{
			{words: "标准", first: true}, {words: "标准如下：", first: true}, {words: "硕士900元", handles: []int{1}, entry: true, first: true},
			{words: "博士1600元", handles: []int{1}, entry: true, first: true}, {words: "1.5万元", handles: []int{2}, entry: true, first: true},
			{words: "1.5万元", handles: []int{2}, first: true}}},
		{"stops inside quotes", "规定写明“可以叠加。不得重复。”[1]。", []draft{{words: "规定写明“可以叠加。不得重复。”。", handles: []int{1}, first: true}}},
		{"the number of a clause", "第二条　每月900元[1]。", []draft{{words: "每月900元。", handles: []int{1}, first: true}}},
		{"what it rests on, in words", "根据材料[1]，每月900元。", []draft{{words: "每月900元。", handles: []int{1}, first: true}}},
		{"a row", "| 硕士 | 900 |[1]\n", []draft{{words: "| 硕士 | 900 |", handles: []int{1}, row: true, first: true}}},
		{"no stop at all", "每月900元", []draft{{words: "每月900元", first: true}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, size := range []int{1, 2, 7, 1000} {
				if diff := cmp.Diff(c.want, cut(c.text, size), cmp.AllowUnexported(draft{}), cmpopts.IgnoreFields(draft{}, "raw"), cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("in pieces of %d runes: %s", size, diff)
				}
			}
		})
	}
}

// cut sends a text in pieces.
func cut(text string, size int) []draft {
	var c cutter
	var all []draft
	runes := []rune(text)
	for at := 0; at < len(runes); at += size {
		all = append(all, c.add(string(runes[at:min(len(runes), at+size)]))...)
	}
	if last := c.rest(); last.words != "" {
		all = append(all, last)
	}
	return all
}

// TestCutterDoesNotWait holds that a sentence with its handle before the stop is handed out with it.
func TestCutterDoesNotWait(t *testing.T) {
	var c cutter
	if got := c.add("每月900元[1]"); len(got) != 0 {
		t.Errorf("too early: %+v", got)
	}
	if got := c.add("。"); len(got) != 1 {
		t.Errorf("not with its stop: %+v", got)
	}
}

func FuzzCutter(f *testing.F) {
	for _, s := range []string{"每月900元[1]。[2]", "[材料1", "“。", "1. \n", "\xff【", "|||\n。。。", "（一）第二条、"} {
		f.Add(s, 1)
	}
	f.Fuzz(func(t *testing.T, text string, size int) {
		text = strings.ToValidUTF8(text, "")
		whole := cut(text, 1<<20)
		if diff := cmp.Diff(whole, cut(text, 1+max(0, size%5)), cmp.AllowUnexported(draft{})); diff != "" {
			t.Errorf("depends on the pieces: %s", diff)
		}
	})
}

func TestIsInsufficient(t *testing.T) {
	for text, want := range map[string]bool{
		"材料不足": true, "材料不足。": true, "材料不足[1]。": true, "材料不足，无法回答。": true,
		"材料不足的，窗口一次性告知[1]。": false, "硕士每月900元[1]。": false,
	} {
		if got := isInsufficient(newDraft(text)); got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
}
