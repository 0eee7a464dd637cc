package indexer_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"xiaoyue/inference"
	"xiaoyue/kb"
	"xiaoyue/kb/catalog"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded"
	"xiaoyue/retrieval/indexer"
)

const dimension = 4

// counter embeds by counting runes and remembers how many texts it was given.
type counter struct {
	texts int
	fault error
}

func (c *counter) Info() inference.EmbedderInfo {
	return inference.EmbedderInfo{Name: "counter", Dimension: dimension}
}

func (c *counter) Embed(_ context.Context, texts []string, _ inference.EmbedKind) ([][]float32, error) {
	if c.fault != nil {
		return nil, c.fault
	}
	c.texts += len(texts)
	vectors := make([][]float32, len(texts))
	for i, t := range texts {
		vectors[i] = []float32{1, float32(len(t) % 7), float32(len(t) % 3), 0}
	}
	return vectors, nil
}

type bench struct {
	t        *testing.T
	catalog  *catalog.Catalog
	index    *embedded.Index
	embedder *counter
	indexer  *indexer.Indexer
}

func newBench(t *testing.T) *bench {
	t.Helper()
	store, err := catalog.Open(t.Context(), catalog.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	index, err := embedded.Open(t.TempDir(), &embedded.Options{Stamp: retrieval.Stamp{Embedder: "counter", Dimension: dimension}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { index.Close(); store.Close() })
	b := &bench{t: t, catalog: store, index: index, embedder: &counter{}}
	b.indexer = indexer.New(store, index, b.embedder, &indexer.Options{Batch: 3, Logger: slog.New(slog.DiscardHandler)})
	return b
}

// put stores a document with one passage a text. Passages keep their ID while their words stay.
func (b *bench) put(key string, until kb.Date, texts ...string) {
	b.t.Helper()
	attributes := kb.Attributes{Tenant: "t", Access: kb.AccessPublic, Validity: kb.Validity{Until: until}}
	d := kb.Document{ID: key, Source: "s", Key: key, Hash: fmt.Sprint(until, texts), Title: key, Attributes: attributes}
	var passages []kb.Passage
	for i, text := range texts {
		passages = append(passages, kb.Passage{ID: key + text, DocID: key, Ordinal: i, Title: key, Text: text, Start: len(d.Text), Attributes: attributes})
		d.Text += text
	}
	if _, _, err := b.catalog.PutDocument(b.t.Context(), d, passages); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) drain() {
	b.t.Helper()
	if err := b.indexer.Drain(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) expect(passages, vectors int) {
	b.t.Helper()
	stats, err := b.index.Stats(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	if stats.Passages != passages || stats.Vectors != vectors {
		b.t.Errorf("index has %d passages, %d vectors; want %d, %d", stats.Passages, stats.Vectors, passages, vectors)
	}
}

// finds reports how many passages a lexical search on a day gives.
func (b *bench) finds(text, day string) int {
	b.t.Helper()
	scope := kb.Scope{Tenant: "t", Access: []kb.Access{kb.AccessPublic}, AsOf: kb.MustDate(day)}
	found, err := b.index.Search(b.t.Context(), retrieval.Request{Text: text, Scope: scope, Limit: 10})
	if err != nil {
		b.t.Fatal(err)
	}
	return len(found.Lexical)
}

func TestNewPassagesAreFoundBeforeTheyAreEmbedded(t *testing.T) {
	b := newBench(t)
	b.put("甲", kb.Date{}, "落户条件", "租房补贴", "居住证", "社会保险")
	if n, err := b.indexer.Jobs(t.Context()); err != nil || n != 1 {
		t.Fatalf("%d jobs, error %v", n, err)
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

func TestFillMakesANewIndex(t *testing.T) {
	b := newBench(t)
	for i := range 5 {
		b.put(fmt.Sprint("文", i), kb.Date{}, "落户条件", "租房补贴")
	}
	if err := b.indexer.Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.expect(10, 0)
	b.drain()
	b.expect(10, 10)
}
