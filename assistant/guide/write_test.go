package guide

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"xiaoyue/assistant/guard"
	"xiaoyue/inference"
	"xiaoyue/kb"
	"xiaoyue/kb/figures"
)

// rent is the question of most tests: what a 硕士 gets, as the city and the district rule.
func rent(region string) kb.Turn {
	return kb.Turn{Question: "硕士租房补贴每月多少？", Region: region, AsOf: kb.MustDate("2025-06-01")}
}

func verdictsOf(rec kb.Record) []string {
	var results []string
	for _, v := range rec.Verdicts {
		results = append(results, v.Result)
	}
	return results
}

func TestWrite(t *testing.T) {
	k := loadKnowledge(t)
	for _, c := range []struct {
		name, text string
		again      string // written when asked anew
		fault      error
		holds      []string
		lacks      []string
		verdicts   []string
		generated  bool
		degraded   bool
	}{
		{name: "sound sentences stay", text: "硕士每月可领九百元[1]。",
			holds: []string{"可领九百元[1]"}, lacks: []string{"租房补贴标准如下"}, verdicts: []string{"kept"}, generated: true},
		{name: "handle behind the stop", text: "硕士每月可领900元。[1]",
			holds: []string{"可领900元[1]"}, verdicts: []string{"kept"}, generated: true},
		{name: "a handle for several sentences", text: "硕士每月可领900元。博士每月1600元[1]。",
			holds: []string{"可领900元[1]", "1600元[2]"}, verdicts: []string{"kept", "kept"}, generated: true},
		{name: "a list below a handle", text: "**标准**如下[1]：\n1. 硕士研究生每月900元\n2. 博士研究生每月1600元\n",
			holds: []string{"硕士研究生每月900元[1]", "1600元[2]"}, lacks: []string{"1. ", "**"}, generated: true},
		{name: "a false figure is written anew", text: "硕士每月可领9000元[1]。", again: "硕士每月可领900元[1]。",
			holds: []string{"可领900元[1]"}, lacks: []string{"9000元", "标准如下"}, verdicts: []string{"retried", "kept"}, generated: true},
		{name: "a false figure is replaced", text: "硕士每月可领9000元[1]。", again: "硕士每月可领9000元[1]。",
			holds: []string{"硕士研究生每月900元[1]"}, lacks: []string{"9000元"}, verdicts: []string{"retried", "replaced", "verbatim"}},
		{name: "what others get", text: "硕士每月可领1600元[1]。", again: "材料不足",
			holds: []string{"硕士研究生每月900元[1]"}, lacks: []string{"可领1600元"}, verdicts: []string{"retried", "verbatim"}},
		{name: "good wishes are dropped", text: "祝您生活愉快。硕士每月900元[1]。",
			lacks: []string{"愉快"}, verdicts: []string{"dropped", "kept"}, generated: true},
		{name: "an unknown handle names nothing", text: "硕士每月900元[9]。", again: "硕士每月900元[9]。",
			holds: []string{"硕士研究生每月900元[1]"}, lacks: []string{"[9]"}},
		{name: "identifiers are not typed", text: "根据云政发〔2024〕88号第九条，硕士每月900元[1]。", again: "",
			holds: []string{"硕士研究生每月900元[1]"}, lacks: []string{"88号", "第九条"}, verdicts: []string{"retried", "verbatim"}},
		{name: "not enough, it says", text: "材料不足",
			holds: []string{"硕士研究生每月900元[1]"}, lacks: []string{"材料不足"}, verdicts: []string{"verbatim"}},
		{name: "the same again", text: "硕士每月900元[1]。硕士每月900元[1]。",
			verdicts: []string{"kept", "dropped"}, generated: true},
		{name: "a fault in the middle of a sentence", text: "硕士每月900元[1]。博士每", fault: inference.ErrUnavailable,
			holds: []string{"硕士每月900元[1]"}, lacks: []string{"博士每"}, verdicts: []string{"kept"}, generated: true, degraded: true},
		{name: "a fault at once", fault: fmt.Errorf("queue: %w", inference.ErrOverloaded),
			holds: []string{"硕士研究生每月900元[1]"}, verdicts: []string{"verbatim"}, degraded: true},
		{name: "a sentence without an end", text: strings.Repeat("长", maxSentenceBytes),
			holds: []string{"硕士研究生每月900元[1]"}, lacks: []string{"长长"}, verdicts: []string{"verbatim"}, degraded: true},
		{name: "an answer without an end", text: strings.Repeat("硕士每月9000元[1]。", 4000),
			holds: []string{"硕士研究生每月900元[1]"}, lacks: []string{"9000元"}},
		{name: "silence", holds: []string{"硕士研究生每月900元[1]"}, verdicts: []string{"verbatim"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			chat := &scripted{write: func(p given) (string, error) {
				if p.retry != "" {
					return c.again, c.fault
				}
				return c.text, c.fault
			}}
			g := k.guide(t, k.searcher, chat)
			a := answerOf(t, k, g, rent("880000"))
			_, rec, err := g.Answer(context.Background(), rent("880000"), nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range c.holds {
				if !figures.Contains(a.Text, w) {
					t.Errorf("text lacks %q: %s", w, a.Text)
				}
			}
			for _, w := range c.lacks {
				if strings.Contains(a.Text, w) {
					t.Errorf("text holds %q: %s", w, a.Text)
				}
			}
			if got := verdictsOf(rec); c.verdicts != nil && !slices.Equal(got, c.verdicts) {
				t.Errorf("verdicts %+v, want %q\n%s", rec.Verdicts, c.verdicts, a.Text)
			}
			if a.Outcome != kb.Answered || a.Generated != c.generated || slices.Contains(a.Notes, guard.Label) != c.generated || slices.Contains(a.Degraded, kb.PartChat) != c.degraded {
				t.Errorf("outcome %s generated %v degraded %q notes %q", a.Outcome, a.Generated, a.Degraded, a.Notes)
			}
			checkCalls(t, rec, chat, c.degraded)
		})
	}
}

// checkCalls holds the record of calls to what was asked.
func checkCalls(t *testing.T, rec kb.Record, chat *scripted, faulty bool) {
	t.Helper()
	if len(rec.Calls) == 0 || len(rec.Calls) > 1+maxRetries {
		t.Fatalf("%d calls", len(rec.Calls))
	}
	for i, c := range rec.Calls {
		if c.Template == "" || c.Prompt == "" || c.Model != "scripted" || len(c.Evidence) == 0 || c.Question == "" || (c.Objection != "") != (i > 0) {
			t.Errorf("call %d is not accounted for: %+v", i, c)
		}
	}
	if last := rec.Calls[len(rec.Calls)-1]; faulty != (last.Fault != "") {
		t.Errorf("fault %q", last.Fault)
	}
	if asked := chat.asked[len(chat.asked)-1]; asked.Asker == "" || asked.MaxTokens == 0 {
		t.Errorf("request without asker or bound: %+v", asked)
	}
}

func TestWriteByRegion(t *testing.T) {
	k := loadKnowledge(t)
	for _, c := range []struct{ name, text, want string }{
		{"as it should be", "东湖区企业的硕士研究生另行给予每月300元[1]。硕士研究生每月900元[2]。",
			"东湖区企业的硕士研究生另行给予每月300元[1]。\n云州市：硕士研究生每月900元[2]。"},
		{"the city first", "硕士研究生每月900元[2]。",
			"东湖区：（一）在东湖区企业工作的硕士研究生，另行给予区级租房补贴每月300元，博士研究生每月600元[1]。\n云州市：硕士研究生每月900元[2]。"},
	} {
		t.Run(c.name, func(t *testing.T) {
			chat := &scripted{write: func(given) (string, error) { return c.text, nil }}
			if a := answerOf(t, k, k.guide(t, k.searcher, chat), rent("880001")); !strings.HasPrefix(a.Text, c.want) {
				t.Errorf("got %s", a.Text)
			}
		})
	}
}

func TestWriteStopsWithTheContext(t *testing.T) {
	k := loadKnowledge(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	chat := &scripted{write: func(given) (string, error) {
		cancel()
		return "硕士", nil
	}}
	if _, _, err := k.guide(t, k.searcher, chat).Answer(ctx, rent("880000"), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestShownWordsAreAccountedFor ends the answer behind its first words: the record holds them.
func TestShownWordsAreAccountedFor(t *testing.T) {
	k := loadKnowledge(t)
	gone, said := errors.New("the reader is gone"), 0
	turn := rent("880000")
	turn.Question += "博士租房补贴每月多少？"
	_, record, err := k.guide(t, k.searcher, nil).Answer(context.Background(), turn, func(e kb.Event) error {
		if e.Type == kb.EventDelta {
			if said++; said > 1 {
				return gone
			}
		}
		return nil
	})
	if !errors.Is(err, gone) || record.TraceID == "" || record.Answer.Outcome != kb.Unavailable || record.Answer.Text == "" {
		t.Errorf("error %v, record %+v; want the words shown", err, record.Answer)
	}
}

func TestSlowModelLeavesTimeForTheEvidence(t *testing.T) {
	k := loadKnowledge(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		g := k.guide(t, k.searcher, silent{})
		a, rec, err := g.Answer(ctx, rent("880000"), nil)
		if err != nil || a.Outcome != kb.Answered || a.Generated || !strings.Contains(a.Text, "900元[1]") || !slices.Contains(a.Degraded, kb.PartChat) {
			t.Errorf("%+v, %v", a, err)
		}
		if len(rec.Calls) != 1 || rec.Calls[0].Fault == "" || rec.Calls[0].Elapsed > writingTime {
			t.Errorf("calls %+v", rec.Calls)
		}
	})
}

func TestShrinkingToTheModel(t *testing.T) {
	k := loadKnowledge(t)
	var sizes []int
	chat := &scripted{write: func(p given) (string, error) {
		size := len(strings.Join(p.pieces, ""))
		if sizes = append(sizes, size); len(sizes) == 1 {
			return "", fmt.Errorf("send: %w", inference.ErrTooLong)
		}
		return "硕士每月900元[1]。", nil
	}}
	g, err := New(k.searcher, k, k.regions, &Options{Home: "880000", Chat: chat, Context: maxAnswerTokens + promptTokens + 400, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	a := answerOf(t, k, g, rent("880000"))
	if !a.Generated || len(sizes) != 2 || sizes[1] >= sizes[0] {
		t.Errorf("generated %v, evidence of %v bytes", a.Generated, sizes)
	}
}

func TestWaitingIsToldAndNotKept(t *testing.T) {
	k := loadKnowledge(t)
	var notices []kb.Event
	a, rec, err := k.guide(t, k.searcher, queued{}).Answer(context.Background(), rent("880000"), func(e kb.Event) error {
		if e.Code == kb.NoticeWaiting {
			notices = append(notices, e)
		}
		return nil
	})
	if err != nil || len(notices) != 2 || notices[0].Text != "正在排队，预计还要等约12秒。" || slices.Contains(a.Notes, notices[0].Text) {
		t.Errorf("notices %+v, kept %q, %v", notices, a.Notes, err)
	}
	if c := rec.Calls[0]; c.Digest != "sha256:abc" || c.Model != "second" || c.Prompted != 7 || c.Completed != 8 {
		t.Errorf("call %+v", c)
	}
}

// TestWritersSideBySide answers many questions with one Guide at once.
func TestWritersSideBySide(t *testing.T) {
	k := loadKnowledge(t)
	chat := &scripted{write: func(p given) (string, error) {
		if strings.Contains(p.question, "博士") {
			return "博士每月1600元[1]。", nil
		}
		return "硕士每月900元[1]。", nil
	}}
	g := k.guide(t, k.searcher, chat)
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			turn, want := rent("880000"), "硕士每月900元[1]。"
			if i%2 > 0 {
				turn.Question, want = "博士租房补贴每月多少？", "博士每月1600元[1]。"
			}
			if a, _, err := g.Answer(context.Background(), turn, nil); err != nil || a.Text != want {
				t.Errorf("%s: %s, %v", turn.Question, a.Text, err)
			}
		})
	}
	all.Wait()
}
