package versions_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded"
	"xiaoyue/retrieval/versions"
)

var (
	one = retrieval.Stamp{Embedder: "one", Dimension: 2}
	two = retrieval.Stamp{Embedder: "two", Dimension: 3}
)

// folder returns what opens one store in a folder, for as many sets as want it.
func folder(t *testing.T) (func(context.Context) (versions.Place, error), *embedded.Store) {
	t.Helper()
	store, err := embedded.NewStore(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return func(context.Context) (versions.Place, error) { return kept{store}, nil }, store
}

// kept is a store that its sets do not close.
type kept struct{ *embedded.Store }

func (kept) Close() error { return nil }

// made makes a version and puts it to use.
func made(t *testing.T, s retrieval.Store, stamp retrieval.Stamp) {
	t.Helper()
	v, err := s.Create(t.Context(), stamp)
	if err == nil {
		err = errors.Join(v.Close(), s.Use(t.Context(), stamp))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// teller is a searcher that tells which version it searches, when it is let.
type teller struct {
	stamp retrieval.Stamp
	v     retrieval.Version
	wait  chan struct{} // nil: at once
}

func (s teller) Search(ctx context.Context, _ retrieval.Query) (retrieval.Result, error) {
	if s.wait != nil {
		<-s.wait
	}
	stats, err := s.v.Stats(ctx)
	if err == nil && stats.Stamp != s.stamp {
		err = fmt.Errorf("version %s in the searcher of %s", stats.Stamp.Embedder, s.stamp.Embedder)
	}
	return retrieval.Result{Stamp: stats.Stamp}, err
}

func tell(_ context.Context, stamp retrieval.Stamp, v retrieval.Version) (retrieval.Searcher, error) {
	return teller{stamp: stamp, v: v}, nil
}

func set(t *testing.T, connect func(context.Context) (versions.Place, error), o *versions.Options) *versions.Set {
	t.Helper()
	o.Logger = slog.New(slog.DiscardHandler)
	if o.Searcher == nil {
		o.Searcher = tell
	}
	s := versions.New(connect, o)
	t.Cleanup(func() { s.Close() })
	return s
}

// searches compares the version that answers; the zero stamp: none does.
func searches(t *testing.T, s *versions.Set, want retrieval.Stamp) {
	t.Helper()
	r, err := s.Search(t.Context(), retrieval.Query{})
	if want == (retrieval.Stamp{}) {
		if !errors.Is(err, retrieval.ErrDown) {
			t.Errorf("search: %+v, %v; want %v", r, err, retrieval.ErrDown)
		}
		return
	}
	if err != nil || r.Stamp != want {
		t.Errorf("searched %+v, %v; want %+v", r.Stamp, err, want)
	}
}

func look(t *testing.T, s *versions.Set) {
	t.Helper()
	if err := s.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestFollows(t *testing.T) {
	connect, store := folder(t)
	s := set(t, connect, &versions.Options{})
	searches(t, s, retrieval.Stamp{})
	look(t, s)
	searches(t, s, retrieval.Stamp{})
	made(t, store, one)
	look(t, s)
	searches(t, s, one)
	made(t, store, two)
	searches(t, s, one)
	look(t, s)
	searches(t, s, two)
	if err := s.Use(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	searches(t, s, one) // at once where it was done
}

// TestQuestionEndsWhereItBegan changes versions under a question and drops the one before.
func TestQuestionEndsWhereItBegan(t *testing.T) {
	connect, store := folder(t)
	made(t, store, one)
	wait := make(chan struct{})
	s := set(t, connect, &versions.Options{Searcher: func(_ context.Context, stamp retrieval.Stamp, v retrieval.Version) (retrieval.Searcher, error) {
		if stamp == one {
			return teller{stamp, v, wait}, nil
		}
		return teller{stamp: stamp, v: v}, nil
	}})
	look(t, s)
	var began sync.WaitGroup
	for range 8 {
		began.Go(func() { searches(t, s, one) })
	}
	time.Sleep(10 * time.Millisecond) // those that come later are no harm
	made(t, s, two)
	searches(t, s, two)
	if err := s.Drop(t.Context(), one); !errors.Is(err, kb.ErrLocked) {
		t.Errorf("drop what is searched: %v, want %v", err, kb.ErrLocked)
	}
	close(wait)
	began.Wait()
	if err := s.Drop(t.Context(), one); err != nil {
		t.Errorf("drop what nobody searches: %v", err)
	}
	if _, err := s.Open(t.Context(), one); !errors.Is(err, kb.ErrNotFound) {
		t.Errorf("open what was dropped: %v", err)
	}
	if err := s.Drop(t.Context(), two); !errors.Is(err, kb.ErrInvalid) {
		t.Errorf("drop what is in use: %v", err)
	}
}

// TestOwnVersion searches the version of its own embedder until that is dropped.
func TestOwnVersion(t *testing.T) {
	connect, store := folder(t)
	s := set(t, connect, &versions.Options{Own: one})
	made(t, store, one)
	look(t, s)
	made(t, store, two)
	look(t, s)
	searches(t, s, one)
	if err := store.Drop(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	look(t, s)
	searches(t, s, two)
}

func TestNotWhole(t *testing.T) {
	connect, store := folder(t)
	made(t, store, one)
	filling := errors.New("being filled")
	s := set(t, connect, &versions.Options{Whole: func(context.Context, retrieval.Stamp) error { return filling }})
	look(t, s)
	searches(t, s, retrieval.Stamp{})
	if _, err := s.Current(); err != filling {
		t.Errorf("current: %v", err)
	}
	filling = nil
	look(t, s)
	searches(t, s, one)
	filling = fmt.Errorf("catalog: %w", kb.ErrUnavailable)
	if err := s.Look(t.Context()); !errors.Is(err, kb.ErrUnavailable) {
		t.Errorf("look while nobody can tell: %v", err)
	}
	searches(t, s, one)
}

// TestPlaceAway starts while the place is away: no question waits, and it is found when it is back.
func TestPlaceAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, err := embedded.NewStore(t.TempDir(), nil)
		if err != nil {
			t.Fatal(err)
		}
		made(t, store, one)
		back := time.Now().Add(time.Minute)
		s := versions.New(func(ctx context.Context) (versions.Place, error) {
			if time.Now().Before(back) {
				<-ctx.Done()
				return nil, fmt.Errorf("%w: %w", retrieval.ErrDown, ctx.Err())
			}
			return store, nil
		}, &versions.Options{Searcher: tell, Logger: slog.New(slog.DiscardHandler)})
		ctx, stop := context.WithCancel(t.Context())
		var wait sync.WaitGroup
		wait.Go(func() { s.Run(ctx) })
		for range 10 {
			time.Sleep(time.Second)
			asked := time.Now()
			searches(t, s, retrieval.Stamp{})
			if d := time.Since(asked); d > 0 {
				t.Errorf("a question waited %v", d)
			}
		}
		time.Sleep(time.Until(back) + 20*time.Second) // a look and a pause
		searches(t, s, one)
		stop()
		wait.Wait()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}
