package indexer_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"xiaoyue/inference"
	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/indexer"
)

func TestNewPassagesAreFoundBeforeTheyAreEmbedded(t *testing.T) {
	b := newBench(t)
	b.put("甲", kb.Date{}, "落户条件", "租房补贴", "居住证", "社会保险")
	if err := b.indexer.DrainWords(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.expect(4, 0)
	if b.finds("租房补贴", "2026-01-01") == 0 {
		t.Error("a new passage is not found lexically")
	}
	b.drain()
	b.expect(4, 4)
}

func TestOnlyChangedPassagesAreEmbeddedAgain(t *testing.T) {
	b := newBench(t)
	b.put("甲", kb.Date{}, "落户条件", "租房补贴")
	b.drain()
	b.put("甲", kb.Date{}, "落户条件", "购房补贴")
	b.drain()
	b.expect(2, 2)
	if b.embedder.texts != 3 {
		t.Errorf("embedded %d texts, want the 2 of the first version and the 1 that changed", b.embedder.texts)
	}
	if b.finds("租房", "2026-01-01") > b.finds("购房", "2026-01-01") {
		t.Error("words of the old version are still found")
	}
}

func TestChangedValidityKeepsTheVector(t *testing.T) {
	b := newBench(t)
	b.put("甲", kb.Date{}, "落户条件")
	b.drain()
	b.put("甲", kb.MustDate("2025-12-31"), "落户条件")
	b.drain()
	b.expect(1, 1)
	if b.embedder.texts != 1 {
		t.Errorf("embedded %d times, want once", b.embedder.texts)
	}
	if n := b.finds("落户", "2026-01-01"); n != 0 {
		t.Errorf("expired text is found %d times", n)
	}
	if n := b.finds("落户", "2025-01-01"); n != 1 {
		t.Errorf("text in force is found %d times", n)
	}
}

func TestWithdrawnDocumentsVanish(t *testing.T) {
	b := newBench(t)
	b.put("甲", kb.Date{}, "落户条件")
	b.put("乙", kb.Date{}, "租房补贴")
	b.drain()
	if err := b.catalog.Withdraw(t.Context(), "t", "s", []string{"甲"}); err != nil {
		t.Fatal(err)
	}
	b.drain()
	b.expect(1, 1)
}

func TestLostEmbedderHoldsUpVectorsOnly(t *testing.T) {
	b := newBench(t)
	b.embedder.fault = inference.ErrUnavailable
	b.put("甲", kb.Date{}, "落户条件")
	if err := b.indexer.Drain(t.Context()); !errors.Is(err, inference.ErrUnavailable) {
		t.Errorf("drain: %v, want ErrUnavailable", err)
	}
	b.expect(1, 0)
	b.embedder.fault = nil
	b.drain()
	b.expect(1, 1)
}

// leaving is a store whose versions refuse to be written while it is away.
type leaving struct {
	retrieval.Store
	away bool
}

func (l *leaving) Open(ctx context.Context, s retrieval.Stamp) (retrieval.Version, error) {
	v, err := l.Store.Open(ctx, s)
	return leavingVersion{v, l}, err
}

type leavingVersion struct {
	retrieval.Version
	store *leaving
}

func (v leavingVersion) Put(ctx context.Context, entries []retrieval.Entry) error {
	if v.store.away {
		return retrieval.ErrDown
	}
	return v.Version.Put(ctx, entries)
}

// TestJobOfAnOutageComesFirst does not leave what changed while the place was away until later.
func TestJobOfAnOutageComesFirst(t *testing.T) {
	b := newBench(t)
	b.put("甲", kb.Date{}, "落户条件")
	b.drain()
	store := &leaving{Store: b.store, away: true}
	x := indexer.New(b.catalog, store, ours, &indexer.Options{Logger: slog.New(slog.DiscardHandler)})
	defer x.Close()
	b.put("乙", kb.Date{}, "租房补贴")
	if err := x.DrainWords(t.Context()); !errors.Is(err, retrieval.ErrDown) {
		t.Errorf("drain while away: %v, want %v", err, retrieval.ErrDown)
	}
	store.away = false
	if err := x.DrainWords(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.expect(2, 1)
}
