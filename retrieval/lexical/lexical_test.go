package lexical

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"xiaoyue/retrieval/segment"
)

// corpus makes n passages of words whose frequencies fall off like those of a language.
func corpus(seed uint64, n, words int) [][]string {
	r := rand.New(rand.NewPCG(seed, 1))
	z := rand.NewZipf(r, 1.1, 3, uint64(words-1))
	docs := make([][]string, n)
	for i := range docs {
		docs[i] = make([]string, 20+r.IntN(60))
		for j := range docs[i] {
			docs[i][j] = fmt.Sprintf("t%d", z.Uint64())
		}
	}
	return docs
}

func build(t testing.TB, docs [][]string) *Index {
	t.Helper()
	x := New(nil)
	for i, d := range docs {
		if err := x.Add(uint32(i), d); err != nil {
			t.Fatal(err)
		}
	}
	return x
}

func question(terms ...string) []segment.Weighted {
	var q []segment.Weighted
	for i, t := range terms {
		q = append(q, segment.Weighted{Text: t, Weight: 1 / float32(1+i%3)})
	}
	return q
}

// bruteForce scores every passage by the formula in Search's comment.
func bruteForce(docs [][]string, skip func(uint32) bool, q []segment.Weighted, k int) []Match {
	n, sum := float64(len(docs)), 0.0
	for _, d := range docs {
		sum += float64(len(d)) + 1
	}
	df := make([]float64, len(q))
	for i, t := range q {
		for _, d := range docs {
			if slices.Contains(d, t.Text) {
				df[i]++
			}
		}
	}
	var out []Match
	for i, d := range docs {
		score := 0.0
		for j, t := range q {
			tf := 0.0
			for _, w := range d {
				if w == t.Text {
					tf++
				}
			}
			score += float64(t.Weight) * math.Log(1+(n-df[j]+0.5)/(df[j]+0.5)) * tf * 2.2 / (tf + 1.2*(0.25+0.75*float64(len(d)+1)/(sum/n)))
		}
		if score > 0 && (skip == nil || !skip(uint32(i))) {
			out = append(out, Match{uint32(i), float32(score)})
		}
	}
	slices.SortStableFunc(out, func(a, b Match) int {
		if better(a, b) {
			return -1
		}
		return 1
	})
	return out[:min(k, len(out))]
}

func TestSearchAgreesWithBruteForce(t *testing.T) {
	docs := corpus(1, 700, 300)
	x := build(t, docs)
	odd := func(s uint32) bool { return s%2 == 1 }
	r := rand.New(rand.NewPCG(2, 2))
	for i := range 40 {
		var terms []string
		for range 1 + r.IntN(12) {
			if w := docs[r.IntN(len(docs))][r.IntN(20)]; !slices.Contains(terms, w) {
				terms = append(terms, w)
			}
		}
		k := 1 + r.IntN(30)
		var accept []uint64
		if i%2 == 1 {
			accept = slices.Repeat([]uint64{0x5555555555555555}, 700/64+1)
		}
		var skip func(uint32) bool
		if accept != nil {
			skip = odd
		}
		want := bruteForce(docs, skip, question(terms...), k)
		got := x.Search(question(terms...), accept, k)
		near := cmpopts.EquateApprox(1e-4, 0)
		scores := func(m []Match) (out []float64) {
			for _, v := range m {
				out = append(out, float64(v.Score))
			}
			return out
		}
		if diff := cmp.Diff(scores(want), scores(got), near); diff != "" {
			t.Errorf("search %d for %v (-want +got):\n%s", i, terms, diff)
		}
	}
}

func TestRemoveAndOrder(t *testing.T) {
	x := build(t, [][]string{{"a", "b"}, {"a"}, {"c"}})
	x.Remove(1)
	x.Remove(1)
	x.Remove(99)
	if got := x.Search(question("a"), nil, 5); len(got) != 1 || got[0].Slot != 0 {
		t.Errorf("after removing slot 1 found %v", got)
	}
	if err := x.Add(2, []string{"a"}); !errors.Is(err, ErrOrder) {
		t.Errorf("adding slot 2 again: %v", err)
	}
	if err := x.Add(10, []string{"a"}); err != nil {
		t.Errorf("adding slot 10: %v", err)
	}
	if diff := cmp.Diff(Stats{Live: 3, Dead: 1, Terms: 3, Sum: 7}, x.Stats()); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
	if df, n := x.Frequencies([]string{"a", "nothing"}); n != 3 || df[0] != 3 || df[1] != 0 {
		t.Errorf("frequencies %v of %d", df, n)
	}
	for _, k := range []int{0, -1} {
		if got := x.Search(question("a"), nil, k); got != nil {
			t.Errorf("k=%d found %v", k, got)
		}
	}
}

// TestConcurrentSearches search two indexes of different sizes, which share working memory.
func TestConcurrentSearches(t *testing.T) {
	indexes := []*Index{build(t, corpus(11, 2000, 200)), build(t, corpus(12, 300, 200))}
	q := question("t0", "t1", "t5", "t30", "t100")
	want := [][]Match{indexes[0].Search(q, nil, 20), indexes[1].Search(q, nil, 20)}
	var g sync.WaitGroup
	for i := range 8 {
		g.Go(func() {
			for range 50 {
				if diff := cmp.Diff(want[i%2], indexes[i%2].Search(q, nil, 20)); diff != "" {
					t.Errorf("index %d (-alone +beside others):\n%s", i%2, diff)
					return
				}
			}
		})
	}
	g.Wait()
}
