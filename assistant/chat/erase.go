package chat

import (
	"context"
	"fmt"
	"time"

	"xiaoyue/kb"
)

// Eraser is a Log that can delete all that it holds of a caller: conversations, records, feedback. It
// returns how many there were, and keeps account of the act itself.
type Eraser interface {
	EraseOwn(ctx context.Context, caller kb.Caller) (int, error)
}

// Erase stops the running answers of a caller, waits until they write no more, and deletes what the
// log holds of the caller. A caller without a subject is kb.ErrInvalid, a log that cannot erase
// kb.ErrUnavailable.
func (c *Conversations) Erase(ctx context.Context, caller kb.Caller) (int, error) {
	if caller.Subject == "" {
		return 0, fmt.Errorf("erase: %w: nobody in particular owns nothing", kb.ErrInvalid)
	}
	log, ok := c.store.(Eraser)
	if !ok {
		return 0, fmt.Errorf("erase: this log keeps what it has: %w", kb.ErrUnavailable)
	}
	if err := c.stop(ctx, caller); err != nil {
		return 0, fmt.Errorf("erase: %w", err)
	}
	return log.EraseOwn(ctx, caller)
}

// stop stops the answers of a caller and waits until they run no more, on any replica.
func (c *Conversations) stop(ctx context.Context, caller kb.Caller) error {
	c.mu.Lock()
	for ref, run := range c.running {
		if ref.Tenant == caller.Tenant && ref.Subject == caller.Subject {
			run.cancel(nil)
		}
	}
	c.mu.Unlock()
	caller.Address = "" // is not asked for
	for asked := false; ; asked = true {
		n, err := c.store.Running(ctx, caller)
		if err != nil || n.Subject == 0 {
			return err
		}
		if !asked {
			if err := c.store.StopTurns(ctx, Ref{Tenant: caller.Tenant, Subject: caller.Subject}); err != nil {
				return err
			}
		}
		select {
		case <-time.After(pollFirst):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
