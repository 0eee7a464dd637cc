package indexer_test

import (
	"errors"
	"testing"

	"xiaoyue/kb"
	"xiaoyue/retrieval/indexer"
)

// TestRenew has a version filled again: a whole one stays searchable meanwhile, one that began empty is
// still not whole.
func TestRenew(t *testing.T) {
	b := newBench(t)
	whole := func() error { return indexer.Whole(t.Context(), b.catalog, "index", ours) }
	b.put("a", kb.Date{}, "居住证")
	done(t, b.indexer.Prepare(t.Context()))
	for range 2 {
		if err := whole(); !errors.Is(err, indexer.ErrFilling) {
			t.Errorf("being filled: %v, want %v", err, indexer.ErrFilling)
		}
		done(t, indexer.Renew(t.Context(), b.catalog, "index", ours))
	}
	b.drain()
	done(t, whole(), indexer.Renew(t.Context(), b.catalog, "index", ours), whole())
	b.drain()
	b.expect(1, 1)
}
