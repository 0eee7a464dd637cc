// Package indexer keeps an index in step with the catalog: it works off the jobs that changes leave
// behind, embeds what has no vector yet, and fills a new index from nothing.
//
// Passages become findable lexically at once and by vectors as embedding gets to them, so that new
// knowledge never waits for a slow embedder and a missing one costs nothing but the dense search. A
// job is deleted only when the index has acknowledged its passages; a crash repeats it.
package indexer

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"time"

	"xiaoyue/inference"
	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// Jobs is a queue of changes. A job received and not deleted is delivered again.
type Jobs interface {
	ReceiveJob(ctx context.Context) (job kb.Job, ok bool, err error)
	DeleteJob(ctx context.Context, job kb.Job) error
}

// Source is the catalog as the indexer sees it.
type Source interface {
	Jobs
	retrieval.Passages
	PassagesOf(ctx context.Context, docID string) iter.Seq2[kb.Passage, error]
	RetiredPassages(ctx context.Context, docID string) ([]string, error)
	AllPassages(ctx context.Context) iter.Seq2[kb.Passage, error]
}

// Index is an index that embeds behind.
type Index interface {
	retrieval.Index
	retrieval.VectorKeeper
}

// Progress tells how far embedding has come.
type Progress struct {
	Embedded int // passages with a vector
	Passages int
}

// Options tune an Indexer; zero fields mean the defaults.
type Options struct {
	Batch int           // passages embedded and written at once, 16
	Poll  time.Duration // pause between looks for new jobs, 500 ms
	// Report is told after every batch of embedding; nil: nobody.
	Report func(Progress)
	Logger *slog.Logger
}

// Indexer is the one writer of an index. Its methods are not to be called concurrently.
type Indexer struct {
	source   Source
	index    Index
	embedder inference.Embedder // nil: lexical only
	opts     Options
}

// putBatch is how many passages without embedding are written at once.
const putBatch = 512

// New returns the indexer of an index; a nil embedder leaves it lexical, nil options are legal.
func New(source Source, index Index, embedder inference.Embedder, opts *Options) *Indexer {
	o := Options{}
	if opts != nil {
		o = *opts
	}
	if o.Batch <= 0 {
		o.Batch = 16
	}
	if o.Poll <= 0 {
		o.Poll = 500 * time.Millisecond
	}
	if o.Report == nil {
		o.Report = func(Progress) {}
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return &Indexer{source, index, embedder, o}
}

// Fill puts every passage of the catalog into an empty index, without vectors.
func (x *Indexer) Fill(ctx context.Context) error {
	if _, err := x.put(ctx, x.source.AllPassages(ctx)); err != nil {
		return fmt.Errorf("fill index: %w", err)
	}
	return nil
}

// Jobs works off the jobs there are and returns their number.
func (x *Indexer) Jobs(ctx context.Context) (done int, err error) {
	for {
		job, ok, err := x.source.ReceiveJob(ctx)
		if err != nil || !ok {
			return done, err
		}
		if err := x.job(ctx, job); err != nil {
			return done, fmt.Errorf("job %s for document %s: %w", job.ID, job.DocID, err)
		}
		done++
	}
}

func (x *Indexer) job(ctx context.Context, job kb.Job) error {
	if job.DocID != "" {
		if _, err := x.put(ctx, x.source.PassagesOf(ctx, job.DocID)); err != nil {
			return err
		}
		retired, err := x.source.RetiredPassages(ctx, job.DocID)
		if err != nil {
			return err
		}
		if err := x.index.Delete(ctx, retired); err != nil {
			return err
		}
	}
	return x.source.DeleteJob(ctx, job)
}

// put writes passages in batches, with the vectors that the index has for them already.
func (x *Indexer) put(ctx context.Context, passages iter.Seq2[kb.Passage, error]) (n int, err error) {
	batch := make([]retrieval.Entry, 0, putBatch)
	for p, err := range passages {
		if err != nil {
			return n, err
		}
		if batch = append(batch, EntryOf(p)); len(batch) < putBatch {
			continue
		}
		if err := x.write(ctx, batch); err != nil {
			return n, err
		}
		n, batch = n+len(batch), batch[:0]
	}
	return n + len(batch), x.write(ctx, batch)
}

func (x *Indexer) write(ctx context.Context, batch []retrieval.Entry) error {
	if len(batch) == 0 {
		return nil
	}
	ids := make([]string, len(batch))
	for i, e := range batch {
		ids[i] = e.ID
	}
	vectors, err := x.index.Vectors(ctx, ids)
	if err != nil {
		return err
	}
	for i := range batch {
		batch[i].Vector = vectors[i]
	}
	return x.index.Put(ctx, batch)
}

// Embed gives vectors to one batch of passages that have none and returns their number; 0 means
// that none waits, or that there is no embedder.
func (x *Indexer) Embed(ctx context.Context) (int, error) {
	if x.embedder == nil {
		return 0, nil
	}
	ids, err := x.index.Unembedded(ctx, x.opts.Batch)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	passages, err := x.source.Passages(ctx, ids)
	if err != nil {
		return 0, err
	}
	if err := x.forget(ctx, ids, passages); err != nil {
		return 0, err
	}
	return len(ids), x.embed(ctx, passages)
}

// forget deletes from the index what the catalog no longer has, so that it is not asked for forever.
func (x *Indexer) forget(ctx context.Context, ids []string, found []kb.Passage) error {
	known := make(map[string]bool, len(found))
	for _, p := range found {
		known[p.ID] = true
	}
	var gone []string
	for _, id := range ids {
		if !known[id] {
			gone = append(gone, id)
		}
	}
	return x.index.Delete(ctx, gone)
}

func (x *Indexer) embed(ctx context.Context, passages []kb.Passage) error {
	texts := make([]string, len(passages))
	entries := make([]retrieval.Entry, len(passages))
	for i, p := range passages {
		texts[i], entries[i] = p.IndexText(), EntryOf(p)
	}
	vectors, err := x.embedder.Embed(ctx, texts, inference.EmbedPassage)
	if err != nil {
		return fmt.Errorf("embed %d passages: %w", len(texts), err)
	}
	for i := range entries {
		entries[i].Vector = vectors[i]
	}
	if err := x.index.Put(ctx, entries); err != nil {
		return err
	}
	stats, err := x.index.Stats(ctx)
	if err != nil {
		return err
	}
	x.opts.Report(Progress{Embedded: stats.Vectors, Passages: stats.Passages})
	return nil
}

// Drain works off all jobs and embeds everything that waits.
func (x *Indexer) Drain(ctx context.Context) error {
	for {
		if _, err := x.Jobs(ctx); err != nil {
			return err
		}
		n, err := x.Embed(ctx)
		if err != nil || n == 0 {
			return err
		}
	}
}

// maxPause bounds the pause after a fault.
const maxPause = time.Minute

// Run drains whenever there is work, until the context ends. A fault is logged and tried again after
// a growing pause: a full disk or a lost embedder ends when somebody mends it.
func (x *Indexer) Run(ctx context.Context) {
	pause := x.opts.Poll
	for {
		err := x.Drain(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			pause = x.opts.Poll
		default:
			pause = min(2*pause, maxPause)
			x.opts.Logger.Warn("indexing is held up", "err", err, "again_in", pause, "full", errors.Is(err, kb.ErrFull))
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

// EntryOf returns a passage as an index holds it, without a vector.
func EntryOf(p kb.Passage) retrieval.Entry {
	title := p.Title
	p.Title = ""
	return retrieval.Entry{ID: p.ID, DocID: p.DocID, Title: title, Text: p.IndexText(), Attributes: p.Attributes}
}
