package retrieval

import (
	"context"

	"xiaoyue/kb"
)

// Query is a question put to a Searcher.
type Query struct {
	Text  string
	Scope kb.Scope
	Limit int // hits wanted, zero: 10
}

// Hit is a passage found, with the scores that led to its rank.
type Hit struct {
	PassageID string
	DocID     string
	Score     float64 // final, in [0,1], comparable within one result
	Lexical   float64 // BM25 score, 0 where the lexical search did not find it
	Dense     float64 // cosine, 0 where the dense search did not find it
	Covered   float64 // share of the question's information that the passages found of its document hold
}

// Result is the outcome of a search.
type Result struct {
	Hits []Hit // by descending score, then passage ID
	// Answerable is the calibrated probability that the hits hold an answer to the question.
	Answerable float64
	// Answers reports whether Answerable reaches the calibrated threshold.
	Answers bool
	// Mode is extractive where both searches ran and lexical where only that one did.
	Mode     kb.Mode
	Degraded []string // configured parts that failed: kb.PartEmbed, kb.PartRerank, kb.PartIndex where a spare one answered
	Stamp    Stamp
}

// Searcher finds evidence for a question. An index that cannot be reached is ErrDown; a failed
// embedder or reranker degrades the result instead.
type Searcher interface {
	Search(ctx context.Context, q Query) (Result, error)
}

// Passages gives the words of passages by ID; the catalog implements it. Unknown IDs are left out;
// the order is that of ids.
type Passages interface {
	Passages(ctx context.Context, ids []string) ([]kb.Passage, error)
}
