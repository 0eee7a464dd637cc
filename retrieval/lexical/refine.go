package lexical

import (
	"math/bits"
	"slices"
	"sort"
)

// members returns the slots of a set of n.
func (s *search) members(set []uint64, n int) []uint32 {
	out := slices.Grow(s.room.candidates[:0], n)
	for i, w := range set {
		for ; w != 0; w &= w - 1 {
			if slot := uint32(i<<6 | bits.TrailingZeros64(w)); int(slot) < s.index.slots() {
				out = append(out, slot)
			}
		}
	}
	s.room.candidates = out
	return out
}

// raise raises the floor to the k-th best sum so far in a set.
func (s *search) raise(set []uint64) {
	s.heap = s.heap[:0]
	worst := s.floor
	for at, w := range set {
		if w == 0 {
			continue
		}
		if w = above((*[64]float32)(s.sums[at<<6:]), worst, w); w == 0 {
			continue
		}
		for ; w != 0; w &= w - 1 {
			slot := uint32(at<<6 | bits.TrailingZeros64(w))
			s.offer(Match{slot, s.sums[slot]})
		}
		if len(s.heap) == s.k {
			worst = s.heap[0].Score
		}
	}
	if len(s.heap) == s.k {
		s.floor = max(s.floor, worst)
	}
}

// finish adds terms i… to the touched passages, drops those that fall behind, and returns the best.
func (s *search) finish(i int) []Match {
	s.settled = true
	s.room.running = append(s.room.running[:0], s.touched...)
	running, n, rest := s.room.running, len(s.sums), s.need()
	for {
		if i == len(s.terms) || s.rest[i] < rest-s.floor/dropEvery {
			rest = s.rest[i]
			s.raise(running)
			n = s.drop(running, s.need()-rest)
		}
		if i == len(s.terms) || n*lookup < s.cost(&s.terms[i]) {
			return s.lookUpAll(i, s.members(running, n))
		}
		s.accumulate(&s.terms[i], running)
		i++
	}
}

// dropEvery is the share of the floor by which the rest falls between two looks for passages that
// fell behind.
const dropEvery = 4

// lookup is about what finding one posting costs, in nanoseconds.
const lookup = 20

// cost is about what reading a list costs when few of its passages are in the running.
func (s *search) cost(t *weighed) int {
	if n := int(t.count); n < s.index.slots()/16 { // nearly no sets of bits
		return 4 * n
	}
	return int(t.count) / 5
}

// drop takes those passages out of a set whose sums are less than least, and returns how many are left.
func (s *search) drop(set []uint64, least float32) (n int) {
	for at, w := range set {
		if w != 0 {
			set[at] = above((*[64]float32)(s.sums[at<<6:]), least, w)
			n += bits.OnesCount64(set[at])
		}
	}
	return n
}

// lookUpAll looks terms i… up for candidates in order of slots, and returns the best.
func (s *search) lookUpAll(i int, candidates []uint32) []Match {
	for ; i < len(s.terms); i++ {
		candidates = s.lookUp(&s.terms[i], s.need()-s.rest[i+1], candidates)
	}
	s.offerAll(candidates)
	return s.best()
}

func (s *search) offerAll(candidates []uint32) {
	s.heap = s.heap[:0]
	for _, slot := range candidates {
		if sum := s.sums[slot]; sum > 0 {
			s.offer(Match{slot, sum})
		}
	}
}

// lookUp adds a term to candidates and drops those that then, or by the bound of their block, have
// less than least. The result is in the memory of candidates.
func (s *search) lookUp(t *weighed, least float32, candidates []uint32) []uint32 {
	kept, i := candidates[:0], 0
	at, blocks, opened := 0, t.blocks(), -1
	var b block
	var most float32
	for ; i < len(candidates); i++ {
		slot := candidates[i]
		if at = seek(t.heads, at, blocks, slot); at == blocks {
			break
		}
		if at != opened {
			b, opened = s.index.block(&t.view, at), at
			most = t.gain * s.norms.most(b.bound)
		}
		if s.sums[slot]+most < least {
			continue
		}
		if slot >= b.base {
			s.contribute(t.gain, slot, b.find(slot))
		}
		if s.sums[slot] >= least {
			kept = append(kept, slot)
		}
	}
	for tail := t.tail; i < len(candidates); i++ {
		slot := candidates[i]
		next := sort.Search(len(tail), func(j int) bool { return tail[j].slot() >= slot })
		if tail = tail[next:]; len(tail) > 0 && tail[0].slot() == slot {
			s.contribute(t.gain, slot, tail[0].count())
		}
		if s.sums[slot] >= least {
			kept = append(kept, slot)
		}
	}
	return kept
}

// seek returns the first block from at on whose last slot is not before slot, by doubling steps.
func seek(heads []byte, at, blocks int, slot uint32) int {
	if at < blocks && lastOf(heads, at) >= slot {
		return at
	}
	step := 1
	for at+step < blocks && lastOf(heads, at+step) < slot {
		at, step = at+step, 2*step
	}
	low, high := at+1, min(at+step, blocks)
	for low < high {
		if mid := int(uint(low+high) / 2); lastOf(heads, mid) < slot {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return min(low, blocks)
}
