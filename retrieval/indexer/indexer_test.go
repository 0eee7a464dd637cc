package indexer_test

import (
	"errors"
	"testing"

	"xiaoyue/inference"
	"xiaoyue/kb"
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
