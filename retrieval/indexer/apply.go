package indexer

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// contents are what an index must hold of some texts, and what it must not.
type contents struct {
	entries []retrieval.Entry // without vectors
	retired []string
}

// errRestless says that a text changes faster than it can be written; its job comes again.
var errRestless = errors.New("text changed while it was written to the index")

// steadily writes what read gives, and writes again where that changed meanwhile: a process that has
// lost the lead without knowing could otherwise leave something old behind.
func (x *Indexer) steadily(ctx context.Context, read func() (contents, error), write func(contents) error) error {
	revision, err := x.source.Revision(ctx)
	if err != nil {
		return err
	}
	have, err := read()
	for range 5 {
		if err == nil {
			err = x.opts.Lead(ctx)
		}
		if err == nil {
			err = write(have)
		}
		if err != nil {
			return err
		}
		now, err := x.source.Revision(ctx)
		if err != nil || now == revision {
			return err
		}
		again, err := read()
		if err != nil || reflect.DeepEqual(again, have) {
			return err
		}
		revision, have = now, again
	}
	return errRestless
}

// jobs works off up to limit jobs and returns their number.
func (x *Indexer) jobs(ctx context.Context, limit int) (done int, err error) {
	for done < limit {
		if err := x.opts.Lead(ctx); err != nil {
			return done, err
		}
		job, ok, err := x.source.ReceiveJob(ctx)
		if err != nil || !ok {
			return done, err
		}
		if err := x.job(ctx, job); err != nil {
			if errors.Is(err, retrieval.ErrDown) { // says nothing of the job: it comes first when the place is back
				err = errors.Join(err, x.source.ExtendJob(ctx, job, 0))
			}
			return done, fmt.Errorf("job %s for document %s: %w", job.ID, job.DocID, err)
		}
		done++
	}
	return done, nil
}

func (x *Indexer) job(ctx context.Context, job kb.Job) error {
	if job.DocID != "" {
		read := func() (contents, error) { return x.document(ctx, job.DocID) }
		err := x.steadily(ctx, read, func(c contents) error {
			for _, v := range x.versions {
				if err := x.write(ctx, v, c, v); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return x.source.DeleteJob(ctx, job)
}

// document reads what an index must hold of a document.
func (x *Indexer) document(ctx context.Context, id string) (c contents, err error) {
	for p, err := range x.source.PassagesOf(ctx, id) {
		if err != nil {
			return contents{}, err
		}
		c.entries = append(c.entries, EntryOf(p))
	}
	c.retired, err = x.source.RetiredPassages(ctx, id)
	return c, err
}

// named reads what an index must hold under some IDs: those that the catalog does not know are gone.
func (x *Indexer) named(ctx context.Context, ids []string) (contents, []kb.Passage, error) {
	passages, err := x.source.Passages(ctx, ids)
	if err != nil {
		return contents{}, nil, err
	}
	var c contents
	known := make(map[string]bool, len(passages))
	for _, p := range passages {
		known[p.ID] = true
		c.entries = append(c.entries, EntryOf(p))
	}
	for _, id := range ids {
		if !known[id] {
			c.retired = append(c.retired, id)
		}
	}
	return c, passages, nil
}

// writeBatch is how many passages are written at once.
const writeBatch = 512

// write brings a version to some contents, with the vectors that a keeper has for them.
func (x *Indexer) write(ctx context.Context, v *version, c contents, vectors retrieval.VectorKeeper) error {
	for part := range slices.Chunk(slices.Clone(c.entries), writeBatch) {
		found, err := vectors.Vectors(ctx, identify(part))
		if err != nil {
			return err
		}
		for i := range part {
			part[i].Vector = found[i]
		}
		if err := v.Put(ctx, part); err != nil {
			return err
		}
	}
	if len(c.retired) == 0 {
		return nil
	}
	return v.Delete(ctx, c.retired)
}

func identify(entries []retrieval.Entry) []string {
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	return ids
}
