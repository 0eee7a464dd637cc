package limit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"xiaoyue/inference"
)

// errLeft ends a request whose asker has left the loop. It is never passed on.
var errLeft = errors.New("asker left")

// tell passes on how long a request is expected to wait yet, and reports whether the asker is still
// there; nil where the role has no words for it.
type tell func(time.Duration) bool

// admit returns a server for a ticket, at once or when its turn has come.
func (p *pool) admit(ctx context.Context, t *ticket, told tell) (*call, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c, filled, err := p.enter(t)
	if filled {
		p.log.Warn("queue of the model is full", "model", p.name, "waiting", p.opts.Queue)
	}
	if c != nil || err != nil {
		return c, err
	}
	return p.await(ctx, t, told)
}

// enter returns a server if one is free, and else puts the ticket in the line. It reports when the
// line is full and has not been so since it was half empty.
func (p *pool) enter(t *ticket) (c *call, filled bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if err := p.outage(t, now); err != nil {
		return nil, false, err
	}
	if p.line.waiting == 0 || len(t.tried) > 0 {
		if c := p.take(t, now); c != nil {
			return c, false, nil
		}
	}
	t.turn, t.call, t.err = make(chan struct{}), nil, nil
	if len(t.tried) > 0 {
		p.again = append(p.again, t)
		return nil, false, nil
	}
	if p.line.waiting >= p.opts.Queue {
		filled, p.full = !p.full, true
		if !p.makeRoom(t.asker, now) {
			return nil, filled, p.refuse(now)
		}
	}
	p.line.join(t)
	return nil, filled, nil
}

// makeRoom turns away a request of an asker with many for one of an asker with few.
func (p *pool) makeRoom(asker string, now time.Time) bool {
	out := p.line.yield(asker)
	if out != nil {
		out.settle(nil, p.refuse(now))
	}
	return out != nil
}

// refuse returns the fault of a full line.
func (p *pool) refuse(now time.Time) error {
	p.refused++
	return p.fault(inference.ErrOverloaded, fmt.Sprintf("%d requests are waiting", p.line.waiting),
		p.expected(p.line.waiting, now))
}

// await waits for the ticket's turn. Whatever else ends the waiting gives up the place.
func (p *pool) await(ctx context.Context, t *ticket, told tell) (*call, error) {
	called := false
	defer func() {
		if !called {
			p.leave(t)
		}
	}()
	limit := time.NewTimer(p.opts.Wait)
	defer limit.Stop()
	var tick <-chan time.Time
	if told != nil {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		tick = ticker.C
	}
	last := time.Duration(0)
	for {
		wait := p.outlook(t)
		if told != nil && wait > 0 && changed(last, wait) {
			if last = wait; !told(wait) {
				return nil, errLeft
			}
		}
		select {
		case <-t.turn:
			called = true
			return t.call, t.err
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-limit.C:
			return nil, p.fault(inference.ErrOverloaded, fmt.Sprintf("no turn within %v", p.opts.Wait), p.outlook(t))
		case <-tick:
		}
	}
}

// outlook is how long the ticket is expected to wait yet; zero when its turn has come.
func (p *pool) outlook(t *ticket) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.call != nil || t.err != nil {
		return 0
	}
	ahead := max(0, slices.Index(p.again, t))
	if len(t.tried) == 0 {
		ahead = len(p.again) + p.line.ahead(t)
	}
	return p.expected(ahead, time.Now())
}

// leave gives up a ticket's place, or the server that it has been given meanwhile.
func (p *pool) leave(t *ticket) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.call != nil {
		t.call.server.running--
		t.call.server.breaker.leave(t.call.term)
		p.dispatch()
		return
	}
	if i := slices.Index(p.again, t); i >= 0 {
		p.again = slices.Delete(p.again, i, i+1)
		return
	}
	p.line.leave(t)
	p.full = p.full && p.line.waiting > p.opts.Queue/2
}
