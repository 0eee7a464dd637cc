package chat_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"xiaoyue/assistant/chat"
	"xiaoyue/kb"
)

// parrot answers with the question, one delta a rune, and waits for a token before each of them.
type parrot struct {
	tokens chan struct{} // nil: no waiting
	turns  chan kb.Turn  // nil: not told
}

func (p parrot) Answer(ctx context.Context, turn kb.Turn, emit func(kb.Event) error) (kb.Answer, kb.Record, error) {
	if p.turns != nil {
		p.turns <- turn
	}
	for _, r := range turn.Question {
		if p.tokens != nil {
			select {
			case <-p.tokens:
			case <-ctx.Done():
				return kb.Answer{}, kb.Record{TraceID: turn.Conversation, Turn: turn}, ctx.Err()
			}
		}
		if err := emit(kb.Event{Type: kb.EventDelta, Text: string(r)}); err != nil {
			return kb.Answer{}, kb.Record{}, err
		}
	}
	reply := kb.Answer{Outcome: kb.Answered, Text: turn.Question, QuestionCompleted: turn.Question}
	return reply, kb.Record{TraceID: turn.Conversation, Answer: reply}, nil
}

func ask(t *testing.T, c *chat.Conversations, conversation, question string) chat.Ref {
	t.Helper()
	ref, err := c.Ask(t.Context(), kb.Turn{
		Caller: kb.Caller{Tenant: "t"}, Conversation: conversation, Question: question,
	})
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// script renders the events of a turn in one line: type:text …
func script(t *testing.T, c *chat.Conversations, ref chat.Ref, after int) []string {
	t.Helper()
	var lines []string
	for e, err := range c.Follow(t.Context(), ref, after) {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%d %s %s%s", e.Seq, e.Type, e.Text, e.Code))
	}
	return lines
}

func TestFollowSeesEveryEventOnce(t *testing.T) {
	c := chat.New(parrot{}, newMemory(), nil)
	defer c.Close()
	ref := ask(t, c, "", "落户")
	want := []string{"1 start ", "2 delta 落", "3 delta 户", "4 done "}
	for after := range len(want) + 2 {
		got := script(t, c, ref, after)
		if diff := cmp.Diff(want[min(after, len(want)):], got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("after %d (-want +got):\n%s", after, diff)
		}
	}
}

func TestBrokenConnectionResumes(t *testing.T) {
	tokens := make(chan struct{}, 3)
	c := chat.New(parrot{tokens: tokens}, newMemory(), nil)
	defer c.Close()
	ref := ask(t, c, "", "居住证")
	tokens <- struct{}{}
	seen := 0
	for e, err := range c.Follow(t.Context(), ref, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if seen = e.Seq; e.Type == kb.EventDelta {
			break // the connection breaks here; the answer goes on
		}
	}
	tokens <- struct{}{}
	tokens <- struct{}{}
	want := []string{"3 delta 住", "4 delta 证", "5 done "}
	if diff := cmp.Diff(want, script(t, c, ref, seen)); diff != "" {
		t.Errorf("resumed (-want +got):\n%s", diff)
	}
}

func TestCancelEndsTheTurn(t *testing.T) {
	log := newMemory()
	c := chat.New(parrot{tokens: make(chan struct{})}, log, nil)
	defer c.Close()
	ref := ask(t, c, "", "社保")
	if err := c.Cancel(t.Context(), ref); err != nil {
		t.Fatal(err)
	}
	got := script(t, c, ref, 1)
	if diff := cmp.Diff([]string{"2 error 已停止回答。cancelled"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	log.mu.Lock()
	defer log.mu.Unlock()
	if len(log.records) != 1 {
		t.Errorf("%d records; want that of the answer that was cut short", len(log.records))
	}
}

func TestDeadlineEndsTheTurn(t *testing.T) {
	c := chat.New(parrot{tokens: make(chan struct{})}, newMemory(), &chat.Options{Deadline: time.Millisecond})
	defer c.Close()
	got := script(t, c, ask(t, c, "", "社保"), 1)
	if diff := cmp.Diff([]string{"2 error 回答用时过长，已停止，请稍后再问。timeout"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHistoryReachesTheNextTurn(t *testing.T) {
	turns := make(chan kb.Turn, 2)
	c := chat.New(parrot{turns: turns}, newMemory(), nil)
	defer c.Close()
	first := ask(t, c, "", "硕士补贴")
	script(t, c, first, 0)
	<-turns
	ref := ask(t, c, first.Conversation, "博士呢")
	script(t, c, ref, 0)
	want := []kb.Exchange{{Question: "硕士补贴", Answer: "硕士补贴"}}
	if diff := cmp.Diff(want, (<-turns).History); diff != "" || ref.Turn != 2 {
		t.Errorf("turn %d, history (-want +got):\n%s", ref.Turn, diff)
	}
}

func TestLostLogEndsWithAnError(t *testing.T) {
	log := newMemory()
	log.broken = errors.New("no space")
	c := chat.New(parrot{}, log, nil)
	defer c.Close()
	ref := ask(t, c, "", "社保")
	for e, err := range c.Follow(t.Context(), ref, 0) {
		if err == nil && e.Type != kb.EventError {
			t.Errorf("event %s was shown although it was not logged", e.Type)
		}
	}
}

// faulty panics in the middle of an answer.
type faulty struct{}

func (faulty) Answer(context.Context, kb.Turn, func(kb.Event) error) (kb.Answer, kb.Record, error) {
	panic("index out of range")
}

func TestPanicEndsOneTurnOnly(t *testing.T) {
	c := chat.New(faulty{}, newMemory(), nil)
	defer c.Close()
	want := []string{"2 error 系统暂时无法回答，请稍后再问或拨打12345政务服务便民热线。unavailable"}
	if diff := cmp.Diff(want, script(t, c, ask(t, c, "", "社保"), 1)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTurnCutShortByACrash(t *testing.T) {
	log := newMemory()
	ref := chat.Ref{Tenant: "t", Conversation: "c", Turn: 1}
	log.events[ref] = []kb.Event{{Type: kb.EventStart, Conversation: "c", Turn: 1, Seq: 1}}
	c := chat.New(parrot{}, log, nil)
	defer c.Close()
	want := []string{"2 error 回答中断了，请再问一次。interrupted"}
	if diff := cmp.Diff(want, script(t, c, ref, 1)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAskRefuses(t *testing.T) {
	c := chat.New(parrot{tokens: make(chan struct{})}, newMemory(), &chat.Options{Running: 1})
	ask(t, c, "", "一")
	if _, err := c.Ask(t.Context(), kb.Turn{Question: "二"}); !errors.Is(err, chat.ErrBusy) {
		t.Errorf("second answer beyond the limit: %v", err)
	}
	if _, err := c.Ask(t.Context(), kb.Turn{Conversation: "../x"}); !errors.Is(err, kb.ErrInvalid) {
		t.Errorf("forged conversation id: %v", err)
	}
	c.Close()
	if _, err := c.Ask(t.Context(), kb.Turn{Question: "三"}); !errors.Is(err, kb.ErrUnavailable) {
		t.Errorf("ask after Close: %v", err)
	}
}

func TestFollowUnknownTurn(t *testing.T) {
	c := chat.New(parrot{}, newMemory(), nil)
	defer c.Close()
	for _, err := range c.Follow(t.Context(), chat.Ref{Tenant: "t", Conversation: "x", Turn: 1}, 0) {
		if !errors.Is(err, kb.ErrNotFound) {
			t.Errorf("got %v, want kb.ErrNotFound", err)
		}
	}
}

// TestNobodyHearsAnother runs many conversations at once, each followed by two readers.
func TestNobodyHearsAnother(t *testing.T) {
	c := chat.New(parrot{}, newMemory(), nil)
	defer c.Close()
	var wait sync.WaitGroup
	for i := range 60 {
		question := fmt.Sprintf("第%d问", i)
		ref := ask(t, c, "", question)
		for range 2 {
			wait.Go(func() {
				text := ""
				for e, err := range c.Follow(context.Background(), ref, 0) {
					if err != nil {
						t.Error(err)
						return
					}
					if e.Type == kb.EventDelta {
						text += e.Text
					}
				}
				if text != question {
					t.Errorf("heard %q, want %q", text, question)
				}
			})
		}
	}
	wait.Wait()
}
