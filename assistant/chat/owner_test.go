package chat_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/assistant/chat"
	"xiaoyue/kb"
)

func TestOnlyTheOwnerHearsAndStops(t *testing.T) {
	tokens := make(chan struct{}, 2)
	c := chat.New(parrot{tokens: tokens}, newMemory(), nil)
	defer c.Close()
	turn := kb.Turn{Caller: kb.Caller{Tenant: "t", Subject: "alice"}, Question: "补贴"}
	own, err := c.Ask(t.Context(), turn)
	if err != nil {
		t.Fatal(err)
	}
	deaf := func(when string) {
		for _, subject := range []string{"bob", ""} {
			foreign := own
			foreign.Subject = subject
			if err := c.Cancel(t.Context(), foreign); err != nil {
				t.Error(err)
			}
			for e, err := range c.Follow(t.Context(), foreign, 0) {
				if !errors.Is(err, kb.ErrNotFound) {
					t.Errorf("%s, %q hears %q, %v", when, subject, e.Text, err)
				}
			}
			turn := kb.Turn{Caller: kb.Caller{Tenant: "t", Subject: subject}, Conversation: own.Conversation, Question: "x"}
			if _, err := c.Ask(t.Context(), turn); !errors.Is(err, kb.ErrNotFound) {
				t.Errorf("%s, %q goes on: %v", when, subject, err)
			}
		}
	}
	deaf("while it runs")
	tokens <- struct{}{}
	tokens <- struct{}{}
	want := []string{"1 start ", "2 delta 补", "3 delta 贴", "4 done "}
	if diff := cmp.Diff(want, script(t, c, own, 0)); diff != "" {
		t.Errorf("the owner (-want +got):\n%s", diff)
	}
	deaf("afterwards")
}

func TestOneAskerCannotTakeAllPlaces(t *testing.T) {
	tests := []struct {
		name   string
		caller kb.Caller
		places int
		err    error
	}{
		{"a citizen", kb.Caller{Subject: "alice"}, 2, chat.ErrGreedy},
		{"a citizen of many names at one address", kb.Caller{Address: "192.0.2.1"}, 3, chat.ErrGreedy},
		{"a bearer, which may be a gateway", kb.Caller{Subject: "bureau", Roles: []kb.Role{kb.RoleClerk}}, 3, chat.ErrGreedy},
		{"nobody in particular", kb.Caller{}, 6, chat.ErrBusy},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := chat.New(parrot{tokens: make(chan struct{})}, newMemory(), &chat.Options{Running: 6, PerSubject: 2, PerAddress: 3})
			defer c.Close()
			for range tt.places {
				if _, err := c.Ask(t.Context(), kb.Turn{Caller: tt.caller, Question: "一"}); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := c.Ask(t.Context(), kb.Turn{Caller: tt.caller, Question: "二"}); !errors.Is(err, tt.err) {
				t.Errorf("one more: %v, want %v", err, tt.err)
			}
			_, err := c.Ask(t.Context(), kb.Turn{Caller: kb.Caller{Subject: "bob", Address: "192.0.2.2"}, Question: "三"})
			if full := tt.err == chat.ErrBusy; (err == nil) == full {
				t.Errorf("somebody else: %v", err)
			}
		})
	}
}

func TestEraseStopsAndForgets(t *testing.T) {
	log := newMemory()
	c := chat.New(parrot{tokens: make(chan struct{})}, log, nil)
	defer c.Close()
	alice := kb.Caller{Tenant: "t", Subject: "alice"}
	ref, err := c.Ask(t.Context(), kb.Turn{Caller: alice, Question: "补贴"})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := c.Erase(t.Context(), alice); n != 1 || err != nil {
		t.Errorf("erased %d, %v", n, err)
	}
	for _, err := range c.Follow(t.Context(), ref, 0) {
		if !errors.Is(err, kb.ErrNotFound) {
			t.Errorf("after erasure: %v", err)
		}
	}
	if _, err := c.Erase(t.Context(), kb.Caller{Tenant: "t"}); !errors.Is(err, kb.ErrInvalid) {
		t.Errorf("erasing as nobody: %v", err)
	}
}

// endless answers without end, in words of a size.
type endless struct{ word string }

func (e endless) Answer(_ context.Context, _ kb.Turn, emit func(kb.Event) error) (kb.Answer, kb.Record, error) {
	for {
		if err := emit(kb.Event{Type: kb.EventDelta, Text: e.word}); err != nil {
			return kb.Answer{}, kb.Record{}, err
		}
	}
}

func TestMemoryOfAnAnswerIsBounded(t *testing.T) {
	for _, word := range []string{"的", strings.Repeat("的", 1<<16)} {
		log := newMemory()
		c := chat.New(endless{word}, log, nil)
		lines := script(t, c, ask(t, c, "", "补贴"), 0)
		c.Close()
		if last := lines[len(lines)-1]; !strings.HasSuffix(last, "unavailable") || len(lines) > 1<<12+1 {
			t.Errorf("%d events, the last %q", len(lines), last)
		}
	}
}

// costly answers after two calls to a model.
type costly struct{}

func (costly) Answer(context.Context, kb.Turn, func(kb.Event) error) (kb.Answer, kb.Record, error) {
	calls := []kb.Call{{Prompted: 100, Completed: 7}, {Prompted: 120, Completed: 8}}
	return kb.Answer{Outcome: kb.Answered}, kb.Record{TraceID: "x", Calls: calls}, nil
}

func TestDoneCountsTokensAndIsObservedOnce(t *testing.T) {
	c := chat.New(costly{}, newMemory(), nil)
	var seen []kb.Event
	c.Observe(func(last kb.Event, record kb.Record) {
		if len(record.Calls) != 2 {
			t.Errorf("record %+v", record)
		}
		seen = append(seen, last)
	})
	ref := ask(t, c, "", "补贴")
	script(t, c, ref, 0)
	script(t, c, ref, 0)
	c.Close()
	if len(seen) != 1 {
		t.Fatalf("observed %d times", len(seen))
	}
	if diff := cmp.Diff(&kb.Usage{Prompted: 220, Completed: 15}, seen[0].Usage); diff != "" {
		t.Errorf("usage (-want +got):\n%s", diff)
	}
}
