package chat

import (
	"context"
	"sync"
	"time"
)

// beats is how often a lease is renewed while it lasts, and with it how soon this replica learns that a
// turn is to stop. Several renewals may fail before the replica counts as gone.
const beats = 10

// lostAtOnce is how many turns of replicas that are gone one look ends.
const lostAtOnce = 100

// lease says that this replica lives.
type lease struct {
	replica string

	mu      sync.Mutex // guards renewed
	renewed time.Time
}

// keep renews the lease while turns run here, and ends the turns of replicas that are gone, until the
// function that it returns has been called.
func (c *Conversations) keep() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	wait.Go(func() { c.every(ctx, c.opts.Lease/beats, c.beat) })
	wait.Go(func() { c.every(ctx, c.opts.Lease, c.endLost) })
	return func() {
		cancel()
		wait.Wait()
		c.endLease()
	}
}

func (c *Conversations) every(ctx context.Context, period time.Duration, f func(context.Context) error) {
	ticker := time.NewTicker(period)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		if err := f(ctx); err != nil && ctx.Err() == nil {
			c.trouble()
			c.opts.Logger.Warn("turns of the replicas are not kept in step", "err", err)
		}
	}
}

// beat renews the lease unless nothing runs here.
func (c *Conversations) beat(ctx context.Context) error {
	c.mu.Lock()
	idle := c.entered == 0
	c.mu.Unlock()
	if idle {
		return nil
	}
	return c.renew(ctx, c.opts.Lease/beats/2)
}

// renew renews a lease older than an age, and cancels the turns that somebody wants stopped.
func (c *Conversations) renew(ctx context.Context, age time.Duration) error {
	c.lease.mu.Lock()
	defer c.lease.mu.Unlock()
	now := c.opts.Now()
	if now.Sub(c.lease.renewed) < age {
		return nil
	}
	ctx, stop := context.WithTimeout(ctx, c.opts.Lease)
	defer stop()
	refs, err := c.store.RenewReplica(ctx, c.lease.replica, c.opts.Lease)
	if err != nil {
		return err
	}
	c.lease.renewed = now
	for _, ref := range refs {
		if run := c.here(ref); run != nil {
			run.cancel(nil)
		}
	}
	return nil
}

// endLost gives the turns of replicas that are gone their last events. All replicas do; one is first.
func (c *Conversations) endLost(ctx context.Context) error {
	refs, err := c.store.LostTurns(ctx, lostAtOnce)
	if err != nil || !c.sound() {
		return err
	}
	for _, ref := range refs {
		if _, err := c.end(ctx, ref); err != nil {
			return err
		}
	}
	return nil
}

// trouble notes that the store has failed.
func (c *Conversations) trouble() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.troubled = time.Now()
}

// sound reports whether the store has not failed for the time of two leases. Before that, replicas may live whose
// leases have run out because they could not renew them: that a store is back may show only a lease later, with the
// next call.
func (c *Conversations) sound() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Since(c.troubled) >= 2*c.opts.Lease
}

// endLease takes this replica off the list, on which it would be gone soon anyway.
func (c *Conversations) endLease() {
	c.lease.mu.Lock()
	defer c.lease.mu.Unlock()
	if c.lease.renewed.IsZero() {
		return
	}
	late, stop := context.WithTimeout(context.Background(), logTimeout)
	defer stop()
	if err := c.store.EndReplica(late, c.lease.replica); err != nil {
		c.opts.Logger.Warn("lease of this replica is left to run out", "err", err)
	}
}
