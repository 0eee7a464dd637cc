package modeltest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"xiaoyue/inference"
)

// endedContext asks with a context that has ended before.
func endedContext(t *testing.T, s *Chat) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if a := listen(ctx, t, s.New(t), dictated("yes")); a.err != context.Canceled || len(a.deltas) > 0 {
		t.Errorf("%d deltas and %v, want context.Canceled itself", len(a.deltas), a.err)
	}
}

// cancellation ends answers in their middle, by the reader's context.
func cancellation(t *testing.T, s *Chat) {
	s.abandon(t, func(ctx context.Context, m inference.ChatModel) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		var last error
		for _, err := range m.Chat(ctx, s.endless()) {
			last = err
			cancel()
		}
		if last != context.Canceled {
			return fmt.Errorf("%v, want context.Canceled itself", last)
		}
		return nil
	})
}

// deadline lets answers run into one, before their first token or behind it.
func deadline(t *testing.T, s *Chat) {
	s.abandon(t, func(ctx context.Context, m inference.ChatModel) error {
		ctx, cancel := context.WithTimeout(ctx, s.Deadline)
		defer cancel()
		var last error
		for _, err := range m.Chat(ctx, s.endless()) {
			last = err
		}
		if last != context.DeadlineExceeded {
			return fmt.Errorf("%v, want context.DeadlineExceeded itself", last)
		}
		return nil
	})
}

// leaving breaks out of the loop.
func leaving(t *testing.T, s *Chat) {
	s.abandon(t, func(ctx context.Context, m inference.ChatModel) error {
		for _, err := range m.Chat(ctx, s.endless()) {
			return err
		}
		return errors.New("no delta")
	})
}

// abandon fills the server with answers that are left, over and over, and asks it then: if it wrote
// on for those who left, the answer would not come in time.
func (s *Chat) abandon(t *testing.T, leave func(context.Context, inference.ChatModel) error) {
	ctx, cancel := context.WithTimeout(t.Context(), s.Patience)
	defer cancel()
	m := s.New(t)
	var wg sync.WaitGroup
	for range max(s.Parallel, 1) {
		wg.Go(func() {
			for range 4 {
				if err := leave(ctx, m); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if a := listen(ctx, t, m, dictated("yes")); a.err != nil {
		t.Errorf("the next request: %v", a.err)
	}
}

// concurrency checks that nobody gets another's words.
func concurrency(t *testing.T, s *Chat) {
	ctx, cancel := context.WithTimeout(t.Context(), s.Patience)
	defer cancel()
	m := s.New(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			want := fmt.Sprintf("reader %d %s", i, strings.Repeat(string(rune('a'+i)), 10))
			var got string
			a := listen(ctx, t, m, dictated(want))
			if a.err != nil || json.Unmarshal([]byte(a.text), &got) != nil || got != want {
				t.Errorf("answer %q, %v; want %q", a.text, a.err, want)
			}
		})
	}
	wg.Wait()
}
