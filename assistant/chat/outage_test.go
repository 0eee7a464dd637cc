package chat_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/assistant/chat"
	"xiaoyue/kb"
)

// remote is a store that goes away.
type remote struct {
	*memory
	away *atomic.Bool
}

func (r remote) RenewReplica(ctx context.Context, replica string, lease time.Duration) ([]chat.Ref, error) {
	if r.away.Load() {
		return nil, kb.ErrUnavailable
	}
	return r.memory.RenewReplica(ctx, replica, lease)
}

func (r remote) LostTurns(ctx context.Context, limit int) ([]chat.Ref, error) {
	if r.away.Load() {
		return nil, kb.ErrUnavailable
	}
	return r.memory.LostTurns(ctx, limit)
}

func (r remote) Events(ctx context.Context, caller kb.Caller, conversation string, turn, after int) ([]kb.Event, error) {
	if r.away.Load() {
		return nil, kb.ErrUnavailable
	}
	return r.memory.Events(ctx, caller, conversation, turn, after)
}

// TestOutageEndsNoLivingAnswer takes the store away for longer than a lease while an answer has nothing to say. When
// the store is back, others look before the replica that answers has said that it lives: they take its silence for what
// it is. Dead, it is found dead some leases later.
func TestOutageEndsNoLivingAnswer(t *testing.T) {
	const lease = 10 * time.Second
	for _, tt := range []struct {
		name     string
		followed bool // at the moment when the store is back
		dies     bool
		want     []string
	}{
		{"looked for", false, false, spelt("社保")},
		{"followed", true, false, spelt("社保")},
		{"dead and looked for", false, true, []string{"1 start ", "2 error 回答中断了，请再问一次。"}},
		{"dead and followed", true, true, []string{"1 start ", "2 error 回答中断了，请再问一次。"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, tokens := remote{newMemory(), &atomic.Bool{}}, make(chan struct{}, 2)
				b := chat.New(nil, m, &chat.Options{Lease: lease})
				defer b.Close()
				time.Sleep(lease / 30) // b looks before a renews
				dying := &mortal{store: m}
				a := chat.New(parrot{tokens: tokens}, dying, &chat.Options{Lease: lease})
				defer a.Close()
				ref := ask(t, a, "", "社保")
				begin(t, a, ref)
				dying.dead.Store(tt.dies)
				m.away.Store(true)
				time.Sleep(2*lease - lease/30 - lease/100)
				if tt.followed {
					for range b.Follow(t.Context(), ref, 0) { // a reader that comes too early
					}
				}
				m.away.Store(false)
				if !tt.followed {
					time.Sleep(lease / 2) // b has looked
				}
				if !tt.dies {
					time.AfterFunc(lease, func() { close(tokens) })
				}
				if diff := cmp.Diff(tt.want, listen(t, b, ref, 0, 0)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if tt.dies {
					close(tokens)
				}
			})
		})
	}
}
