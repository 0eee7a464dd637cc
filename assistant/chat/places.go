package chat

import (
	"context"

	"xiaoyue/kb"
)

// room refuses a caller for whom too many answers would run with some more, counted over all replicas. A
// subject is one person, unless it is a bearer of roles, which may be a gateway that speaks for many; an
// address may be a whole hall. Subjects cost nothing to make up: that is why addresses are bounded too.
func (c *Conversations) room(ctx context.Context, caller kb.Caller, more int) error {
	n, err := c.store.Running(ctx, caller)
	if err != nil {
		return err
	}
	own := c.opts.PerSubject
	if len(caller.Roles) > 0 {
		own = c.opts.PerAddress
	}
	switch {
	case n.All+more > c.opts.Running:
		return ErrBusy
	case caller.Subject != "" && n.Subject+more > own, caller.Address != "" && n.Address+more > c.opts.PerAddress:
		return ErrGreedy
	}
	return nil
}

// take takes a place for a turn, or none. Replicas take places without waiting for each other, and look
// afterwards whether it was one too many: the last one to look sees all that were let in, so that there are
// never more than allowed. Of those that come at once for the last place, all may be refused.
func (c *Conversations) take(ctx context.Context, ref Ref, caller kb.Caller) error {
	sure, stop := context.WithTimeout(context.WithoutCancel(ctx), logTimeout) // who leaves must not leave a place behind
	defer stop()
	if err := c.store.EnterTurn(sure, c.lease.replica, ref, caller.Address, c.opts.Deadline+2*logTimeout); err != nil {
		return err
	}
	err := c.room(sure, caller, 0)
	if err != nil {
		c.giveBack(ctx, ref)
	}
	return err
}

// giveBack gives the place of a turn back that has no last event in the log.
func (c *Conversations) giveBack(ctx context.Context, ref Ref) {
	late, stop := context.WithTimeout(context.WithoutCancel(ctx), logTimeout)
	defer stop()
	if err := c.store.LeaveTurn(late, ref); err != nil {
		c.opts.Logger.Error("place of a turn is not given back", "conversation", ref.Conversation, "turn", ref.Turn, "err", err)
	}
}
