package chat

import (
	"fmt"

	"xiaoyue/kb"
)

// places counts the running answers by who asked: all under the zero asker, and each subject and
// address under its own.
type places map[asker]int

// asker is a subject or an address; one field is set.
type asker struct{ tenant, subject, address string }

// share is a bound on the places of an asker.
type share struct {
	asker asker
	limit int
	err   error
}

// shares are the bounds that a caller comes under. A subject is one person, unless it is a bearer of
// roles, which may be a gateway that speaks for many; an address may be a whole hall. Subjects cost
// nothing to make up: that is why addresses are bounded too.
func (c *Conversations) shares(caller kb.Caller) []share {
	all := []share{{asker{}, c.opts.Running, ErrBusy}}
	if caller.Subject != "" {
		limit := c.opts.PerSubject
		if len(caller.Roles) > 0 {
			limit = c.opts.PerAddress
		}
		all = append(all, share{asker{tenant: caller.Tenant, subject: caller.Subject}, limit, ErrGreedy})
	}
	if caller.Address != "" {
		all = append(all, share{asker{address: caller.Address}, c.opts.PerAddress, ErrGreedy})
	}
	return all
}

// enter takes a place for an answer, or none.
func (c *Conversations) enter(caller kb.Caller) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return fmt.Errorf("conversations are closing: %w", kb.ErrUnavailable)
	}
	all := c.shares(caller)
	for _, s := range all {
		if c.places[s.asker] >= s.limit {
			return s.err
		}
	}
	for _, s := range all {
		c.places[s.asker]++
	}
	c.wait.Add(1)
	return nil
}

// leave gives the place back.
func (c *Conversations) leave(caller kb.Caller) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.shares(caller) {
		if c.places[s.asker]--; c.places[s.asker] == 0 {
			delete(c.places, s.asker)
		}
	}
	c.wait.Done()
}
