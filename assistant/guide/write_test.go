package guide

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"xiaoyue/inference"
	"xiaoyue/kb"
	"xiaoyue/kb/figures"
)

// scribe writes what it is told, rune by rune, and then fails where it is told to.
type scribe struct {
	text  string
	fault error
	asked []inference.Message
}

func (s *scribe) Name() string { return "scribe" }

func (s *scribe) Chat(_ context.Context, req inference.ChatRequest) iter.Seq2[inference.Delta, error] {
	s.asked = req.Messages
	return func(yield func(inference.Delta, error) bool) {
		for _, r := range s.text {
			if !yield(inference.Delta{Text: string(r)}, nil) {
				return
			}
		}
		if s.fault != nil {
			yield(inference.Delta{}, s.fault)
			return
		}
		yield(inference.Delta{Stop: inference.StopEnd}, nil)
	}
}

func TestWrite(t *testing.T) {
	k := loadKnowledge(t)
	for _, c := range []struct {
		name, text string
		fault      error
		holds      []string
		lacks      string
		verdicts   []string
		generated  bool
		degraded   bool
	}{
		{"sound sentences stay", "硕士每月可领九百元[1]。", nil, []string{"可领九百元[1]"}, "租房补贴标准如下", []string{"kept"}, true, false},
		{"handle behind the stop", "硕士每月可领900元。[1]", nil, []string{"可领900元[1]"}, "租房补贴标准如下", []string{"kept"}, true, false},
		{"a false figure is replaced", "硕士每月可领9000元[1]。", nil, []string{"硕士研究生每月900元[1]"}, "9000元", []string{"retried", "replaced", "verbatim"}, false, false},
		{"a sentence without evidence is dropped", "祝您生活愉快。硕士每月900元[1]。", nil, []string{"900元"}, "愉快", []string{"retried", "dropped", "kept"}, true, false},
		{"an unknown handle names nothing", "硕士每月900元[7]。", nil, []string{"硕士研究生每月900元[1]"}, "[7]", []string{"retried", "dropped", "verbatim"}, false, false},
		{"a fault leaves the evidence", "硕士", inference.ErrUnavailable, []string{"硕士研究生每月900元[1]"}, "", []string{"verbatim"}, false, true},
		{"an endless answer is cut", strings.Repeat("长", maxAnswerBytes), nil, []string{"硕士研究生每月900元[1]"}, "长长", []string{"verbatim"}, false, true},
		{"silence", "", nil, []string{"硕士研究生每月900元[1]"}, "", []string{"verbatim"}, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			chat := &scribe{text: c.text, fault: c.fault}
			g := k.guide(t, k.searcher, chat)
			turn := kb.Turn{Question: "硕士租房补贴每月多少？", Region: "880000", AsOf: kb.MustDate("2025-06-01")}
			a := answerOf(t, k, g, turn)
			_, rec, err := g.Answer(context.Background(), turn, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range c.holds {
				if !figures.Contains(a.Text, w) {
					t.Errorf("text lacks %q: %s", w, a.Text)
				}
			}
			if c.lacks != "" && strings.Contains(a.Text, c.lacks) {
				t.Errorf("text holds %q: %s", c.lacks, a.Text)
			}
			var verdicts []string
			for _, v := range rec.Verdicts {
				verdicts = append(verdicts, v.Result)
			}
			if !slices.Equal(verdicts, c.verdicts) {
				t.Errorf("verdicts %q, want %q", rec.Verdicts, c.verdicts)
			}
			if a.Generated != c.generated || slices.Contains(a.Degraded, kb.PartChat) != c.degraded {
				t.Errorf("generated %v degraded %q", a.Generated, a.Degraded)
			}
			if len(rec.Calls) == 0 || rec.Calls[0].Prompt == "" || rec.Calls[0].Model != "scribe" {
				t.Error("the record does not name prompt and model")
			}
		})
	}
}

func TestWriteStopsWithTheContext(t *testing.T) {
	k := loadKnowledge(t)
	ctx, cancel := context.WithCancel(context.Background())
	chat := &scribe{text: "硕士", fault: fmt.Errorf("read: %w", context.Canceled)}
	g := k.guide(t, k.searcher, chat)
	_, _, err := g.Answer(ctx, kb.Turn{Question: "硕士租房补贴每月多少？"}, func(kb.Event) error { cancel(); return nil })
	cancel()
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestPromptIsBounded(t *testing.T) {
	k := loadKnowledge(t)
	chat := &scribe{}
	answerOf(t, k, k.guide(t, k.searcher, chat), kb.Turn{Question: "硕士租房补贴每月多少？", Region: "880000", AsOf: kb.MustDate("2025-06-01")})
	for _, m := range chat.asked {
		if strings.Contains(m.Text, "99999") || strings.Contains(m.Text, "内部掌握") {
			t.Errorf("the prompt holds hostile or internal text: %s", m.Text)
		}
	}
}
