package indexer_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"xiaoyue/inference"
	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded"
	"xiaoyue/retrieval/indexer"
	"xiaoyue/retrieval/versions"
)

// bare searches a version without a pipeline.
type bare struct{ retrieval.Version }

func (b bare) Search(ctx context.Context, _ retrieval.Query) (retrieval.Result, error) {
	found, err := b.Version.Search(ctx, question)
	return retrieval.Result{Hits: make([]retrieval.Hit, len(found.Dense))}, err
}

var question = retrieval.Request{
	Text: "居住证", Vector: []float32{1, 0, 0, 0}, Limit: 9,
	Scope: kb.Scope{Tenant: "t", Access: []kb.Access{kb.AccessPublic}},
}

// place returns the versions in a folder, searched bare.
func (b *bench) place(dir string) *versions.Set {
	return versions.New(func(context.Context) (versions.Place, error) { return embedded.NewStore(dir, nil) }, &versions.Options{
		Whole: func(ctx context.Context, s retrieval.Stamp) error { return indexer.Whole(ctx, b.catalog, "index", s) },
		Searcher: func(_ context.Context, _ retrieval.Stamp, v retrieval.Version) (retrieval.Searcher, error) {
			return bare{v}, nil
		},
		Logger: slog.New(slog.DiscardHandler),
	})
}

func (b *bench) indexes(s retrieval.Store) *indexer.Indexer {
	return indexer.New(b.catalog, s, ours, &indexer.Options{
		Logger: slog.New(slog.DiscardHandler), Embedder: func(retrieval.Stamp) inference.Embedder { return b.embedder },
	})
}

// TestDamageWhileRunning cuts the journal of the version in use short under a service that runs. Questions
// are told that there is no index, and the indexer fills the version from the catalog, in place.
func TestDamageWhileRunning(t *testing.T) {
	b, dir := newBench(t), t.TempDir()
	b.put("a", kb.Date{}, "居住证一", "居住证二", "居住证三")
	s := b.place(dir)
	x := b.indexes(s)
	done(t, x.Drain(t.Context()), x.Close(), s.Close())

	s = b.place(dir) // what was acknowledged is mapped now
	x = b.indexes(s)
	done(t, x.Drain(t.Context()), s.Look(t.Context()))
	b.searched(s, 3)
	journals, err := filepath.Glob(filepath.Join(dir, "v-*", "g*", "log"))
	if err != nil || len(journals) != 1 {
		t.Fatalf("journals %v, %v; want one", journals, err)
	}
	done(t, os.Truncate(journals[0], 0))
	if _, err := s.Search(t.Context(), retrieval.Query{}); !errors.Is(err, retrieval.ErrCorrupt) {
		t.Errorf("search of what is gone: %v", err)
	}
	if err := s.Look(t.Context()); !errors.Is(err, retrieval.ErrCorrupt) {
		t.Errorf("look: %v, want %v", err, retrieval.ErrCorrupt)
	}
	if _, err := s.Search(t.Context(), retrieval.Query{}); !errors.Is(err, retrieval.ErrDown) {
		t.Errorf("search without an index: %v, want %v", err, retrieval.ErrDown)
	}
	b.put("b", kb.Date{}, "居住证四")
	done(t, x.Drain(t.Context()), s.Look(t.Context()))
	b.searched(s, 4)
	done(t, x.Close(), s.Close())
}

func (b *bench) searched(s *versions.Set, want int) {
	b.t.Helper()
	if r, err := s.Search(b.t.Context(), retrieval.Query{}); err != nil || len(r.Hits) != want {
		b.t.Errorf("found %d, %v; want %d", len(r.Hits), err, want)
	}
}

func done(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}
