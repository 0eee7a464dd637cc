package lexical

import (
	"cmp"
	"slices"
	"sync"

	"xiaoyue/retrieval/segment"
)

// Match is a passage found.
type Match struct {
	Slot  uint32
	Score float32
}

// query term with its list, weight·idf, and the most it can add to a score.
type weighed struct {
	list  *list
	gain  float32
	bound float32
}

// scratch is the working memory of a search.
type scratch struct {
	sums    []float32 // by slot; zero outside touched
	touched []uint32
}

// pool is shared by all indexes: it holds zeroed scratch memory and no results.
var pool = sync.Pool{New: func() any { return new(scratch) }}

// Search returns the k best passages that accept admits, by descending score, then by slot. The
// score is the sum over the question's terms of
//
//	weight · idf · n(k1+1) / (n + k1(1-b+b·length/mean length))
//
// A nil accept admits every passage. The result is exact: terms that can no longer lift a passage
// into the result are only looked up for those that are still in the running (MaxScore, Turtle and
// Flood 1995).
func (x *Index) Search(question []segment.Weighted, accept func(slot uint32) bool, k int) []Match {
	if k <= 0 || x.stats.Live == 0 {
		return nil
	}
	s := pool.Get().(*scratch)
	defer pool.Put(s)
	s.prepare(len(x.length))
	defer s.clear()

	terms := x.weigh(question)
	rest := make([]float32, len(terms)+1) // rest[i]: the most that terms i… can add
	for i := len(terms) - 1; i >= 0; i-- {
		rest[i] = rest[i+1] + terms[i].bound
	}
	var least float32 // of the k best sums so far
	for i, t := range terms {
		if len(s.touched) >= k && rest[i] >= least && int(t.list.count) > len(s.touched)/16 {
			least = s.kth(k)
		}
		if rest[i] < least {
			return x.finish(terms[i:], rest[i:], s, k, least)
		}
		x.accumulate(t, accept, s)
	}
	return best(s.touched, s, k)
}

// weigh looks the terms up and orders them by what they can add, greatest first.
func (x *Index) weigh(question []segment.Weighted) []weighed {
	terms := make([]weighed, 0, len(question))
	for _, q := range question {
		id, ok := x.byTerm[hash(q.Text)]
		if !ok || q.Weight <= 0 {
			continue
		}
		l := &x.lists[id]
		gain := q.Weight * x.idf(l.count) * (x.k1 + 1)
		terms = append(terms, weighed{l, gain, gain})
	}
	slices.SortStableFunc(terms, func(a, b weighed) int { return cmp.Compare(b.bound, a.bound) })
	return terms
}

// norms returns the two factors of k1(1-b+b·length/mean), so that it is base + slope·length.
func (x *Index) norms() (base, slope float32) {
	mean := float32(x.stats.Sum) / float32(x.stats.Live)
	return x.k1 * (1 - x.b), x.k1 * x.b / mean
}

// accumulate adds a term to the sums of all passages that hold it.
func (x *Index) accumulate(t weighed, accept func(uint32) bool, s *scratch) {
	base, slope := x.norms()
	for c := t.list.cursor(); c.next() && int(c.slot) < len(x.length); {
		if s.sums[c.slot] == 0 {
			if x.dead.has(c.slot) || accept != nil && !accept(c.slot) {
				continue
			}
			s.touched = append(s.touched, c.slot)
		}
		n := float32(c.n)
		s.sums[c.slot] += t.gain * n / (n + base + slope*float32(x.length[c.slot]))
	}
}

// finish adds the remaining terms to the candidates alone, dropping those that can no longer be
// among the k best, and returns the best of them.
func (x *Index) finish(terms []weighed, rest []float32, s *scratch, k int, least float32) []Match {
	candidates := s.within(s.touched, least-rest[0], nil)
	slices.Sort(candidates)
	base, slope := x.norms()
	for i, t := range terms {
		c := t.list.cursor()
		for _, slot := range candidates {
			if !c.seek(slot) {
				break
			}
			if c.slot == slot {
				n := float32(c.n)
				s.sums[slot] += t.gain * n / (n + base + slope*float32(x.length[slot]))
			}
		}
		if len(candidates) > 2*k {
			least = top(candidates, s, k)[0].Score
			candidates = s.within(candidates, least-rest[i+1], candidates[:0])
		}
	}
	return best(candidates, s, k)
}

func (s *scratch) prepare(slots int) {
	if len(s.sums) < slots {
		s.sums = make([]float32, slots+slots/4)
	}
}

func (s *scratch) clear() {
	for _, slot := range s.touched {
		s.sums[slot] = 0
	}
	s.touched = s.touched[:0]
}

// within appends to out the passages whose sum is at least floor.
func (s *scratch) within(slots []uint32, floor float32, out []uint32) []uint32 {
	for _, slot := range slots {
		if s.sums[slot] >= floor {
			out = append(out, slot)
		}
	}
	return out
}
