package retrieval

import (
	"cmp"
	"maps"
	"slices"
)

// candidate is a passage that a search found, on its way to a hit.
type candidate struct {
	Hit
	share  float64 // BM25 score as a share of the question's ideal
	cosine float64 // Dense, or the most it can be where the dense search did not hand it on
	base   float64 // fused score of the passage alone, in [0,1]
	text   string  // its words in normal form, where they were read
}

// pool are the candidates of one question, best first.
type pool []*candidate

// lexicalWeight is the weight of the lexical share in the fused score; the rest is the cosine's.
//
//	base = w · min(1, share·stretch) + (1-w) · cosine
//
// The share of the best passage is about half of the ideal, which is every term of the question many
// times over in a short passage: the stretch brings both scores to one scale. Dividing by the ideal
// instead of the best score found keeps the score comparable between questions, and lets the
// vectors decide where no passage holds the question's words (docs/measurements.md).
const (
	lexicalWeight  = 0.4
	lexicalStretch = 2.0
)

// merge joins the candidates of both searches. A passage that one search did not hand on gets the
// lowest score which that search did, an upper bound of its own.
func merge(found Candidates, q question, dense bool) pool {
	byID := make(map[string]*candidate, len(found.Lexical)+len(found.Dense))
	at := func(m Match) *candidate {
		c := byID[m.ID]
		if c == nil {
			c = &candidate{Hit: Hit{PassageID: m.ID, DocID: m.DocID}}
			byID[m.ID] = c
		}
		return c
	}
	for _, m := range found.Lexical {
		at(m).Lexical = m.Score
	}
	for _, m := range found.Dense {
		at(m).Dense = m.Score
	}
	ideal := q.ideal
	if ideal == 0 && len(found.Lexical) > 0 {
		ideal = 2 * found.Lexical[0].Score // a back end without frequencies
	}
	floor := 0.0
	if n := len(found.Dense); n > 0 {
		floor = found.Dense[n-1].Score
	}
	out := make(pool, 0, len(byID))
	for c := range maps.Values(byID) {
		c.fuse(ideal, floor, len(found.Lexical) > 0, dense)
		out = append(out, c)
	}
	out.order()
	return out
}

// fuse computes the score of the passage alone.
func (c *candidate) fuse(ideal, floor float64, lexical, dense bool) {
	if ideal > 0 {
		c.share = min(1, c.Lexical/ideal)
	}
	words := min(1, lexicalStretch*c.share)
	c.cosine = max(0, cmp.Or(c.Dense, floor))
	switch {
	case !dense:
		c.base = words
	case !lexical:
		c.base = c.cosine
	default:
		c.base = lexicalWeight*words + (1-lexicalWeight)*c.cosine
	}
	c.Score = c.base
}

// order sorts by descending score, then by passage ID.
func (p pool) order() {
	slices.SortFunc(p, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.PassageID, b.PassageID))
	})
}

func (p pool) hits(limit int) []Hit {
	out := make([]Hit, min(limit, len(p)))
	for i := range out {
		out[i] = p[i].Hit
	}
	return out
}

// reorder sorts by other scores, higher first, and deals the candidates' own scores out in that order,
// so that they stay comparable with those behind.
func (p pool) reorder(scores []float64) {
	own := make([]float64, len(p))
	rank := make(map[*candidate]float64, len(p))
	for i, c := range p {
		own[i], rank[c] = c.Score, scores[i]
	}
	slices.SortStableFunc(p, func(a, b *candidate) int { return cmp.Compare(rank[b], rank[a]) })
	for i, c := range p {
		c.Score = own[i]
	}
}
