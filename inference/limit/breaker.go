package limit

import "time"

// Health says whether a server is in use.
type Health string

// The states of a server. A half-open one serves a single request as a trial.
const (
	Healthy  Health = "healthy"
	HalfOpen Health = "half-open"
	Open     Health = "open"
)

// maxCooldown bounds how long a server is left alone between two trials.
const maxCooldown = time.Minute

// breaker keeps requests away from a server that fails (M. Nygard, Release It!, Circuit Breaker).
//
// It is our own, because the breakers of libraries judge calls that return. An answer is a stream: a
// trial has passed with the first word, or a long answer would keep the server out of use for its
// whole length; a caller who leaves says nothing about the server, at whatever point; and those who
// are turned away are told when the next trial will be. It is guarded by the pool's lock.
type breaker struct {
	health   Health
	term     int // counts changes of health; a request that began in another term is not judged
	faults   int // in a row, while healthy
	trial    bool
	cooldown time.Duration // of the next opening
	next     time.Time     // when the next trial may be, while open
}

// admits reports whether a request may be sent.
func (b *breaker) admits() bool { return b.health == Healthy || b.health == HalfOpen && !b.trial }

// begin notes a request and returns the term to judge it in.
func (b *breaker) begin() (term int) {
	b.trial = b.health == HalfOpen
	return b.term
}

// leave notes a request that came to no end that says anything about the server.
func (b *breaker) leave(term int) {
	if term == b.term {
		b.trial = false
	}
}

// pass notes that the server did what it should. It reports whether that ended a trial.
func (b *breaker) pass(term int, cooldown time.Duration) (closed bool) {
	if term != b.term {
		return false
	}
	b.faults = 0
	if b.health != HalfOpen {
		return false
	}
	b.turn(Healthy)
	b.cooldown = cooldown
	return true
}

// fail notes a fault. It reports whether the server is out of use from now on.
func (b *breaker) fail(term, limit int, now time.Time) (opened bool) {
	if term != b.term || b.health == Open {
		return false
	}
	b.faults++
	if b.health == Healthy && b.faults < limit {
		return false
	}
	b.turn(Open)
	b.postpone(now)
	return true
}

// postpone sets the time of the next trial; each one is twice as far off as the one before.
func (b *breaker) postpone(now time.Time) {
	b.next = now.Add(b.cooldown)
	b.cooldown = min(2*b.cooldown, max(maxCooldown, b.cooldown))
}

// turn changes the state.
func (b *breaker) turn(to Health) {
	b.health, b.trial, b.faults = to, false, 0
	b.term++
}
