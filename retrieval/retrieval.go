// Package retrieval goes from a question to evidence: it searches lexically and by vectors inside a
// scope, fuses both, reranks where there is a reranker, gathers a document's passages, and decides
// whether what it found answers the question at all.
//
// It does not write answers, and it does not own the knowledge: the catalog does, and any index can
// be rebuilt from it. Back ends of Index live in subfolders and pass the suite in indextest.
package retrieval

import (
	"context"
	"errors"

	"xiaoyue/kb"
)

// The errors of an index, wrapped with operation and subject.
var (
	ErrStamp     = errors.New("index was built otherwise and must be rebuilt")
	ErrDimension = errors.New("vector has another dimension than the index")
	ErrCorrupt   = errors.New("index files are damaged and must be rebuilt")
	ErrDown      = errors.New("index is unavailable")
	ErrForeign   = errors.New("something else is stored under the name of the index; choose another name or remove it")
)

// Stamp says how an index was built. An index whose stamp differs from the running configuration is
// rebuilt behind and swapped, never mixed.
type Stamp struct {
	Embedder  string `json:"embedder"` // name and digest; empty: lexical only
	Dimension int    `json:"dimension"`
	Segmenter string `json:"segmenter"`
	Splitter  string `json:"splitter"`
}

// Entry is one passage as the index holds it. Vector is nil while the passage waits for embedding:
// it can then be found lexically only. A vector that is zero or not finite, an empty ID and a limit
// below 1 are kb.ErrInvalid.
type Entry struct {
	ID     string // passage ID
	DocID  string
	Title  string // searched as a field of its own
	Text   string // kb.Passage.IndexText without the title
	Vector []float32
	kb.Attributes
}

// Request asks for the candidates of both searches, each limited on its own, all inside Scope.
// Empty Text or nil Vector leaves that search out.
type Request struct {
	Text   string
	Vector []float32
	Scope  kb.Scope
	Limit  int // candidates per search, at least 1
}

// Match is a candidate of one search.
type Match struct {
	ID    string
	DocID string
	Score float64 // BM25, or cosine
}

// Candidates are the results of both searches, each ordered by descending score, then by ID.
type Candidates struct {
	Lexical []Match
	Dense   []Match
}

// Index finds passages.
//
// Put inserts or replaces by ID and Delete removes by ID, a missing one being no error; what they
// acknowledged is durable and seen by the next Search, a deletion in particular at once. A batch is
// applied whole or not at all. Slices passed in are not kept; results belong to the caller. All
// methods may be called concurrently and return ctx.Err() soon after the context ends.
type Index interface {
	Put(ctx context.Context, entries []Entry) error
	Delete(ctx context.Context, ids []string) error
	Search(ctx context.Context, req Request) (Candidates, error)
	Stats(ctx context.Context) (Stats, error)
	Close() error
}

// Stats describes an index.
type Stats struct {
	Stamp    Stamp
	Passages int
	Vectors  int // passages that have a vector
}

// TermStats is an optional ability of an Index: document frequencies for weighing the terms of a
// question. Terms are those of segment; the result has one count per term, and the number of passages.
type TermStats interface {
	Frequencies(ctx context.Context, terms []string) (df []int, passages int, err error)
}

// VectorKeeper is an ability of an Index that embeds behind: it says which passages still wait for a
// vector, and hands back the vectors it has, so that a change of attributes need not embed again.
type VectorKeeper interface {
	// Vectors returns one vector per ID, nil where the index holds none. The caller owns them.
	Vectors(ctx context.Context, ids []string) ([][]float32, error)
	// Unembedded returns up to limit IDs of passages without a vector, in ID order.
	Unembedded(ctx context.Context, limit int) ([]string, error)
}

// Companioned is an ability of an Index whose words lie apart from its vectors: it names the index that
// has the words, for searching them while the rest is away. nil: they lie together. The index belongs
// to its owner and is not to be closed.
type Companioned interface{ Companion() Index }

// CompanionOf returns the companion of an index, or nil.
func CompanionOf(x any) Index {
	if c, ok := x.(Companioned); ok {
		return c.Companion()
	}
	return nil
}
