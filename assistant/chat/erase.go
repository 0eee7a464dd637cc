package chat

import (
	"context"
	"fmt"

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
	log, ok := c.log.(Eraser)
	if !ok {
		return 0, fmt.Errorf("erase: this log keeps what it has: %w", kb.ErrUnavailable)
	}
	for _, run := range c.of(caller) {
		run.cancel()
		select {
		case <-run.ended:
		case <-ctx.Done():
			return 0, fmt.Errorf("erase: %w", ctx.Err())
		}
	}
	return log.EraseOwn(ctx, caller)
}

// of returns the running answers of a caller.
func (c *Conversations) of(caller kb.Caller) (own []*answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for ref, run := range c.running {
		if ref.Tenant == caller.Tenant && ref.Subject == caller.Subject {
			own = append(own, run)
		}
	}
	return own
}
