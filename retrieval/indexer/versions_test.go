package indexer_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/indexer"
)

// TestFirstVersion makes the first version over a catalog that has texts, and over an empty one.
func TestFirstVersion(t *testing.T) {
	b := newBench(t)
	if err := b.indexer.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.expect(0, 0)
	b = newBench(t)
	for i := range 5 {
		b.put(fmt.Sprint("文", i), kb.Date{}, "落户条件", "租房补贴")
	}
	if err := b.indexer.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if v, err := b.store.Open(t.Context(), retrieval.Stamp{}); !errors.Is(err, kb.ErrNotFound) {
		t.Errorf("a version without the texts of the catalog is in use: %v, %v", v, err)
	}
	if err := b.indexer.DrainWords(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.expect(10, 0)
	b.drain()
	b.expect(10, 10)
}

// TestAnotherModel embeds anew behind the version in use, breaks off, goes on, and changes over when all is done.
func TestAnotherModel(t *testing.T) {
	b := newBench(t)
	b.put("甲", kb.Date{}, "落户条件", "租房补贴", "居住证", "社会保险")
	b.put("乙", kb.MustDate("2025-12-31"), "车辆年检")
	b.drain()
	now := time.Now()
	theirs := retrieval.Stamp{Embedder: "other", Dimension: dimension}
	other := &counter{}
	lead := func(context.Context) error {
		if other.texts > 0 {
			return kb.ErrLocked
		}
		return nil
	}
	if err := b.runs(theirs, other, &indexer.Options{Lead: lead}).Drain(t.Context()); !errors.Is(err, kb.ErrLocked) {
		t.Fatalf("filling: %v, want it broken off", err)
	}
	b.put("甲", kb.Date{}, "落户条件", "租房补贴二")
	b.expect(5, 5)
	next := b.runs(theirs, other, &indexer.Options{Now: func() time.Time { return now }})
	for range 2 {
		if err := next.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	b.expectOf(retrieval.Stamp{}, 3, 3)
	b.expectOf(theirs, 3, 3)
	b.expectOf(ours, 3, 2) // kept in step, and nobody embeds for it
	now = now.Add(time.Hour)
	if err := next.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.store.Open(t.Context(), ours); !errors.Is(err, kb.ErrNotFound) {
		t.Errorf("the version before: %v, want it dropped", err)
	}
	if n := b.finds("年检", "2026-01-01"); n != 0 {
		t.Errorf("expired text is found %d times", n)
	}
}

// TestWithoutModelKeepsVectors runs a process that has no embedder over an index with vectors.
func TestWithoutModelKeepsVectors(t *testing.T) {
	b := newBench(t)
	b.put("甲", kb.Date{}, "落户条件")
	b.drain()
	b.put("乙", kb.Date{}, "租房补贴")
	if err := b.runs(retrieval.Stamp{Segmenter: "new"}, nil, nil).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.expectOf(ours, 2, 1)
}
