package retrieval_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// server is a version on a server that can be away in two ways: it refuses, or it does not answer.
type server struct {
	retrieval.Version
	refuses, hangs atomic.Bool
	calls, opened  atomic.Int32
	closed         atomic.Bool
}

func (s *server) open(ctx context.Context) (retrieval.Version, error) {
	s.opened.Add(1)
	if err := s.answer(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *server) answer(ctx context.Context) error {
	s.calls.Add(1)
	if s.hangs.Load() {
		<-ctx.Done()
		return fmt.Errorf("call: %w", ctx.Err())
	}
	if s.refuses.Load() {
		return fmt.Errorf("%w: connection refused", retrieval.ErrDown)
	}
	return nil
}

func (s *server) Search(ctx context.Context, req retrieval.Request) (retrieval.Candidates, error) {
	if req.Limit < 1 {
		return retrieval.Candidates{}, kb.ErrInvalid
	}
	return retrieval.Candidates{}, s.answer(ctx)
}

func (s *server) Stats(ctx context.Context) (retrieval.Stats, error) {
	return retrieval.Stats{Passages: int(s.calls.Load())}, s.answer(ctx)
}

func (s *server) Companion() retrieval.Index { return &server{} }

func (s *server) Close() error {
	s.closed.Store(true)
	return nil
}

// guarded runs f on a guard over a server, on a clock of its own.
func guarded(t *testing.T, s *server, f func(t *testing.T, search func() (time.Duration, error), g *retrieval.Guard)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		g, err := retrieval.NewGuard(t.Context(), s.open, &retrieval.GuardOptions{Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		search := func() (time.Duration, error) {
			begin := time.Now()
			_, err := g.Search(t.Context(), retrieval.Request{Text: "居住证", Limit: 1})
			return time.Since(begin), err
		}
		f(t, search, g)
		if err := g.Close(); err != nil || s.opened.Load() > 0 && !s.closed.Load() {
			t.Errorf("close: %v, version closed: %v", err, s.closed.Load())
		}
		if _, err := search(); err == nil {
			t.Error("a closed guard searches")
		}
	})
}

func TestGuardFailsFast(t *testing.T) {
	for name, away := range map[string]func(*server) *atomic.Bool{
		"refuses": func(s *server) *atomic.Bool { return &s.refuses },
		"hangs":   func(s *server) *atomic.Bool { return &s.hangs },
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{}
			guarded(t, s, func(t *testing.T, search func() (time.Duration, error), g *retrieval.Guard) {
				if took, err := search(); err != nil || took > 0 {
					t.Fatalf("%v after %v", err, took)
				}
				away(s).Store(true)
				if took, err := search(); !errors.Is(err, retrieval.ErrDown) || took > 3*time.Second {
					t.Errorf("first call: %v after %v", err, took)
				}
				for range 20 {
					if took, err := search(); !errors.Is(err, retrieval.ErrDown) || took > 0 {
						t.Fatalf("call while away: %v after %v", err, took)
					}
				}
				time.Sleep(30 * time.Second)
				away(s).Store(false)
				time.Sleep(5 * time.Second)
				if took, err := search(); err != nil || took > 0 {
					t.Errorf("after its return: %v after %v", err, took)
				}
				if g.Down() != nil {
					t.Errorf("still away: %v", g.Down())
				}
			})
		})
	}
}

// TestGuardOpensLater begins while the server is away.
func TestGuardOpensLater(t *testing.T) {
	s := &server{}
	s.refuses.Store(true)
	guarded(t, s, func(t *testing.T, search func() (time.Duration, error), g *retrieval.Guard) {
		if _, err := search(); !errors.Is(err, retrieval.ErrDown) || g.Down() == nil {
			t.Errorf("%v, %v", err, g.Down())
		}
		s.refuses.Store(false)
		time.Sleep(time.Second)
		if _, err := search(); err != nil {
			t.Error(err)
		}
	})
}

// TestGuardTellsWhy finds after the server's return that something else is wrong, and then mended.
func TestGuardTellsWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{}
		var fault atomic.Pointer[error]
		fault.Store(&retrieval.ErrDown)
		g, err := retrieval.NewGuard(t.Context(), func(context.Context) (retrieval.Version, error) {
			if err := fault.Load(); err != nil {
				return nil, *err
			}
			return s, nil
		}, &retrieval.GuardOptions{Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		for _, next := range []error{retrieval.ErrForeign, kb.ErrNotFound} {
			fault.Store(&next)
			time.Sleep(time.Second)
			_, err := g.Search(t.Context(), retrieval.Request{Limit: 1})
			if !errors.Is(g.Down(), next) || !errors.Is(err, next) || !errors.Is(err, retrieval.ErrDown) {
				t.Errorf("after %v: away for %v, search: %v", next, g.Down(), err)
			}
		}
		fault.Store(nil)
		time.Sleep(time.Second)
		if _, err := g.Search(t.Context(), retrieval.Request{Limit: 1}); err != nil || g.Down() != nil {
			t.Errorf("mended: %v, %v", err, g.Down())
		}
	})
}

// TestGuardPasses lets through what says nothing of the server: wrong requests and askers who leave.
func TestGuardPasses(t *testing.T) {
	s := &server{}
	guarded(t, s, func(t *testing.T, _ func() (time.Duration, error), g *retrieval.Guard) {
		if _, err := g.Search(t.Context(), retrieval.Request{}); !errors.Is(err, kb.ErrInvalid) {
			t.Error(err)
		}
		s.hangs.Store(true)
		ctx, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		if _, err := g.Search(ctx, retrieval.Request{Limit: 1}); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, retrieval.ErrDown) {
			t.Error(err)
		}
		if g.Down() != nil {
			t.Errorf("an asker who left took the server down: %v", g.Down())
		}
		s.hangs.Store(false)
	})
}

// TestGuardRefuses returns the faults of opening that no waiting mends.
func TestGuardRefuses(t *testing.T) {
	_, err := retrieval.NewGuard(t.Context(), func(context.Context) (retrieval.Version, error) {
		return nil, retrieval.ErrForeign
	}, nil)
	if !errors.Is(err, retrieval.ErrForeign) {
		t.Error(err)
	}
}

// TestGuardCounts asks the server for its counts once a second.
func TestGuardCounts(t *testing.T) {
	s := &server{}
	guarded(t, s, func(t *testing.T, _ func() (time.Duration, error), g *retrieval.Guard) {
		counts := map[int]int{}
		for range 30 {
			stats, err := g.Stats(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			counts[stats.Passages]++
			time.Sleep(100 * time.Millisecond)
		}
		if len(counts) != 3 {
			t.Errorf("in 3 s: counted %d times", len(counts))
		}
	})
}

// TestGuardCompanion names what has the words, also while the server is away.
func TestGuardCompanion(t *testing.T) {
	s := &server{}
	guarded(t, s, func(t *testing.T, search func() (time.Duration, error), g *retrieval.Guard) {
		s.refuses.Store(true)
		if _, err := search(); !errors.Is(err, retrieval.ErrDown) {
			t.Error(err)
		}
		spare := retrieval.CompanionOf(g)
		if spare == nil {
			t.Fatal("no companion")
		}
		if _, err := spare.Search(t.Context(), retrieval.Request{Text: "居住证", Limit: 1}); err != nil {
			t.Error(err)
		}
		s.refuses.Store(false)
	})
}
