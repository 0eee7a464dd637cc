package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/indexer"
	"xiaoyue/retrieval/versions"
)

// lookTimeout bounds the first look at the place of the index. One that does not answer by then is
// gone on without, until it does.
const lookTimeout = 10 * time.Second

// openIndex looks at the place of the index. One that is away is looked for again by serve; a folder
// that cannot be read leaves an engine that answers from the catalog alone.
func (e *engine) openIndex(ctx context.Context, how access) error {
	if how.write {
		if err := e.beSole(ctx, how); err != nil {
			return err
		}
		if err := e.takeLead(ctx, how); err != nil {
			return err
		}
	}
	e.place = versions.New(e.conf.connect(e.conf.Index.Store, !how.write, e.log), &versions.Options{
		Guard: guardOf(e.conf.Index.Store, e.log), Own: e.stamp(), Searcher: e.searcherOf, Logger: e.log,
		Whole: func(ctx context.Context, s retrieval.Stamp) error { return indexer.Whole(ctx, e.catalog, e.queue, s) },
	})
	limit, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	err := e.place.Look(limit)
	if e.lead != nil && (err == nil || mendable(err)) {
		err = e.prepare(limit)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case how.shared && errors.Is(err, kb.ErrLocked):
		return e.leaveIndex()
	case how.write && err != nil && !away(err) && !mendable(err):
		return err
	}
	if _, err := e.place.Current(); err != nil && !how.write {
		e.log.Error("no index: answers come from the catalog alone", "err", err)
	}
	return nil
}

// away reports whether a part does not answer now and may later.
func away(err error) bool {
	return errors.Is(err, retrieval.ErrDown) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, kb.ErrUnavailable)
}

// mendable reports whether the version in use is one that the process in the lead makes anew from the catalog.
func mendable(err error) bool {
	return errors.Is(err, retrieval.ErrCorrupt) || errors.Is(err, retrieval.ErrStamp)
}

// beSole makes sure that one process serves a data folder, wherever the configuration of another one
// keeps its index. Where the catalog is on a server, the others are replicas.
func (e *engine) beSole(ctx context.Context, how access) (err error) {
	if how.shared || e.conf.Catalog.Postgres != "" {
		return nil
	}
	e.sole, err = e.catalog.Sole(ctx, "serve")
	return err
}

// takeLead registers the queue of the place and tries to become the one that works it off. Beside a
// catalog in the data folder there is one process that does; on a server the others are replicas.
func (e *engine) takeLead(ctx context.Context, how access) (err error) {
	if _, err := e.catalog.Subscribe(ctx); err != nil {
		return err
	}
	e.lead, err = e.catalog.Lead(ctx)
	if errors.Is(err, kb.ErrLocked) && (how.shared || e.conf.Catalog.Postgres != "") {
		return nil
	}
	return err
}

// leaveIndex leaves the index to the process that has it.
func (e *engine) leaveIndex() error {
	err := e.place.Close()
	if e.lead != nil {
		err = errors.Join(err, e.lead.Close())
		e.lead = nil
	}
	return err
}

// prepare makes sure that there is a version of the configuration, in use where the catalog is empty, and
// begins anew what is damaged.
func (e *engine) prepare(ctx context.Context) error {
	x := e.newIndexer(nil)
	return errors.Join(x.Prepare(ctx), x.Close(), e.place.Look(ctx))
}

// newIndexer returns the indexer of the engine's place, which only the leader may use.
func (e *engine) newIndexer(report func(indexer.Progress)) *indexer.Indexer {
	return indexer.New(e.catalog, e.place, e.stamp(), &indexer.Options{
		Embedder: e.embedderOf, Lead: e.lead.Held, Name: e.queue, Report: report, Logger: e.log,
	})
}

// drain brings the index up to date, if it is this process that does.
func (e *engine) drain(ctx context.Context, tty terminal) error {
	bar := newProgress(tty.err, "生成向量")
	defer bar.end()
	x := e.newIndexer(func(p indexer.Progress) { bar.at(p.Embedded, p.Passages) })
	return errors.Join(x.Drain(ctx), x.Close())
}

// guardOf returns how a place on a server is kept from holding up questions; nil: it is in this process.
func guardOf(store string, log *slog.Logger) *retrieval.GuardOptions {
	if store == storeEmbedded {
		return nil
	}
	return &retrieval.GuardOptions{Logger: log}
}

// searcherOf puts the retrieval pipeline over a version that is put to use.
func (e *engine) searcherOf(ctx context.Context, stamp retrieval.Stamp, v retrieval.Version) (retrieval.Searcher, error) {
	opts := &retrieval.Options{Embedder: e.questionEmbedder(ctx, stamp), Logger: e.log}
	if e.reranker != nil {
		opts.Reranker = e.reranker
	}
	return retrieval.New(v, e.catalog, opts)
}
