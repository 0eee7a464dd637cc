package indexer_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

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
