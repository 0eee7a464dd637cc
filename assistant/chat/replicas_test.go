package chat_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/assistant/chat"
	"xiaoyue/kb"
)

// waiting answers nothing until it is stopped.
func waiting() parrot { return parrot{tokens: make(chan struct{})} }

// begin waits for the first event.
func begin(t *testing.T, c *chat.Conversations, ref chat.Ref) {
	t.Helper()
	if heard := listen(t, c, ref, 0, 1); len(heard) != 1 {
		t.Fatal("the answer does not begin")
	}
}

func TestFollowElsewhere(t *testing.T) {
	everywhere(t, func(t *testing.T, d deployment) {
		tokens := make(chan struct{})
		a, _ := d.replica(t, parrot{tokens: tokens}, chat.Options{})
		b, _ := d.replica(t, nil, chat.Options{})
		ref := ask(t, a, "", "居住证")
		var lines []string
		for e, err := range b.Follow(t.Context(), ref, 0) {
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, fmt.Sprintf("%d %s %s", e.Seq, e.Type, e.Text))
			if e.Seq <= 3 {
				tokens <- struct{}{} // the next event comes when this one has been seen
			}
		}
		want := []string{"1 start ", "2 delta 居", "3 delta 住", "4 delta 证", "5 done "}
		if diff := cmp.Diff(want, lines); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"4 delta 证", "5 done "}, script(t, b, ref, 3)); diff != "" {
			t.Errorf("afterwards (-want +got):\n%s", diff)
		}
		ref.Turn = 2
		for _, err := range b.Follow(t.Context(), ref, 0) {
			if !errors.Is(err, kb.ErrNotFound) {
				t.Errorf("a turn that there is not: %v", err)
			}
		}
	})
}

func TestCancelElsewhere(t *testing.T) {
	everywhere(t, func(t *testing.T, d deployment) {
		a, _ := d.replica(t, waiting(), chat.Options{})
		b, _ := d.replica(t, nil, chat.Options{})
		ref := ask(t, a, "", "社保")
		foreign := ref
		foreign.Subject = "bob"
		if err := errors.Join(b.Cancel(t.Context(), foreign), b.Cancel(t.Context(), ref)); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		if diff := cmp.Diff([]string{"2 error 已停止回答。cancelled"}, script(t, b, ref, 1)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("stopped after %v", took)
		}
	})
}

func TestDeadReplicaIsInterruptedOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, d deployment) {
		a, kill := d.replica(t, waiting(), chat.Options{PerSubject: 1})
		b, _ := d.replica(t, parrot{}, chat.Options{PerSubject: 1})
		c, _ := d.replica(t, nil, chat.Options{})
		turn := kb.Turn{Caller: kb.Caller{Tenant: "t", Subject: "alice"}, Question: "社保"}
		ref, err := a.Ask(t.Context(), turn)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Ask(t.Context(), turn); !errors.Is(err, chat.ErrGreedy) {
			t.Errorf("a second one while the first runs elsewhere: %v", err)
		}
		begin(t, a, ref)
		kill()
		begun := time.Now()
		var wait sync.WaitGroup
		for range 3 {
			for _, one := range []*chat.Conversations{b, c} {
				wait.Go(func() {
					if diff := cmp.Diff([]string{"2 error 回答中断了，请再问一次。interrupted"}, script(t, one, ref, 1)); diff != "" {
						t.Errorf("(-want +got):\n%s", diff)
					}
				})
			}
		}
		wait.Wait()
		if took := time.Since(begun); took < d.lease/2 || took > 3*d.lease {
			t.Errorf("interrupted after %v, the lease is %v", took, d.lease)
		}
		if ref, err = b.Ask(t.Context(), turn); err != nil {
			t.Fatalf("the place of a dead replica's turn: %v", err)
		}
		script(t, b, ref, 0)
	})
}

// TestLostTurnsEndUnasked has nobody follow the turn of a dead replica.
func TestLostTurnsEndUnasked(t *testing.T) {
	everywhere(t, func(t *testing.T, d deployment) {
		a, kill := d.replica(t, waiting(), chat.Options{})
		ref := ask(t, a, "", "社保")
		script := func() (types []kb.EventType) {
			log, err := d.open(t).Events(t.Context(), kb.Caller{Tenant: "t"}, ref.Conversation, 1, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range log {
				types = append(types, e.Type)
			}
			return types
		}
		begin(t, a, ref)
		kill()
		d.replica(t, nil, chat.Options{})
		for begun := time.Now(); len(script()) < 2 && time.Since(begun) < 5*d.lease; {
			time.Sleep(d.lease / 10)
		}
		if diff := cmp.Diff([]kb.EventType{kb.EventStart, kb.EventError}, script()); diff != "" {
			t.Errorf("the log (-want +got):\n%s", diff)
		}
	})
}

// TestSlowReplicaYields lets a replica come back that the others took for dead: it says what they said.
func TestSlowReplicaYields(t *testing.T) {
	everywhere(t, func(t *testing.T, d deployment) {
		tokens := make(chan struct{})
		a, kill := d.replica(t, parrot{tokens: tokens}, chat.Options{})
		b, _ := d.replica(t, nil, chat.Options{})
		ref := ask(t, a, "", "社保")
		want := []string{"1 start ", "2 error 回答中断了，请再问一次。interrupted"}
		begin(t, a, ref)
		kill()
		if diff := cmp.Diff(want, script(t, b, ref, 0)); diff != "" {
			t.Errorf("elsewhere (-want +got):\n%s", diff)
		}
		tokens <- struct{}{}
		if diff := cmp.Diff(want, script(t, a, ref, 0)); diff != "" {
			t.Errorf("on the slow one (-want +got):\n%s", diff)
		}
	})
}

func TestLimitsHoldAcrossReplicas(t *testing.T) {
	tests := []struct {
		name   string
		caller func(i int) kb.Caller
		err    error
	}{
		{"of a subject", func(int) kb.Caller { return kb.Caller{Tenant: "t", Subject: "alice"} }, chat.ErrGreedy},
		{"of an address", func(i int) kb.Caller {
			return kb.Caller{Tenant: "t", Subject: fmt.Sprint(i), Address: "192.0.2.1"}
		}, chat.ErrGreedy},
		{"of all", func(int) kb.Caller { return kb.Caller{Tenant: "t"} }, chat.ErrBusy},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, d deployment) {
				opts := chat.Options{PerSubject: 3, PerAddress: 3, Running: 3 + 97*min(1, len(tt.caller(0).Subject))}
				a, _ := d.replica(t, waiting(), opts)
				b, _ := d.replica(t, waiting(), opts)
				replicas := []*chat.Conversations{a, b}
				var taken atomic.Int32
				var wait sync.WaitGroup
				for i := range 24 { // all at once: a few are let in, never too many
					wait.Go(func() {
						switch _, err := replicas[i%2].Ask(t.Context(), kb.Turn{Caller: tt.caller(i), Question: "社保"}); {
						case err == nil:
							taken.Add(1)
						case !errors.Is(err, tt.err):
							t.Error(err)
						}
					})
				}
				wait.Wait()
				for i := range 4 { // one after the other: every place is given
					if _, err := replicas[i%2].Ask(t.Context(), kb.Turn{Caller: tt.caller(i), Question: "社保"}); err == nil {
						taken.Add(1)
					}
				}
				if n := taken.Load(); n != 3 {
					t.Errorf("%d answers run, want 3", n)
				}
			})
		})
	}
}

func TestEraseElsewhere(t *testing.T) {
	everywhere(t, func(t *testing.T, d deployment) {
		a, _ := d.replica(t, waiting(), chat.Options{})
		b, _ := d.replica(t, nil, chat.Options{})
		alice := kb.Caller{Tenant: "t", Subject: "alice"}
		ref, err := a.Ask(t.Context(), kb.Turn{Caller: alice, Question: "补贴"})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := b.Erase(t.Context(), alice); n == 0 || err != nil {
			t.Errorf("erased %d, %v", n, err)
		}
		for _, err := range b.Follow(t.Context(), ref, 0) {
			if !errors.Is(err, kb.ErrNotFound) {
				t.Errorf("after erasure: %v", err)
			}
		}
	})
}

// TestDrainLosesNothing drains a replica while fifty answers run on it, and moves their readers to another
// one, each at an event of its own.
func TestDrainLosesNothing(t *testing.T) {
	const answers = 50
	everywhere(t, func(t *testing.T, d deployment) {
		a, _ := d.replica(t, &paced{pause: 10 * time.Millisecond}, chat.Options{})
		b, _ := d.replica(t, parrot{}, chat.Options{})
		var wait sync.WaitGroup
		for i := range answers {
			question := strings.Repeat(fmt.Sprintf("第%d问", i), 4)
			ref := ask(t, a, "", question)
			wait.Go(func() {
				heard := listen(t, a, ref, 0, 1+i%15)
				heard = append(heard, listen(t, b, ref, len(heard), 0)...)
				if diff := cmp.Diff(spelt(question), heard); diff != "" {
					t.Errorf("%s (-want +got):\n%s", question, diff)
				}
			})
		}
		if err := a.Drain(t.Context()); err != nil {
			t.Error(err)
		}
		if _, err := a.Ask(t.Context(), kb.Turn{Caller: kb.Caller{Tenant: "t"}, Question: "社保"}); !errors.Is(err, chat.ErrLeaving) {
			t.Errorf("ask of a replica that leaves: %v", err)
		}
		a.Close()
		wait.Wait()
		ref := ask(t, b, "", "社保")
		if diff := cmp.Diff(spelt("社保"), listen(t, b, ref, 0, 0)); diff != "" {
			t.Errorf("the other one (-want +got):\n%s", diff)
		}
	})
}

// paced says a rune after each pause.
type paced struct{ pause time.Duration }

func (p *paced) Answer(ctx context.Context, turn kb.Turn, emit func(kb.Event) error) (kb.Answer, kb.Record, error) {
	for _, r := range turn.Question {
		time.Sleep(p.pause)
		if err := emit(kb.Event{Type: kb.EventDelta, Text: string(r)}); err != nil {
			return kb.Answer{}, kb.Record{}, err
		}
	}
	return kb.Answer{Outcome: kb.Answered}, kb.Record{}, nil
}

// spelt is what a reader hears of the answer to a question.
func spelt(question string) []string {
	all := []string{"1 start "}
	for _, r := range question {
		all = append(all, fmt.Sprintf("%d delta %c", len(all)+1, r))
	}
	return append(all, fmt.Sprintf("%d done ", len(all)+1))
}

// listen reads at most so many events; 0: all.
func listen(t *testing.T, c *chat.Conversations, ref chat.Ref, after, most int) (heard []string) {
	for e, err := range c.Follow(t.Context(), ref, after) {
		if err != nil {
			t.Error(err)
			return heard
		}
		heard = append(heard, fmt.Sprintf("%d %s %s", e.Seq, e.Type, e.Text))
		if len(heard) == most {
			break
		}
	}
	return heard
}

func TestWhatDoesNotEndInTimeIsInterrupted(t *testing.T) {
	everywhere(t, func(t *testing.T, d deployment) {
		a, _ := d.replica(t, waiting(), chat.Options{})
		b, _ := d.replica(t, nil, chat.Options{})
		ref := ask(t, a, "", "社保")
		short, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer stop()
		if err := a.Drain(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("drained: %v", err)
		}
		a.Close()
		want := []string{"1 start ", "2 error 回答中断了，请再问一次。interrupted"}
		if diff := cmp.Diff(want, script(t, b, ref, 0)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		n, err := d.open(t).Running(t.Context(), kb.Caller{Tenant: "t"})
		if err != nil || n.All != 0 {
			t.Errorf("%d turns run, %v", n.All, err)
		}
	})
}

// TestTroubledLog has the log fail a follower for a moment, and a writer whose event was written all the same.
func TestTroubledLog(t *testing.T) {
	m := &moody{memory: newMemory(), failEvery: 3}
	a := chat.New(&paced{pause: time.Millisecond}, m.memory, nil)
	defer a.Close()
	b := chat.New(nil, m, nil)
	defer b.Close()
	ref := ask(t, a, "", "居住证办理")
	if diff := cmp.Diff(spelt("居住证办理"), listen(t, b, ref, 0, 0)); diff != "" {
		t.Errorf("a log that fails now and then (-want +got):\n%s", diff)
	}
	c := chat.New(parrot{}, &forgetful{newMemory()}, nil)
	defer c.Close()
	got := listen(t, c, ask(t, c, "", "居住"), 0, 0)
	want := []string{"1 start ", "2 delta 居", "3 error 系统暂时无法回答，请稍后再问或拨打12345政务服务便民热线。"}
	if diff := cmp.Diff(want, got); diff != "" || !slices.IsSorted(got) {
		t.Errorf("an event that was written although its writing failed (-want +got):\n%s", diff)
	}
}

// moody fails some reads.
type moody struct {
	*memory
	failEvery int
	reads     int
}

func (m *moody) Events(ctx context.Context, caller kb.Caller, conversation string, turn, after int) ([]kb.Event, error) {
	if m.reads++; m.reads%m.failEvery == 0 {
		return nil, kb.ErrUnavailable
	}
	return m.memory.Events(ctx, caller, conversation, turn, after)
}

// forgetful writes deltas and says that it has not.
type forgetful struct{ *memory }

func (f *forgetful) AppendEvents(ctx context.Context, tenant string, events []kb.Event) error {
	err := f.memory.AppendEvents(ctx, tenant, events)
	if err == nil && events[0].Type == kb.EventDelta {
		err = kb.ErrUnavailable
	}
	return err
}
