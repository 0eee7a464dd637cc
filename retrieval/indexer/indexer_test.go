package indexer_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"xiaoyue/inference"
	"xiaoyue/kb"
	"xiaoyue/kb/catalog"
	"xiaoyue/retrieval"
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
	store    *folders
	embedder *counter
	indexer  *indexer.Indexer
}

var ours = retrieval.Stamp{Embedder: "counter", Dimension: dimension}

func newBench(t *testing.T) *bench {
	t.Helper()
	store, err := catalog.Open(t.Context(), catalog.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	b := &bench{t: t, catalog: store, store: newFolders(t), embedder: &counter{}}
	b.indexer = b.runs(ours, b.embedder, nil)
	return b
}

// runs returns the indexer of a configuration, with a batch that small texts fill.
func (b *bench) runs(stamp retrieval.Stamp, embedder inference.Embedder, o *indexer.Options) *indexer.Indexer {
	if o == nil {
		o = &indexer.Options{}
	}
	o.Batch, o.Logger = 3, slog.New(slog.DiscardHandler)
	o.Embedder = func(s retrieval.Stamp) inference.Embedder {
		if s == stamp {
			return embedder
		}
		return nil
	}
	x := indexer.New(b.catalog, b.store, stamp, o)
	b.t.Cleanup(func() { x.Close() })
	return x
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

// expect counts the version in use.
func (b *bench) expect(passages, vectors int) {
	b.t.Helper()
	b.expectOf(retrieval.Stamp{}, passages, vectors)
}

func (b *bench) expectOf(stamp retrieval.Stamp, passages, vectors int) {
	b.t.Helper()
	v, err := b.store.Open(b.t.Context(), stamp)
	if err != nil {
		b.t.Fatal(err)
	}
	defer v.Close()
	stats, err := v.Stats(b.t.Context())
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
	v, err := b.store.Open(b.t.Context(), retrieval.Stamp{})
	if err != nil {
		b.t.Fatal(err)
	}
	defer v.Close()
	found, err := v.Search(b.t.Context(), retrieval.Request{Text: text, Scope: scope, Limit: 10})
	if err != nil {
		b.t.Fatal(err)
	}
	return len(found.Lexical)
}

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
