package limit

import (
	"context"
	"errors"
	"time"

	"xiaoyue/inference"
)

const (
	shortHold = time.Second      // off an overloaded server that names no time; twice that when it still is
	maxHold   = 10 * time.Minute // whatever time it names
	probeTime = 5 * time.Second  // for a server to say how it is
)

// proved notes that a server has begun to answer.
func (p *pool) proved(c *call) {
	p.mu.Lock()
	closed := c.server.health == HalfOpen && c.server.pass(c.term, p.opts.Cooldown)
	if closed {
		c.term = c.server.term
		p.dispatch()
	}
	p.mu.Unlock()
	if closed {
		p.log.Info("model server is back in use", "model", p.name, "server", c.server.name)
	}
}

// judge takes a request off its server and draws the conclusions from how it ended.
func (p *pool) judge(c *call, err error) {
	p.mu.Lock()
	s, now := c.server, time.Now()
	s.running--
	blamed, changed := p.weigh(c, err, now)
	if blamed {
		s.failed++
		s.fault, s.faultAt = err, now
		p.sweep()
	}
	opened := blamed && changed
	if opened && !p.closed {
		p.probes.Go(func() { p.revive(s) })
	}
	next := s.next
	p.dispatch()
	p.mu.Unlock()

	if !blamed && !changed {
		return
	}
	log := p.log.With("model", p.name, "server", s.name)
	switch {
	case opened:
		log.Error("model server is out of use", "err", err, "trial", time.Until(next).Round(time.Millisecond))
	case blamed:
		log.Warn("model server left", "err", err)
	default:
		log.Info("model server is back in use")
	}
}

// weigh counts how a request ended. It reports whether the server is to blame, and whether that took
// it out of use, or else brought it back.
func (p *pool) weigh(c *call, err error, now time.Time) (blamed, changed bool) {
	s := c.server
	switch {
	case err == nil:
		s.answered++
		s.busy = 0
		p.pace.add(now.Sub(c.began))
		return false, s.pass(c.term, p.opts.Cooldown)
	case errors.Is(err, errLeft), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		s.left++
		s.leave(c.term)
		return false, false
	case errors.Is(err, inference.ErrTooLong), errors.Is(err, inference.ErrRefused):
		return false, s.pass(c.term, p.opts.Cooldown)
	case errors.Is(err, inference.ErrOverloaded):
		s.leave(c.term)
		p.hold(s, err, now)
		return true, false
	}
	return true, s.fail(c.term, p.opts.Faults, now)
}

// hold keeps requests from a server that asked for it.
func (p *pool) hold(s *server, err error, now time.Time) {
	d := shortHold << min(s.busy, 5)
	s.busy++
	if told, ok := errors.AsType[*inference.Error](err); ok && told.RetryAfter > 0 {
		d = min(told.RetryAfter, maxHold)
	}
	if until := now.Add(d); until.After(s.held) {
		s.held = until
	}
	if s.wake != nil {
		s.wake.Stop()
	}
	s.wake = time.AfterFunc(s.held.Sub(now), func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.dispatch()
	})
}

// revive waits until a server that is out of use can serve a trial. One that can be asked how it is
// must have said so before a request is risked on it.
func (p *pool) revive(s *server) {
	for {
		p.mu.Lock()
		next := s.next
		p.mu.Unlock()
		if !sleep(p.life, time.Until(next)) {
			return
		}
		err := s.probe(p.life)
		if p.life.Err() != nil {
			return
		}
		p.mu.Lock()
		if err == nil {
			s.turn(HalfOpen)
			p.dispatch()
			p.mu.Unlock()
			p.log.Info("model server is on trial", "model", p.name, "server", s.name)
			return
		}
		s.fault, s.faultAt = err, time.Now()
		s.postpone(s.faultAt)
		p.mu.Unlock()
		p.log.Warn("model server is still out of use", "model", p.name, "server", s.name, "err", err)
	}
}

// probe asks a server how it is, where it can be asked.
func (s *server) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	if _, err := s.inspect(ctx); err != errMute {
		return err
	}
	return nil
}

// sleep reports whether the time passed before the context ended.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
