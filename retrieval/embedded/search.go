package embedded

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

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
	x.mu.RLock()
	defer x.mu.RUnlock()
	if err := x.ready(ctx); err != nil {
		return found, err
	}
	limit := min(req.Limit, len(x.state.table.slots))
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
	out := make([]retrieval.Match, len(found))
	for i, m := range found {
		out[i] = x.match(m.Slot, float64(m.Score))
	}
	return firsts(out, limit)
}

// byVector scans the codes and scores the candidates with their full vectors.
func (x *Index) byVector(ctx context.Context, query []float32, limit int, inside bitset) ([]retrieval.Match, error) {
	rows := x.state.table.rows
	less := func(a, b uint32) bool { return rows[a].id < rows[b].id }
	candidates, err := x.state.codes.Nearest(ctx, query, max(candidatesPerMatch*limit, leastCandidates), inside, less)
	if err != nil {
		return nil, err
	}
	out, err := x.score(query, candidates)
	return firsts(out, limit), err
}

func (x *Index) score(query []float32, candidates []flat.Candidate) ([]retrieval.Match, error) {
	out := make([]retrieval.Match, len(candidates))
	vector, encoded := make([]float32, len(query)), make([]byte, 4*len(query))
	for i, c := range candidates {
		if err := x.vector(c.Slot, vector, encoded); err != nil {
			return nil, err
		}
		out[i] = x.match(c.Slot, float64(flat.Dot(query, vector)))
	}
	return out, nil
}

func (x *Index) match(slot uint32, score float64) retrieval.Match {
	r := &x.state.table.rows[slot]
	return retrieval.Match{ID: r.id, DocID: r.doc, Score: score}
}

// firsts returns the first matches in the order of the contract.
func firsts(all []retrieval.Match, limit int) []retrieval.Match {
	slices.SortFunc(all, func(a, b retrieval.Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.ID, b.ID))
	})
	return slices.Clip(all[:min(limit, len(all))])
}

// Frequencies implements retrieval.TermStats. Counts may include passages deleted since the last
// compaction, but none exceeds the number of passages.
func (x *Index) Frequencies(ctx context.Context, terms []string) (df []int, passages int, err error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if err := x.ready(ctx); err != nil {
		return nil, 0, fmt.Errorf("frequencies of %d terms: %w", len(terms), err)
	}
	df, passages = x.state.lexical.Frequencies(terms)
	return df, passages, nil
}
