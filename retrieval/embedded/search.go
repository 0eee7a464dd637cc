package embedded

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded/flat"
	"xiaoyue/retrieval/lexical"
)

// The scan by codes hands on three candidates for each match wanted, and at least 64, for exact
// scores. Twice as many as wanted held every true neighbour of clustered and of real vectors
// (docs/measurements.md).
const (
	candidatesPerMatch = 3
	leastCandidates    = 64
)

// maxQuestion bounds the work of one search by words, in bytes.
const maxQuestion = 64 << 10

// Search implements retrieval.Index. A vector without direction, a limit below 1 and a question of
// more than 64 kilobytes are kb.ErrInvalid.
func (x *Index) Search(ctx context.Context, req retrieval.Request) (retrieval.Candidates, error) {
	found, err := x.search(ctx, req)
	if err != nil {
		return retrieval.Candidates{}, fmt.Errorf("search index: %w", err)
	}
	return found, nil
}

func (x *Index) search(ctx context.Context, req retrieval.Request) (found retrieval.Candidates, err error) {
	if req.Limit < 1 || len(req.Text) > maxQuestion {
		return found, fmt.Errorf("limit %d, question of %d bytes: %w", req.Limit, len(req.Text), kb.ErrInvalid)
	}
	var query []float32
	if req.Vector != nil {
		if query, err = unit(req.Vector, x.config.stamp.Dimension); err != nil {
			return found, err
		}
	}
	err = x.guard(func() (err error) {
		found, err = x.searchIn(ctx, req, query)
		return err
	})
	return found, err
}

// searchIn searches with a query of norm 1, nil for none.
func (x *Index) searchIn(ctx context.Context, req retrieval.Request, query []float32) (found retrieval.Candidates, err error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if err := x.ready(ctx); err != nil {
		return found, err
	}
	limit := min(req.Limit, x.state.table.live)
	if limit == 0 {
		return found, nil
	}
	inside := x.state.table.admitted(req.Scope)
	if req.Text != "" {
		found.Lexical = x.byWords(req.Text, limit, inside)
	}
	if query == nil {
		return found, ctx.Err()
	}
	found.Dense, err = x.byVector(ctx, query, limit, inside)
	return found, err
}

// byWords ranks with BM25. The lexical index breaks ties by slot; where the last match ties with one
// that was cut off, more are asked for until the tie is complete and can be broken by ID.
func (x *Index) byWords(text string, limit int, inside bitset) []retrieval.Match {
	question := x.config.segmenter.Question(text)
	var found []lexical.Match
	for ask := limit + 16; ; ask *= 2 {
		found = x.state.lexical.Search(question, inside, ask)
		if len(found) < ask || found[ask-1].Score < found[limit-1].Score {
			break
		}
	}
	out := make([]scored, len(found))
	for i, m := range found {
		out[i] = scored{m.Slot, float64(m.Score)}
	}
	return x.state.table.firsts(out, limit)
}

// byVector scans the codes and scores the candidates with their full vectors.
func (x *Index) byVector(ctx context.Context, query []float32, limit int, inside bitset) ([]retrieval.Match, error) {
	t := x.state.table
	less := func(a, b uint32) bool { return t.compareIDs(a, b) < 0 }
	candidates, err := x.state.codes.Nearest(ctx, query, max(candidatesPerMatch*limit, leastCandidates), inside, less)
	if err != nil {
		return nil, err
	}
	out, err := x.score(query, candidates)
	return t.firsts(out, limit), err
}

// scored is a slot with its score.
type scored struct {
	slot  uint32
	score float64
}

func (x *Index) score(query []float32, candidates []flat.Candidate) ([]scored, error) {
	out := make([]scored, len(candidates))
	vector, encoded := make([]float32, len(query)), make([]byte, 4*len(query))
	for i, c := range candidates {
		if err := x.vector(c.Slot, vector, encoded); err != nil {
			return nil, err
		}
		out[i] = scored{c.Slot, float64(flat.Dot(query, vector))}
	}
	return out, nil
}

// firsts returns the first matches in the order of the contract.
func (t *table) firsts(all []scored, limit int) []retrieval.Match {
	slices.SortFunc(all, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), t.compareIDs(a.slot, b.slot))
	})
	out := make([]retrieval.Match, min(limit, len(all)))
	for i := range out {
		out[i] = retrieval.Match{ID: t.id(all[i].slot), DocID: t.doc(all[i].slot), Score: all[i].score}
	}
	return out
}

// Frequencies implements retrieval.TermStats. Counts may include passages deleted since the last
// compaction, but none exceeds the number of passages.
func (x *Index) Frequencies(ctx context.Context, terms []string) (df []int, passages int, err error) {
	err = x.guard(func() error {
		x.mu.RLock()
		defer x.mu.RUnlock()
		if err := x.ready(ctx); err != nil {
			return err
		}
		df, passages = x.state.lexical.Frequencies(terms)
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("frequencies of %d terms: %w", len(terms), err)
	}
	return df, passages, nil
}
