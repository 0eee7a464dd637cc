package limit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"xiaoyue/inference"
)

// attempt sends a request to the server of a call. Once some of the answer is passed on the asker is
// being answered, and no other server is tried.
type attempt func(ctx context.Context, c *call) (answering bool, err error)

// do admits a request and sends it to one server after another until one answers, the fault is one
// that another server would not cure, or the retries are spent.
func (p *pool) do(ctx context.Context, asker string, told tell, try attempt) error {
	p.mu.Lock()
	p.budget.request()
	p.mu.Unlock()
	t := &ticket{asker: asker}
	c, err := p.admit(ctx, t, told)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, p.opts.Total, late{"no complete answer within", p.opts.Total})
	defer cancel()
	for {
		answering, err := p.send(ctx, c, try)
		if err == nil || answering || !p.another(t, c.server, err) {
			return err
		}
		if c, err = p.admit(ctx, t, told); err != nil {
			return p.typed(ctx, err)
		}
	}
}

// send tries one server and gives its place back, whatever happens.
func (p *pool) send(ctx context.Context, c *call, try attempt) (answering bool, err error) {
	err = errLeft // should the asker's loop panic
	defer func() { p.judge(c, err) }()
	return try(ctx, c)
}

// within is an attempt at an answer that comes in one piece, with a deadline of each server.
func (p *pool) within(deadline time.Duration, ask func(context.Context, *call) error) attempt {
	return func(ctx context.Context, c *call) (bool, error) {
		ctx, cancel := context.WithTimeoutCause(ctx, deadline, late{"no answer within", deadline})
		defer cancel()
		return false, p.typed(ctx, ask(ctx, c))
	}
}

// another reports whether a ticket that this server failed may try one more.
func (p *pool) another(t *ticket, failed *server, err error) bool {
	if !errors.Is(err, inference.ErrUnavailable) && !errors.Is(err, inference.ErrOverloaded) &&
		!errors.Is(err, inference.ErrMalformed) {
		return false
	}
	t.tried = append(t.tried, failed)
	p.mu.Lock()
	left := p.outage(t, time.Now()) == nil
	within := left && p.budget.retry()
	p.mu.Unlock()
	if left && !within {
		p.log.Warn("too many requests fail to try each again", "model", p.name, "server", failed.name)
	}
	return within
}

// late is the cause of a context that one of our deadlines has ended.
type late struct {
	what  string
	limit time.Duration
}

func (l late) Error() string { return fmt.Sprintf("%s %v", l.what, l.limit) }

// typed tells our deadlines from the caller's end of a request: the former are a fault of the server,
// the latter is the context's own error.
func (p *pool) typed(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		<-ctx.Done() // the network noticed first
	}
	if l, ok := errors.AsType[late](context.Cause(ctx)); ok {
		return p.fault(inference.ErrUnavailable, l.Error(), 0)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return p.fault(inference.ErrUnavailable, err.Error(), 0) // the server's own, not the caller's
	}
	return err
}
