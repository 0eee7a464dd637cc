package guide

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/kb"
)

const rentRule = `第一条　为吸引人才，制定本办法。
第二条　租房补贴标准如下：
（一）博士研究生每月1600元；
（二）硕士研究生每月900元。
第三条　租房补贴累计享受不超过24个月，按季度发放。
第四条　本办法自2025年1月1日起施行。
`

// rentDocument is the rule that the tests of replay change.
func rentDocument() kb.Document {
	return kb.Document{ID: "rent", Title: "云州市引进人才租房补贴实施办法", Number: "云政发〔2025〕2号", Attributes: kb.Attributes{
		Tenant: kb.DefaultTenant, Access: kb.AccessPublic, Region: "880000", Validity: kb.Validity{From: kb.MustDate("2025-01-01")}}}
}

func TestReplay(t *testing.T) {
	ctx := context.Background()
	a := openArchive(t, []kb.Region{{Code: "100000", Name: "全国", Kind: kb.RegionNation}, {Code: "880000", Name: "云州市", Parent: "100000", Kind: kb.RegionCity}})
	a.put(t, rentDocument(), rentRule)
	a.build(t)
	text := "硕士研究生每月9000元[1]。"
	chat := &scripted{write: func(p given) (string, error) {
		if p.retry != "" {
			return "硕士研究生每月900元[1]。", nil
		}
		return text, nil
	}}
	g := a.guide(t, "880000", chat)
	turn := kb.Turn{Question: "我的手机是13812345678，硕士租房补贴每月多少？", Caller: kb.Caller{Tenant: kb.DefaultTenant}}
	_, made, err := g.Answer(ctx, turn, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.PutRecord(ctx, made); err != nil {
		t.Fatal(err)
	}
	rec, err := a.Record(ctx, kb.DefaultTenant, made.TraceID)
	if err != nil {
		t.Fatal(err)
	}
	sent := chat.asked
	if len(rec.Calls) != 2 || len(sent) != 2 || slices.ContainsFunc(rec.Evidence, func(e kb.EvidenceScore) bool { return e.Version != 1 }) {
		t.Fatalf("%d calls, %d requests, evidence %+v", len(rec.Calls), len(sent), rec.Evidence)
	}

	t.Run("nothing has changed", func(t *testing.T) {
		again := replayOf(t, g, a, rec)
		for i, c := range again.Calls {
			if !c.Same || c.Prompt != rec.Calls[i].Prompt {
				t.Errorf("call %d: %q", i, c.Missing)
			}
			if diff := cmp.Diff(sent[i].Messages, c.Messages); diff != "" {
				t.Errorf("call %d: %s", i, diff)
			}
			if strings.Contains(c.Messages[3].Text, "13812345678") {
				t.Error("a telephone number of a person was sent")
			}
		}
		if len(again.Differences)+len(again.Missing) > 0 || len(again.Calls) != 2 {
			t.Errorf("differences %+v, missing %q", again.Differences, again.Missing)
		}
	})

	t.Run("another model, a newer version, a repeal", func(t *testing.T) {
		text = "硕士研究生每月1000元[1]。"
		a.clock = a.clock.Add(48 * time.Hour)
		a.put(t, rentDocument(), strings.ReplaceAll(rentRule, "900元", "1000元"))
		repeal := rentDocument()
		repeal.ID, repeal.Title, repeal.Number = "repeal", "关于废止租房补贴实施办法的通知", "云政发〔2026〕9号"
		repeal.Validity.From = kb.MustDate("2026-12-01")
		repeal.Relations = []kb.Relation{{Kind: kb.Repeals, From: "repeal", To: "rent", Effective: kb.MustDate("2026-12-01")}}
		a.put(t, repeal, "《云州市引进人才租房补贴实施办法》自2026年12月1日起废止。\n")
		a.build(t)
		again := replayOf(t, g, a, rec)
		for i, c := range again.Calls {
			if !c.Same {
				t.Errorf("call %d is not what was sent: %q", i, c.Missing)
			}
		}
		var what []string
		for _, d := range again.Differences {
			what = append(what, d.What)
		}
		for _, w := range []string{"text", "citation 1", "call 1 prompt", "document 云州市引进人才租房补贴实施办法", "dates of 云州市引进人才租房补贴实施办法"} {
			if !slices.Contains(what, w) {
				t.Errorf("differences %+v lack %q", again.Differences, w)
			}
		}
	})

	t.Run("gone", func(t *testing.T) {
		lost := rec
		lost.Calls = slices.Clone(rec.Calls)
		lost.Calls[0].Template = "0000"
		lost.Calls[1].Evidence = []kb.EvidenceRef{{DocID: "rent", PassageID: "p0", Version: 1}}
		lost.Answer.Citations = []kb.Citation{{N: 1, DocID: "other", Version: 1, Quote: "x"}}
		again := replayOf(t, g, a, lost)
		if c := again.Calls; c[0].Same || len(c[0].Missing) != 1 || c[1].Same || len(c[1].Missing) != 1 || len(again.Missing) != 1 {
			t.Errorf("calls %+v, missing %q", c, again.Missing)
		}
	})
}

func replayOf(t *testing.T, g *Guide, a *archived, rec kb.Record) Replayed {
	t.Helper()
	again, err := g.Replay(context.Background(), a, rec)
	if err != nil {
		t.Fatal(err)
	}
	return again
}
