package indexer_test

import (
	"context"
	"log/slog"
	"testing"

	"xiaoyue/kb"
	"xiaoyue/kb/catalog"
	"xiaoyue/retrieval/indexer"
)

// restless is a catalog in which another process changes a text while it is written to the index.
type restless struct {
	*catalog.Catalog
	change func()
	reads  int
}

func (r *restless) RetiredPassages(ctx context.Context, id string) ([]string, error) {
	ids, err := r.Catalog.RetiredPassages(ctx, id)
	if r.reads++; r.reads == 1 {
		r.change()
	}
	return ids, err
}

// TestChangeWhileWritten applies a job whose text changes between reading and writing, and lets somebody
// else work off the change.
func TestChangeWhileWritten(t *testing.T) {
	b := newBench(t)
	b.drain()
	b.put("甲", kb.Date{}, "落户条件")
	source := &restless{Catalog: b.catalog, change: func() {
		b.put("甲", kb.MustDate("2025-12-31"), "落户条件")
		job, ok, err := b.catalog.ReceiveJob(t.Context())
		if err != nil || !ok {
			t.Fatalf("job of the change: %v, %v", ok, err)
		}
		if err := b.catalog.DeleteJob(t.Context(), job); err != nil {
			t.Fatal(err)
		}
	}}
	x := indexer.New(source, b.store, ours, &indexer.Options{Logger: slog.New(slog.DiscardHandler)})
	defer x.Close()
	if err := x.DrainWords(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := b.finds("落户", "2026-01-01"); n != 0 || source.reads != 2 {
		t.Errorf("expired text is found %d times, it was read %d times", n, source.reads)
	}
}
