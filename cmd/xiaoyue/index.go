package main

import (
	"context"
	"errors"
	"fmt"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded"
	"xiaoyue/retrieval/indexer"
)

// openIndex opens the index. One that was built otherwise or is damaged is filled anew from the
// catalog where the folder is ours to write; elsewhere the engine goes on without it.
func (e *engine) openIndex(ctx context.Context, how access) error {
	opts := &embedded.Options{Stamp: e.stamp(), ReadOnly: !how.write, Logger: e.log}
	if e.embedder == nil {
		opts.Stamp = retrieval.Stamp{} // an index with vectors serves lexically as it is
	}
	index, err := embedded.Open(e.indexFolder(), opts)
	if how.write && (errors.Is(err, retrieval.ErrStamp) || errors.Is(err, retrieval.ErrCorrupt)) {
		e.log.Warn("index is rebuilt from the catalog", "why", err)
		index, err = e.rebuild(ctx, opts)
	}
	switch {
	case err == nil:
		e.index = index
		return e.await(ctx)
	case how.shared && errors.Is(err, kb.ErrLocked):
		return nil
	case how.write:
		return err
	}
	e.missing[kb.PartIndex] = err
	e.log.Error("no index: answers come from the catalog alone", "err", err)
	return nil
}

// rebuild fills a new index beside the old one and swaps it in.
func (e *engine) rebuild(ctx context.Context, opts *embedded.Options) (*embedded.Index, error) {
	stamped := *opts
	stamped.Stamp = e.stamp()
	return embedded.Rebuild(ctx, e.indexFolder(), &stamped, func(ctx context.Context, x *embedded.Index) error {
		return indexer.New(e.catalog, x, nil, &indexer.Options{Logger: e.log}).Fill(ctx)
	})
}

// noIndex is the searcher of an engine without an index.
type noIndex struct{ why error }

// Search implements retrieval.Searcher.
func (n noIndex) Search(context.Context, retrieval.Query) (retrieval.Result, error) {
	return retrieval.Result{}, fmt.Errorf("%w: %w", retrieval.ErrDown, n.why)
}

// newSearcher puts the retrieval pipeline over the index that could be opened.
func (e *engine) newSearcher() (retrieval.Searcher, error) {
	if e.index == nil {
		return noIndex{e.missing[kb.PartIndex]}, nil
	}
	opts := &retrieval.Options{Embedder: e.embedder, Logger: e.log}
	if e.reranker != nil {
		opts.Reranker = e.reranker
	}
	return retrieval.New(e.index, e.catalog, opts)
}
