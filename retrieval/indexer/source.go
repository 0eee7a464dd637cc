package indexer

import (
	"context"
	"iter"
	"time"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// Jobs is a queue of changes. A job received and not deleted is delivered again after a while, or after
// the time that ExtendJob gives it.
type Jobs interface {
	ReceiveJob(ctx context.Context) (job kb.Job, ok bool, err error)
	ExtendJob(ctx context.Context, job kb.Job, d time.Duration) error
	DeleteJob(ctx context.Context, job kb.Job) error
}

// Texts are the passages that an index must hold, and those that it must not.
type Texts interface {
	retrieval.Passages
	PassagesOf(ctx context.Context, docID string) iter.Seq2[kb.Passage, error]
	RetiredPassages(ctx context.Context, docID string) ([]string, error)
	// PassagesAfter pages through all passages, RetiredAfter through the IDs of those that are gone.
	PassagesAfter(ctx context.Context, mark string, limit int) (page []kb.Passage, next string, err error)
	RetiredAfter(ctx context.Context, id string, limit int) ([]string, error)
}

// Notes are what an indexer keeps for the next one; a missing note is kb.ErrNotFound, an empty one is removed.
type Notes interface {
	State(ctx context.Context, name string) (string, error)
	SetState(ctx context.Context, name, value string) error
}

// Source is the catalog as the indexer sees it. Revision rises with every change of a passage.
type Source interface {
	Jobs
	Texts
	Notes
	Revision(ctx context.Context) (int64, error)
}

// EntryOf returns a passage as an index holds it, without a vector.
func EntryOf(p kb.Passage) retrieval.Entry {
	title := p.Title
	p.Title = ""
	return retrieval.Entry{ID: p.ID, DocID: p.DocID, Title: title, Text: p.IndexText(), Attributes: p.Attributes}
}
