package retrieval

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"xiaoyue/kb"
)

// GuardOptions tune a Guard; zero fields mean the defaults.
type GuardOptions struct {
	Search time.Duration // deadline of a search and of what else a question waits for, 3 s
	Write  time.Duration // deadline of a batch and of what else the indexer waits for, 60 s
	Probe  time.Duration // pause between two looks at a server that is away, 500 ms
	Logger *slog.Logger  // slog.Default
}

// Guard is a Version on a server that may go away. Every call has a deadline. The first one that the
// server does not answer marks it as away: from then on calls fail at once with ErrDown, so that no
// question waits for a dead server but those that found it dying, and a probe looks for its return with
// searches of its own. When one succeeds, calls go through again.
type Guard struct {
	open func(context.Context) (Version, error)
	opts GuardOptions
	stop context.CancelFunc
	wait sync.WaitGroup // of the probe and of calls

	life    context.Context // ends with Close
	mu      sync.Mutex      // guards the rest
	version Version         // nil: never opened
	cause   error           // of being away; nil: the server answers
	stats   Stats           // as counted at
	counted time.Time
}

var _ Version = (*Guard)(nil)

// NewGuard opens a version and guards it. A server that is away is no error: open is called again
// until it is there. Any other fault of open is returned.
func NewGuard(ctx context.Context, open func(context.Context) (Version, error), opts *GuardOptions) (*Guard, error) {
	g := &Guard{open: open}
	if opts != nil {
		g.opts = *opts
	}
	for _, d := range []struct {
		value    *time.Duration
		fallback time.Duration
	}{{&g.opts.Search, 3 * time.Second}, {&g.opts.Write, time.Minute}, {&g.opts.Probe, 500 * time.Millisecond}} {
		if *d.value <= 0 {
			*d.value = d.fallback
		}
	}
	if g.opts.Logger == nil {
		g.opts.Logger = slog.Default()
	}
	limit, cancel := context.WithTimeout(ctx, g.opts.Search)
	defer cancel()
	v, err := open(limit)
	if err != nil && (ctx.Err() != nil || !away(err)) {
		return nil, err
	}
	g.life, g.stop = context.WithCancel(context.WithoutCancel(ctx))
	if err != nil {
		g.lost(err)
		return g, nil
	}
	g.version = v
	return g, nil
}

// away reports whether an error means that the server does not answer.
func away(err error) bool { return errors.Is(err, ErrDown) || errors.Is(err, context.DeadlineExceeded) }

// Down says why the server is away; nil: it answers.
func (g *Guard) Down() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.cause
}

// Close stops the probe, waits for calls and closes the version.
func (g *Guard) Close() error {
	g.mu.Lock()
	again := g.life.Err() != nil
	g.stop()
	g.mu.Unlock()
	g.wait.Wait()
	if again || g.version == nil {
		return nil
	}
	return g.version.Close()
}

// call runs f with a deadline, unless the server is away.
func (g *Guard) call(ctx context.Context, limit time.Duration, f func(context.Context, Version) error) error {
	v, err := g.enter()
	if err != nil {
		return err
	}
	defer g.wait.Done()
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err = f(bounded, v)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case away(err):
		g.lost(err)
		return down(err)
	}
	return err
}

func (g *Guard) enter() (Version, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.life.Err() != nil {
		return nil, fs.ErrClosed
	}
	if g.cause != nil {
		return nil, down(g.cause)
	}
	g.wait.Add(1)
	return g.version, nil
}

func down(err error) error {
	if errors.Is(err, ErrDown) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrDown, err)
}

// lost marks the server as away and starts the probe, once.
func (g *Guard) lost(cause error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.cause != nil || g.life.Err() != nil {
		return
	}
	g.cause = cause
	g.opts.Logger.Error("index is away, answers do without it", "err", cause)
	g.wait.Go(g.probe)
}

// probe looks for the server until it answers or the guard is closed.
func (g *Guard) probe() {
	began := time.Now()
	for {
		select {
		case <-g.life.Done():
			return
		case <-time.After(g.opts.Probe):
		}
		v, err := g.look()
		if err != nil {
			g.blame(err)
			continue
		}
		g.mu.Lock()
		g.version, g.cause = v, nil
		g.mu.Unlock()
		g.opts.Logger.Info("index is back", "after", time.Since(began).Round(time.Millisecond))
		return
	}
}

// blame takes down that the server is there again and something else is wrong, which no waiting may mend.
func (g *Guard) blame(err error) {
	if away(err) || g.life.Err() != nil {
		return
	}
	g.mu.Lock()
	known := g.cause.Error() == err.Error()
	g.cause = err
	g.mu.Unlock()
	if !known {
		g.opts.Logger.Error("index answers, and cannot be searched", "err", err)
	}
}

// look opens the version where that never succeeded, and searches it as a question would.
func (g *Guard) look() (Version, error) {
	ctx, cancel := context.WithTimeout(g.life, g.opts.Search)
	defer cancel()
	g.mu.Lock()
	v := g.version
	g.mu.Unlock()
	if v != nil {
		return v, try(ctx, v)
	}
	v, err := g.open(ctx)
	if err != nil {
		return nil, err
	}
	if err := try(ctx, v); err != nil {
		return nil, errors.Join(err, v.Close())
	}
	return v, nil
}

// try searches for something, whether it is there or not.
func try(ctx context.Context, v Version) error {
	stats, err := v.Stats(ctx)
	if err != nil {
		return err
	}
	req := Request{Text: "查询", Limit: 1, Scope: kb.Scope{Tenant: kb.DefaultTenant, Access: []kb.Access{kb.AccessPublic}}}
	if stats.Stamp.Dimension > 0 {
		req.Vector = make([]float32, stats.Stamp.Dimension)
		req.Vector[0] = 1
	}
	_, err = v.Search(ctx, req)
	return err
}
