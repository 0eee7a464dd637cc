package guide

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/inference"
	"xiaoyue/kb"
)

// TestRewrite asks what the rules cannot complete: which entry of an answer's list is meant.
func TestRewrite(t *testing.T) {
	k := loadKnowledge(t)
	history := []kb.Exchange{{Question: "租房补贴有多少？", Answer: "（一）博士研究生每月1600元；（二）硕士研究生每月900元。"}}
	for _, c := range []struct {
		name, written string
		fault         error
		completed     string // the question completed
		outcome       kb.Outcome
		degraded      bool
		recorded      string // fault in the record
	}{
		{"words of the conversation", "硕士研究生租房补贴有多少？", nil, "硕士研究生租房补贴有多少？", kb.Answered, false, ""},
		{"a word that nobody said", "本科毕业生租房补贴有多少？", nil, "第二个", kb.NeedsClarification, false, "words that nobody said"},
		{"a figure that nobody said", "每月800元的租房补贴有多少？", nil, "第二个", kb.NeedsClarification, false, "words that nobody said"},
		{"a place that nobody said", "东湖区租房补贴有多少？", nil, "第二个", kb.NeedsClarification, false, "words that nobody said"},
		{"a denial that nobody said", "硕士研究生没有租房补贴？", nil, "第二个", kb.NeedsClarification, false, "words that nobody said"},
		{"silence", "", nil, "第二个", kb.NeedsClarification, false, "words that nobody said"},
		{"without end", strings.Repeat("租房补贴", 2000), nil, "第二个", kb.NeedsClarification, true, errTooMuch.Error()},
		{"cut off by its length", "硕士研究生租房补贴有多少？", errCut, "第二个", kb.NeedsClarification, true, errTooMuch.Error()},
		{"a fault with a telephone number", "", errors.New("bad request: 13812345678"), "第二个", kb.NeedsClarification, true, "bad request: 138＊＊＊＊5678"},
		{"a fault", "", inference.ErrUnavailable, "第二个", kb.NeedsClarification, true, inference.ErrUnavailable.Error()},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := k.guide(t, k.searcher, &scribe{text: c.written, fault: c.fault})
			turn := kb.Turn{Question: "第二个", History: history, AsOf: kb.MustDate("2025-06-01")}
			a, rec, err := g.Answer(context.Background(), turn, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]any{c.completed, c.outcome, c.degraded}, []any{a.QuestionCompleted, a.Outcome, slices.Contains(a.Degraded, kb.PartChat)}); diff != "" {
				t.Errorf("%s\ntext: %s", diff, a.Text)
			}
			if len(rec.Calls) == 0 || rec.Calls[0].Purpose != "complete" || rec.Calls[0].Fault != c.recorded || rec.Calls[0].Template == "" {
				t.Errorf("recorded calls %+v, want fault %q", rec.Calls, c.recorded)
			}
		})
	}
}

func TestRewriteIsBounded(t *testing.T) {
	k := loadKnowledge(t)
	g := k.guide(t, k.searcher, silent{})
	synctest.Test(t, func(t *testing.T) {
		r, began := newReply(nil), time.Now()
		if got := g.rewrite(t.Context(), kb.Turn{}, "第二个", r); got != "" || time.Since(began) > rewriteTime {
			t.Errorf("%q after %s", got, time.Since(began))
		}
		if len(r.record.Calls) != 1 || r.record.Calls[0].Fault == "" || !slices.Contains(r.answer.Degraded, kb.PartChat) {
			t.Errorf("recorded %+v", r.record.Calls)
		}
	})
}

// TestRulesComplete asks what the rules complete themselves: no model is asked for that.
func TestRulesComplete(t *testing.T) {
	k := loadKnowledge(t)
	g := k.guide(t, k.searcher, &scribe{})
	turn := kb.Turn{Question: "那博士呢", History: []kb.Exchange{{Question: "硕士租房补贴有多少？"}}, AsOf: kb.MustDate("2025-06-01")}
	_, rec, err := g.Answer(context.Background(), turn, nil)
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(rec.Calls, func(c kb.Call) bool { return c.Purpose == "complete" }) {
		t.Error("a model was asked to complete what the rules do")
	}
}
