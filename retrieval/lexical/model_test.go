package lexical

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"xiaoyue/retrieval/segment"
)

// model is an index and what it must say: the terms of every passage by slot, nil where there is none.
type model struct {
	*rand.Rand
	t     testing.TB
	x     *Index
	docs  [][]string
	dead  map[uint32]bool
	words *rand.Zipf
}

func newModel(t testing.TB, seed uint64, opts *Options) *model {
	r := rand.New(rand.NewPCG(seed, 7))
	return &model{r, t, New(opts), nil, map[uint32]bool{}, rand.NewZipf(r, 1.05+r.Float64()/3, 2, uint64(50+r.IntN(3000)))}
}

func (m *model) word() string { return fmt.Sprintf("字%d", m.words.Uint64()) }

// grow adds n passages, some of them behind a gap, a few of them long or of one word many times.
func (m *model) grow(n int) {
	for range n {
		if m.IntN(50) == 0 {
			m.docs = append(m.docs, make([][]string, m.IntN(300))...)
		}
		size := m.IntN(60)
		if m.IntN(40) == 0 {
			size *= 20
		}
		terms := make([]string, 0, size)
		for range size {
			terms = append(terms, m.word())
		}
		if m.IntN(100) == 0 {
			terms = append(terms, slices.Repeat([]string{m.word()}, 1+m.IntN(300))...)
		}
		if err := m.x.Add(uint32(len(m.docs)), terms); err != nil {
			m.t.Fatal(err)
		}
		m.docs = append(m.docs, terms)
	}
}

func (m *model) remove(n int) {
	for range n {
		slot := uint32(m.IntN(len(m.docs) + 3))
		m.x.Remove(slot)
		if int(slot) < len(m.docs) && m.docs[slot] != nil {
			m.dead[slot] = true
		}
	}
}

// reopen writes the index and goes on with what is mapped from the bytes.
func (m *model) reopen(opts *Options) {
	m.x = remap(m.t, m.x, opts)
}

func remap(t testing.TB, x *Index, opts *Options) *Index {
	t.Helper()
	var b bytes.Buffer
	n, err := x.WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatalf("wrote %d of %d bytes: %v", n, b.Len(), err)
	}
	y, err := Map(b.Bytes(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return y
}

func (m *model) question() []segment.Weighted {
	var q []segment.Weighted
	seen := map[string]bool{"": true}
	for range 1 + m.IntN(40) {
		w := m.word()
		if !seen[w] {
			q = append(q, segment.Weighted{Text: w, Weight: []float32{1, .2, .5, m.Float32()}[m.IntN(4)]})
		}
		seen[w] = true
	}
	return q
}

// filter returns a set of slots that keeps about a share of them, nil for all.
func (m *model) filter() []uint64 {
	share := []float64{1, .001, .01, .05, .5, 0}[m.IntN(6)]
	if share == 1 {
		return nil
	}
	set := make([]uint64, max(0, (len(m.docs)+63)/64-m.IntN(2)))
	for i := range 64 * len(set) {
		if m.Float64() < share {
			set[i/64] |= 1 << (i % 64)
		}
	}
	return set
}

// scores returns what every live passage in a set has to score, by the formula in Search's comment.
func (m *model) scores(q []segment.Weighted, inside []uint64) map[uint32]float64 {
	st := m.x.Stats()
	df := map[string]float64{}
	for _, d := range m.docs {
		for w := range tally(d) {
			df[w]++
		}
	}
	out := map[uint32]float64{}
	for slot, d := range m.docs {
		if m.dead[uint32(slot)] || inside != nil && (slot/64 >= len(inside) || inside[slot/64]>>(slot%64)&1 == 0) {
			continue
		}
		counts, score := tally(d), 0.0
		norm := float64(m.x.k1) * (1 - float64(m.x.b) + float64(m.x.b)*float64(len(d)+1)*float64(st.Live)/float64(st.Sum))
		for _, t := range q {
			n, f := float64(counts[t.Text]), min(df[t.Text], float64(st.Live))
			idf := math.Log(1 + (float64(st.Live)-f+.5)/(f+.5))
			score += float64(t.Weight) * idf * n * (float64(m.x.k1) + 1) / (n + norm)
		}
		if score > 0 {
			out[uint32(slot)] = score
		}
	}
	return out
}

func tally(terms []string) map[string]int {
	counts := map[string]int{}
	for _, t := range terms {
		counts[t]++
	}
	return counts
}

// check searches once and compares with the formula, and bit for bit with a search without pruning.
func (m *model) check() {
	m.t.Helper()
	q, inside, k := m.question(), m.filter(), 1+m.IntN(1+m.IntN(300))
	got := m.x.Search(q, inside, k)
	if diff := gocmp.Diff(exhaustive(m.x, q, inside, k), got, cmpopts.EquateEmpty()); diff != "" {
		m.t.Fatalf("pruned search differs (-all +pruned):\n%s", diff)
	}
	want := m.scores(q, inside)
	if len(got) != min(k, len(want)) {
		m.t.Fatalf("%d matches, want %d of %d", len(got), k, len(want))
	}
	worst := math.Inf(1)
	for _, g := range got {
		w := want[g.Slot]
		if math.Abs(w-float64(g.Score)) > 1e-4*w {
			m.t.Fatalf("slot %d scores %v, want %v", g.Slot, g.Score, w)
		}
		worst = min(worst, w)
		delete(want, g.Slot)
	}
	for slot, w := range want {
		if len(got) == k && w > worst*(1+1e-4) {
			m.t.Fatalf("slot %d with %v is missing, the last found has %v", slot, w, worst)
		}
	}
}

// exhaustive adds every posting of every list and sorts all.
func exhaustive(x *Index, q []segment.Weighted, inside []uint64, k int) []Match {
	if x.stats.Live == 0 {
		return nil
	}
	s := new(search)
	s.prepare(x, q, k)
	s.admit(inside)
	for i := range s.terms {
		s.accumulate(&s.terms[i], s.allowed)
	}
	all := []Match{}
	for slot, sum := range s.sums[:x.slots()] {
		if sum > 0 {
			all = append(all, Match{uint32(slot), sum})
		}
	}
	slices.SortFunc(all, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Slot, b.Slot))
	})
	return all[:min(k, len(all))]
}

// TestAgainstModel runs random changes, reopening and searches.
func TestAgainstModel(t *testing.T) {
	rounds := 12
	if testing.Short() {
		rounds = 3
	}
	for seed := range uint64(rounds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { walk(t, seed) })
	}
}

func walk(t testing.TB, seed uint64) {
	opts := []*Options{nil, {K1: 2, B: .3}, {B: -1}}[seed%3]
	m := newModel(t, seed, opts)
	for range 12 {
		switch m.IntN(4) {
		case 0:
			m.remove(m.IntN(len(m.docs)/10 + 2))
		case 1:
			m.reopen(opts)
		default:
			m.grow(1 + m.IntN(400))
		}
		for range 6 {
			m.check()
		}
	}
}

func FuzzWalk(f *testing.F) {
	f.Add(uint64(1000))
	f.Fuzz(func(t *testing.T, seed uint64) { walk(t, seed) })
}
