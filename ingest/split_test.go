package ingest

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/kb"
)

const measures = `越州市人才补贴办法
第一章 总则
第一条 为了吸引人才，根据《越州市人才条例》第三条第二款，制定本办法。
第二条 本办法适用于本市。
第三条第二款规定的人员除外。
第二章 标准
第三条 【生活补贴】对符合条件的人才，给予下列补贴：
（一）博士研究生每月3000元；
（二）硕士研究生每月2000元；
（三）本科生每月1000元：
1.毕业两年内；
2.在本市就业。
前款规定的补贴按月发放。
第四条　本办法由市人力社保局负责解释。`

func TestOutline(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string // level, number, title, beginning of the text
	}{
		{"rules", measures, []string{
			"1|第一章|总则|", "2|第一条||为了吸引", "2|第二条||本办法适用于本市。\n第三条", "1|第二章|标准|",
			"2|第三条|生活补贴|对符合条", "3|（一）||博士研究", "3|（二）||硕士研究", "3|（三）||本科生每",
			"4|1.||毕业两年", "4|2.||在本市就", "3|||前款规定", "2|第四条||本办法由"}},
		{"letter", "一、补贴标准\n（一）博士。在本市就业的博士，每月3000元。\n1.全日制；\n（1）境内院校；\n①公办。\n三、本通知自2025年3月1日起施行。", []string{
			"1|一、|补贴标准|", "2|（一）|博士|在本市就", "3|1.||全日制；", "4|（1）||境内院校", "5|①||公办。", "1|三、||本通知自"}},
		{"numbers that are none", "1.5万元以内的部分\n2025.3.1起\n一、二级医院均可办理\n（一）项所列人员\n第二章规定的条件", nil},
		{"decimals", "1.总则\n1.1 目的\n1.2 范围\n2.1 不连续", []string{"1|1.|总则|", "2|1.1|目的|", "2|1.2|范围|2.1"}},
		{"annexes", "请遵照执行。\n附件：1.申请表\n2.名册\n越州市人社局\n2025年3月1日\n附件1\n申请表\n一、填写说明\n附件2：名册\n序号", []string{
			"1|2.|名册|越州市人", "1|附件1|申请表|", "2|一、|填写说明|", "1|附件2|名册|序号"}},
		{"contents", "目录\n第一章 总则\n第二章 附则\n第一章 总则\n第一条 目的。\n第二章 附则\n第二条 解释。", []string{
			"1|第一章|总则|", "2|第一条||目的。", "1|第二章|附则|", "2|第二条||解释。"}},
		{"amendment", "一、将第三条修改为：“第三条 补贴如下：\n第四条 另有规定的除外。\n第五条 完。”\n二、本决定自公布之日起施行。", []string{
			"1|一、||将第三条", "1|二、||本决定自"}},
		{"markdown", "# 越州市人才政策\n前言\n## 一、补贴\n### 博士\n每月3000元\n## 二、住房", []string{
			"1|一、|补贴|", "2||博士|每月300", "1|二、|住房|"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, _ := FromText("", "", tt.text)
			var got []string
			for _, s := range doc.Sections {
				got = append(got, strings.Join([]string{string(rune('0' + s.Level)), s.Number, s.Title, truncate(s.Text, len([]rune(wantText(tt.want, len(got)))))}, "|"))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("outline (-want +got):\n%s", diff)
			}
		})
	}
}

// wantText returns the text part of the nth expectation.
func wantText(want []string, n int) string {
	if n >= len(want) {
		return "……"
	}
	return strings.SplitN(want[n], "|", 4)[3]
}

func TestClauses(t *testing.T) {
	long := strings.Repeat("在本市依法设立的用人单位就业并缴纳社会保险费", 12)
	text := "附件1\n办法\n第五条 人才分为下列各类。\n人才补贴按照下列标准发放：\n（一）博士" + long + "；\n（二）硕士" + long + "。\n前款规定" + long + "。\n第六条 完。"
	_, passages := FromText("", "", text)
	var got []string
	for _, p := range passages {
		got = append(got, p.Clause+"|"+p.Head)
	}
	want := []string{"附件1第五条|", "附件1第五条第二款第（二）项|人才补贴按照下列标准发放：", "附件1第五条第三款|", "附件1第六条|"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("clauses (-want +got):\n%s", diff)
	}
}

func TestTableIsKeptWithItsHead(t *testing.T) {
	rows := [][]string{{"类别", "标准"}}
	for range 200 {
		rows = append(rows, []string{"博士研究生", "每月 3000 元"})
	}
	p := layout([]Block{{Text: "补贴标准表"}, {Kind: BlockTable, Rows: rows[:3], Heads: 1}, {Kind: BlockTable, Rows: rows, Heads: 1}}, true)
	passages := split(p, outlineOf(p))
	if passages[0].Text != "补贴标准表\n| 类别 | 标准 |\n| 博士研究生 | 每月 3000 元 |\n| 博士研究生 | 每月 3000 元 |" {
		t.Errorf("small table: got %q", passages[0].Text)
	}
	for _, part := range passages[2:] {
		if part.Head != "| 类别 | 标准 |" || part.Kind != kb.PassageTable {
			t.Errorf("part at %d: head %q, kind %s", part.Start, part.Head, part.Kind)
		}
	}
}

// checkPassages holds what every cutting must keep: exact substrings in order without overlap,
// bounded length, no words lost but those of headings, IDs of their own.
func checkPassages(t *testing.T, doc kb.Document, passages []kb.Passage) {
	t.Helper()
	at, ids := 0, map[string]bool{}
	for i, p := range passages {
		if p.Start < at || p.Start+len(p.Text) > len(doc.Text) || doc.Text[p.Start:p.Start+len(p.Text)] != p.Text {
			t.Fatalf("passage %d: not the text at %d (after %d)", i, p.Start, at)
		}
		if !utf8.ValidString(p.Text) || strings.TrimSpace(p.Text) == "" || utf8.RuneCountInString(p.Text) > maxTable+maxPassage {
			t.Fatalf("passage %d: bad text %.60q of %d", i, p.Text, utf8.RuneCountInString(p.Text))
		}
		if p.Ordinal != i || p.ID == "" || ids[p.ID] {
			t.Fatalf("passage %d: ordinal %d, ID %q", i, p.Ordinal, p.ID)
		}
		at, ids[p.ID] = p.Start+len(p.Text), true
	}
	for i, s := range doc.Sections {
		if doc.Text[s.Start:s.Start+len(s.Text)] != s.Text {
			t.Fatalf("section %d %s: text is not at %d", i, s.Number, s.Start)
		}
	}
}

func FuzzFromText(f *testing.F) {
	f.Add(measures)
	f.Add("附件1\n第一条 a\n| x |\n“第三条修改为\n")
	f.Add(strings.Repeat("字", 3000))
	f.Fuzz(func(t *testing.T, text string) {
		doc, passages := FromText("d", "t", text)
		checkPassages(t, doc, passages)
	})
}

// TestLaws cuts the real texts of the data folder.
func TestLaws(t *testing.T) {
	for _, name := range []string{"laws/multi_version.jsonl", "laws/public_service_regulations.jsonl", "retrieval/policy/corpus.jsonl"} {
		for _, text := range dataTexts(t, name) {
			doc, passages := FromText("", "", text)
			checkPassages(t, doc, passages)
			articles := 0
			for _, s := range doc.Sections {
				if strings.HasSuffix(s.Number, "条") {
					articles++
				}
			}
			if lines := strings.Count(text, "\n第") - strings.Count(text, "章 "); articles < lines*9/10-3 {
				t.Errorf("%s: %.40q: %d articles, %d lines begin with 第", name, text, articles, lines)
			}
		}
	}
}

func dataTexts(t testing.TB, name string) []string {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "shared", "data", filepath.FromSlash(name)))
	if err != nil {
		t.Skipf("the data folder is not beside the checkout: %v", err)
	}
	defer f.Close()
	var texts []string
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var doc struct{ Text string }
		if err := json.Unmarshal(lines.Bytes(), &doc); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		texts = append(texts, doc.Text)
	}
	return texts
}

func BenchmarkFromText(b *testing.B) {
	text := strings.Repeat(measures+"\n", 2000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		FromText("d", "t", text)
	}
}

// TestHostileTextIsLinear holds rules and splitter to linear time: with a quadratic one, any of these
// texts of half a megabyte would run into the time limit of the test.
func TestHostileTextIsLinear(t *testing.T) {
	for _, unit := range []string{"《a》有效期", "《", "（", "“", "本办法有效期", "《根据《a》（", "自2025年1月1日起", "国发〔2020〕1号", "《a》（国发〔2020〕1号）废止",
		"住址：", "姓名：", "13800001234 ", "第一条 a\n", "附件1\n", "1.1 a\n", "# a\n", "目录\n", "（一）a。\n", "将“修改为\n", "废止目录\n1.《ab办法》\n"} {
		text := strings.Repeat(unit, 500_000/len(unit))
		doc, passages, _ := Build(FileReading{Path: "a", Hash: "h", Reading: TextReading(text)}, BuildOptions{})
		checkPassages(t, doc, passages)
	}
}
