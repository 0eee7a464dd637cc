package limit

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"xiaoyue/inference"
)

// server is what the pool knows of a server. All but its configuration is guarded by the pool's lock.
type server struct {
	name      string
	index     int
	weight    int
	parallel  int
	inspector inference.Inspector // nil: the server cannot be asked how it is

	breaker
	running int
	credit  int       // towards its turn among servers that are loaded alike
	held    time.Time // the server asked for no requests until then
	busy    int       // times in a row that it did
	wake    *time.Timer

	answered, failed, left uint64
	fault                  error // the last one
	faultAt                time.Time
}

// room reports whether the server takes one more request now.
func (s *server) room(now time.Time) bool {
	return s.admits() && s.running < s.parallel && !s.held.After(now)
}

// call is a request on a server.
type call struct {
	server *server
	term   int
	began  time.Time
}

// pool shares out the servers of a role.
type pool struct {
	name    string
	opts    Options
	log     *slog.Logger
	servers []*server // set once

	mu      sync.Mutex
	line    line
	again   []*ticket // failed by one server and waiting for another, before all others; at most as many as run
	pace    pace
	budget  budget
	refused uint64
	full    bool // and said so in the log
	closed  bool

	life   context.Context // of the background probes; ends with Close
	end    context.CancelFunc
	probes sync.WaitGroup
}

func newPool(o Options) *pool {
	p := &pool{opts: o, log: o.Log}
	p.life, p.end = context.WithCancel(context.Background())
	return p
}

func (p *pool) named(name string) *server {
	for _, s := range p.servers {
		if s.name == name {
			return s
		}
	}
	return nil
}

// close turns away the waiting, ends the probes and waits for them.
func (p *pool) close() error {
	p.mu.Lock()
	p.closed = true
	for _, s := range p.servers {
		if s.wake != nil {
			s.wake.Stop()
		}
	}
	p.sweep()
	p.mu.Unlock()
	p.end()
	p.probes.Wait()
	return nil
}

// take gives a ticket the best server with room, or nil.
//
// The best is the least loaded for its weight; among equals the turns are spread by weight, smoothly
// (as nginx does for least_conn).
func (p *pool) take(t *ticket, now time.Time) *call {
	var equals []*server
	for _, s := range p.servers {
		if !s.room(now) || slices.Contains(t.tried, s) {
			continue
		}
		if len(equals) > 0 {
			switch cmp.Compare(s.running*equals[0].weight, equals[0].running*s.weight) {
			case 1:
				continue
			case -1:
				equals = equals[:0]
			}
		}
		equals = append(equals, s)
	}
	if len(equals) == 0 {
		return nil
	}
	best, total := equals[0], 0
	for _, s := range equals {
		s.credit += s.weight
		total += s.weight
		if s.credit > best.credit {
			best = s
		}
	}
	best.credit -= total
	best.running++
	return &call{best, best.begin(), now}
}

// dispatch gives servers with room to those whose turn it is.
func (p *pool) dispatch() {
	now := time.Now()
	p.again = slices.DeleteFunc(p.again, func(t *ticket) bool {
		c := p.take(t, now)
		if c != nil {
			t.settle(c, nil)
		}
		return c != nil
	})
	for p.line.waiting > 0 {
		c := p.take(p.line.first(), now)
		if c == nil {
			return
		}
		p.line.next().settle(c, nil)
	}
	p.full = p.full && p.line.waiting > p.opts.Queue/2
}

// sweep turns away the waiting that no server is left for.
func (p *pool) sweep() {
	now := time.Now()
	p.again = slices.DeleteFunc(p.again, func(t *ticket) bool {
		err := p.outage(t, now)
		if err != nil {
			t.settle(nil, err)
		}
		return err != nil
	})
	for _, t := range p.line.all() {
		if err := p.outage(t, now); err != nil {
			p.line.leave(t)
			t.settle(nil, err)
		}
	}
}

// outage returns the fault of a pool none of whose servers will take the ticket in time, or nil.
func (p *pool) outage(t *ticket, now time.Time) error {
	if p.closed {
		return p.fault(inference.ErrUnavailable, "closed", 0)
	}
	var soonest time.Duration
	kind, detail := inference.ErrUnavailable, "no server is in use"
	for _, s := range p.servers {
		if slices.Contains(t.tried, s) {
			continue
		}
		in := s.held.Sub(now)
		switch {
		case s.admits() && in <= p.opts.Wait:
			return nil
		case s.admits():
			kind = inference.ErrOverloaded
		default:
			in = max(in, s.next.Sub(now))
		}
		if s.fault != nil {
			detail = s.name + ": " + reason(s.fault)
		}
		if in > 0 && (soonest == 0 || in < soonest) {
			soonest = in
		}
	}
	return p.fault(kind, detail, soonest)
}

// reason is a fault in the server's own words.
func reason(err error) string {
	if typed, ok := errors.AsType[*inference.Error](err); ok {
		return typed.Detail
	}
	return err.Error()
}

// expected is how long a ticket with that many ahead is going to wait.
func (p *pool) expected(ahead int, now time.Time) time.Duration {
	slots, free, hold := 0, 0, time.Duration(-1)
	for _, s := range p.servers {
		if s.health == Open {
			continue
		}
		room := s.parallel
		if s.health == HalfOpen {
			room = 1
		}
		slots += room
		free += max(0, room-s.running)
		if in := max(0, s.held.Sub(now)); hold < 0 || in < hold {
			hold = in
		}
	}
	if hold = max(0, hold); ahead < free {
		return hold
	}
	return hold + p.pace.wait(ahead-free, slots)
}

func (p *pool) fault(kind error, detail string, retryAfter time.Duration) *inference.Error {
	return &inference.Error{Kind: kind, Model: p.name, Detail: detail, RetryAfter: retryAfter}
}
