package indextest

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp/cmpopts"

	"xiaoyue/kb"
	"xiaoyue/retrieval"

	diff "github.com/google/go-cmp/cmp"
)

// model is what an index should hold.
type model map[string]retrieval.Entry

// dense is the exact search: every vector in scope, by cosine, then by ID.
func (m model) dense(query []float32, scope kb.Scope, limit int) []retrieval.Match {
	var all []retrieval.Match
	for _, e := range m {
		if len(e.Vector) > 0 && scope.Admits(e.Attributes) {
			all = append(all, retrieval.Match{ID: e.ID, DocID: e.DocID, Score: cosine(query, e.Vector)})
		}
	}
	order(all)
	return all[:min(limit, len(all))]
}

// holding returns the IDs of the passages in scope that hold a word of the generated texts, sorted.
func (m model) holding(word string, scope kb.Scope) []string {
	var ids []string
	for _, e := range m {
		if slices.Contains(strings.Fields(e.Title+" "+e.Text), word) && scope.Admits(e.Attributes) {
			ids = append(ids, e.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

func (m model) vectors() int {
	n := 0
	for _, e := range m {
		if len(e.Vector) > 0 {
			n++
		}
	}
	return n
}

func order(all []retrieval.Match) {
	slices.SortFunc(all, func(a, b retrieval.Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.ID, b.ID))
	})
}

func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	return ab / math.Sqrt(aa*bb)
}

// client drives an index and its model side by side.
type client struct {
	retrieval.Index
	t     *testing.T
	suite *suite
	model model
}

func (c *client) put(entries ...retrieval.Entry) {
	c.t.Helper()
	if err := c.Put(c.t.Context(), entries); err != nil {
		c.t.Fatalf("put: %v", err)
	}
	for _, e := range entries {
		c.model[e.ID] = e
	}
}

func (c *client) delete(ids ...string) {
	c.t.Helper()
	if err := c.Delete(c.t.Context(), ids); err != nil {
		c.t.Fatalf("delete: %v", err)
	}
	for _, id := range ids {
		delete(c.model, id)
	}
}

func (c *client) search(req retrieval.Request) retrieval.Candidates {
	c.t.Helper()
	found, err := c.Search(c.t.Context(), req)
	if err != nil {
		c.t.Fatalf("search %q in %+v: %v", req.Text, req.Scope, err)
	}
	return found
}

// agree compares the index with the model: counts, one search by words, one by vector.
func (c *client) agree(word string, query []float32, scope kb.Scope) {
	c.t.Helper()
	stats, err := c.Stats(c.t.Context())
	if err != nil {
		c.t.Fatalf("stats: %v", err)
	}
	if stats.Passages != len(c.model) || stats.Vectors != c.model.vectors() {
		c.t.Errorf("stats: %d passages, %d vectors; want %d, %d", stats.Passages, stats.Vectors, len(c.model), c.model.vectors())
	}
	all := max(1, len(c.model))
	found := c.search(retrieval.Request{Text: word, Vector: query, Scope: scope, Limit: all})
	c.wantIDs(c.model.holding(word, scope), found.Lexical)
	c.wantMatches(c.model.dense(query, scope, all), found.Dense)
}

// wantIDs compares matches of a search by words, whose scores differ between back ends, as a set,
// and checks their order.
func (c *client) wantIDs(want []string, got []retrieval.Match) {
	c.t.Helper()
	c.wantOrder(got)
	ids := make([]string, len(got))
	for i, m := range got {
		ids[i] = m.ID
	}
	slices.Sort(ids)
	if d := diff.Diff(want, ids, cmpopts.EquateEmpty()); d != "" {
		c.t.Errorf("passages found by words (-want +got):\n%s", d)
	}
}

// wantMatches compares with the exact result. Neighbours in rank whose scores are within the
// tolerance may have changed places.
func (c *client) wantMatches(want, got []retrieval.Match) {
	c.t.Helper()
	c.wantOrder(got)
	if len(want) != len(got) {
		c.t.Errorf("found %d by vector, want %d", len(got), len(want))
		return
	}
	score := map[string]float64{}
	for _, m := range want {
		score[m.ID] = m.Score
	}
	for i, m := range got {
		exact, ok := score[m.ID]
		if !ok || math.Abs(exact-m.Score) > c.suite.Tolerance || math.Abs(want[i].Score-m.Score) > c.suite.Tolerance {
			c.t.Errorf("rank %d: got %+v, want %+v", i+1, m, want[i])
			return
		}
	}
}

func (c *client) wantOrder(got []retrieval.Match) {
	c.t.Helper()
	sorted := slices.Clone(got)
	order(sorted)
	if d := diff.Diff(sorted, got, cmpopts.EquateEmpty()); d != "" {
		c.t.Errorf("not by descending score, then ID:\n%s", d)
	}
}
