package chat

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"xiaoyue/kb"
)

// How often the log is read for a turn that runs elsewhere: soon after an event, then more and more seldom;
// and after how much silence the replica that answers is asked for. A log that fails is read again for a while.
const (
	pollFirst = 50 * time.Millisecond
	pollMost  = 250 * time.Millisecond
	lookEvery = time.Second
	excused   = 10 * time.Second
)

// Follow yields the events of a turn after a sequence number, first those that are there, then the
// rest as they come, and ends after done or error. Leaving the loop does not stop the answer.
// A turn that is neither running nor logged, or not of the subject, is kb.ErrNotFound. One whose replica is
// gone ends with an error event.
func (c *Conversations) Follow(ctx context.Context, ref Ref, after int) iter.Seq2[kb.Event, error] {
	return func(yield func(kb.Event, error) bool) {
		if run := c.here(ref); run != nil {
			run.follow(ctx, after, yield)
			return
		}
		f := &follower{conversations: c, ref: ref, after: after, wait: pollFirst}
		f.follow(ctx, yield)
	}
}

// follower reads a turn from the log while another replica answers it, or after it is over.
type follower struct {
	conversations *Conversations
	ref           Ref
	after         int           // last event read
	wait          time.Duration // until the next look
	read          time.Time     // when the log was read last without a fault
	looked        time.Time     // when the turn was last known to run
}

func (f *follower) follow(ctx context.Context, yield func(kb.Event, error) bool) {
	for {
		events, over, err := f.next(ctx)
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
			f.after = e.Seq
		}
		if err != nil {
			yield(kb.Event{}, fmt.Errorf("turn %d of conversation %s: %w", f.ref.Turn, f.ref.Conversation, err))
			return
		}
		if over {
			return
		}
		select {
		case <-time.After(f.wait):
		case <-ctx.Done():
			yield(kb.Event{}, ctx.Err())
			return
		}
	}
}

// next returns the events that have come, and whether they are the last ones.
func (f *follower) next(ctx context.Context) (events []kb.Event, over bool, err error) {
	events, err = f.conversations.events(ctx, f.ref, f.after)
	now := time.Now()
	if err == nil && len(events) == 0 && now.Sub(f.looked) >= lookEvery {
		events, over, err = f.look(ctx)
		f.looked = now
	}
	if err != nil && ctx.Err() == nil && !errors.Is(err, kb.ErrNotFound) {
		f.conversations.trouble()
	}
	switch {
	case err != nil && ctx.Err() == nil && now.Sub(f.read) < excused:
		f.wait = pollMost
		return nil, false, nil
	case err != nil:
		return nil, false, err
	case len(events) > 0:
		f.wait, f.looked = pollFirst, now
		over = over || events[len(events)-1].Final()
	default:
		f.wait = min(f.wait*5/4, pollMost)
	}
	f.read = now
	return events, over, nil
}

// look asks whether the turn runs. Where it does not, it is ended, unless it has ended meanwhile or its replica may
// not have been able to say that it lives.
func (f *follower) look(ctx context.Context) (events []kb.Event, over bool, err error) {
	runs, err := f.conversations.store.TurnRuns(ctx, f.ref)
	if runs || err != nil {
		return nil, false, err
	}
	all, err := f.conversations.events(ctx, f.ref, 0)
	if err == nil && len(all) == 0 {
		f.read = time.Time{} // no fault to wait out
		err = kb.ErrNotFound
	}
	if err == nil && !all[len(all)-1].Final() && f.conversations.sound() {
		all, err = f.conversations.end(ctx, f.ref)
	}
	if err != nil {
		return nil, false, err
	}
	for _, e := range all {
		if e.Seq > f.after {
			events = append(events, e)
		}
	}
	return events, all[len(all)-1].Final(), nil
}

func (c *Conversations) events(ctx context.Context, ref Ref, after int) ([]kb.Event, error) {
	return c.store.Events(ctx, kb.Caller{Tenant: ref.Tenant, Subject: ref.Subject}, ref.Conversation, ref.Turn, after)
}

// end gives a turn whose replica is gone its last event and returns all of them. Where another replica was
// faster, that one's event is the last one; where the one that answers was only slow, the turn goes on. An
// end that the log cannot take is returned all the same.
func (c *Conversations) end(ctx context.Context, ref Ref) ([]kb.Event, error) {
	events, err := c.events(ctx, ref, 0)
	if err != nil {
		return nil, err
	}
	if n := len(events); n > 0 && events[n-1].Final() {
		return events, c.store.LeaveTurn(ctx, ref)
	}
	last := identified(ref, len(events)+1, interrupted())
	failed := c.store.AppendEvents(ctx, ref.Tenant, []kb.Event{last})
	if failed == nil {
		return append(events, last), nil
	}
	if now, err := c.events(ctx, ref, 0); err == nil && len(now) > len(events) {
		return now, nil
	}
	c.opts.Logger.Warn("end of a turn whose replica is gone is not logged", "conversation", ref.Conversation, "turn", ref.Turn, "err", failed)
	return append(events, last), ctx.Err()
}
