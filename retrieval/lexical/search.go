package lexical

import (
	"cmp"
	"math/bits"
	"slices"
	"sync"

	"xiaoyue/retrieval/segment"
)

// Match is a passage found.
type Match struct {
	Slot  uint32
	Score float32
}

// weighed is a term of the question with its list, weight·idf·(k1+1), and the most it can add to a
// score.
type weighed struct {
	view
	gain float32
	most float32
}

// search is the state of one search.
type search struct {
	index   *Index
	norms   norms
	k       int
	terms   []weighed
	rest    []float32 // rest[i]: the most that terms i… can add
	singles []posting // room for lists of one posting
	allowed []uint64  // slots that may be found, nil: all
	sums    []float32 // by slot; zero outside touched
	touched []uint64  // slots with a sum
	floor   float32   // at least k passages are this good
	settled bool      // no further passage is touched
	heap    []Match
	decoded decoded
	counts  [blockSize + 32]byte // of a block, copied to be read beyond their end
	room    struct {
		allowed    []uint64
		running    []uint64
		candidates []uint32
	}
}

// pool is shared by all indexes: it holds zeroed working memory and no results.
var pool = sync.Pool{New: func() any { return new(search) }}

// Search returns the k best of the passages in a set of slots, one bit each, by descending score,
// then by slot; a nil set is all passages. The score is the sum over the question's terms of
//
//	weight · idf · n(k1+1) / (n + k1(1-b+b·length/mean length))
//
// The result is exact: terms that can no longer lift a passage into the result are only looked up
// for those that are still in the running (MaxScore, Turtle and Flood 1995), and not even there
// where the bound of the block rules the passage out (Ding and Suel 2011).
func (x *Index) Search(question []segment.Weighted, inside []uint64, k int) []Match {
	if k <= 0 || x.stats.Live == 0 {
		return nil
	}
	s := pool.Get().(*search)
	s.prepare(x, question, min(k, x.stats.Live))
	found := s.run(inside)
	s.clear()
	pool.Put(s) // not where bytes of the index could not be read: then nobody knows what is left in it
	return found
}

func (s *search) run(inside []uint64) []Match {
	if n := s.admit(inside); n >= 0 && s.few(n) {
		return s.lookUpAll(0, s.members(s.allowed, n))
	}
	return s.accumulateAll()
}

// accumulateAll adds term after term, greatest bound first, until the rest can lift no further
// passage into the result, and finishes with the passages still in the running.
func (s *search) accumulateAll() []Match {
	looked := 1 // passages touched when the floor was looked for
	for i := range s.terms {
		t := &s.terms[i]
		if s.rest[i] >= s.need() && 3*s.rest[i] < s.rest[0] && int(t.count) > s.k {
			if n := count(s.touched); n >= s.k && n+int(t.count) > 2*looked {
				s.raise(s.touched)
				looked = n
			}
		}
		if s.rest[i] < s.need() {
			return s.finish(i)
		}
		s.accumulate(t, s.allowed)
	}
	return s.finish(len(s.terms))
}

// prepare looks the terms up and orders them by what they can add, greatest first.
func (s *search) prepare(x *Index, question []segment.Weighted, k int) {
	s.index, s.k, s.floor, s.settled = x, k, 0, false
	s.norms = x.norms()
	s.terms = s.terms[:0]
	s.singles = slices.Grow(s.singles[:0], len(question))[:len(question)]
	for i, q := range question {
		if q.Weight <= 0 {
			continue
		}
		v := x.find(hash(q.Text), s.singles[i:i+1])
		if v.count == 0 {
			continue
		}
		gain := q.Weight * x.idf(v.count) * (x.k1 + 1)
		s.terms = append(s.terms, weighed{v, gain, gain * s.norms.most(v.bound)})
	}
	slices.SortStableFunc(s.terms, func(a, b weighed) int { return cmp.Compare(b.most, a.most) })
	s.rest = slices.Grow(s.rest[:0], len(s.terms)+1)[:len(s.terms)+1]
	s.rest[len(s.terms)] = 0
	for i := len(s.terms) - 1; i >= 0; i-- {
		s.rest[i] = s.rest[i+1] + s.terms[i].most
	}
	n := x.slots()
	words := (n + 63) / 64
	if cap(s.touched) < words {
		s.sums, s.touched = make([]float32, 64*(words+words/4)), make([]uint64, words+words/4)
	}
	s.sums, s.touched = s.sums[:64*words], s.touched[:words]
}

// norms returns the parts of k1(1-b+b·length/mean).
func (x *Index) norms() norms {
	mean := float32(x.stats.Sum) / float32(x.stats.Live)
	n := norms{base: x.k1 * (1 - x.b), slope: x.k1 * x.b / mean}
	n.fill()
	return n
}

// admit makes the set of passages that may be found and returns how many there are, or -1 for all.
func (s *search) admit(inside []uint64) int {
	x := s.index
	s.allowed = nil
	if inside == nil && x.stats.Dead == 0 {
		return -1
	}
	n := (x.slots() + 63) / 64
	s.room.allowed = slices.Grow(s.room.allowed[:0], n)[:n]
	s.allowed = s.room.allowed
	total := 0
	for i := range s.allowed {
		w := ^uint64(0)
		if inside != nil {
			w = 0
			if i < len(inside) {
				w = inside[i]
			}
		}
		w &^= x.dead.word(i)
		s.allowed[i] = w
		total += bits.OnesCount64(w)
	}
	return total
}

// few reports whether looking n passages up in every list is cheaper than reading the lists.
func (s *search) few(n int) bool {
	reading := 0
	for i := range s.terms {
		reading += s.cost(&s.terms[i])
	}
	return n <= s.k || n*len(s.terms)*lookup < reading
}

// need is the score below which a passage is out, with room for the rounding of sums.
func (s *search) need() float32 { return s.floor * (1 - 2e-5) }

// clear zeroes the working memory for the next search.
func (s *search) clear() {
	for i, w := range s.touched {
		if w != 0 {
			clear(s.sums[i<<6:][:64])
			s.touched[i] = 0
		}
	}
	clear(s.terms) // they hold memory of the index
	s.index, s.allowed = nil, nil
}

func count(set []uint64) (n int) {
	for _, w := range set {
		n += bits.OnesCount64(w)
	}
	return n
}
