package milvus

import (
	"context"

	"xiaoyue/retrieval"
)

// companion is the lexicon of a server without sparse vectors: a lexical-only version elsewhere.
type companion struct{ retrieval.Version }

func (c companion) search(ctx context.Context, req retrieval.Request) ([]retrieval.Match, error) {
	req.Vector = nil
	found, err := c.Search(ctx, req)
	return found.Lexical, err
}

// put writes the words of entries.
func (c companion) put(ctx context.Context, entries []retrieval.Entry) error {
	words := make([]retrieval.Entry, len(entries))
	for i, e := range entries {
		words[i] = e
		words[i].Vector = nil
	}
	return c.Put(ctx, words)
}

func (c companion) delete(ctx context.Context, ids []string) error { return c.Delete(ctx, ids) }
