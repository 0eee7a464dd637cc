package lexical

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"sort"
)

// candidate is a passage in the running.
type candidate struct {
	slot uint32
	sum  float32
	norm float32
}

func le32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }

func (s *search) candidate(slot uint32) candidate {
	return candidate{slot, s.sums[slot], s.norms.of(s.index.length(slot))}
}

// members returns the passages of a set of n as candidates.
func (s *search) members(set []uint64, n int) []candidate {
	out := slices.Grow(s.room.candidates[:0], n)
	for i, w := range set {
		for ; w != 0; w &= w - 1 {
			if slot := uint32(i<<6 | bits.TrailingZeros64(w)); int(slot) < s.index.slots() {
				out = append(out, s.candidate(slot))
			}
		}
	}
	s.room.candidates = out
	return out
}

// running returns the touched passages that terms i… can still lift into the result.
func (s *search) running(i int) []candidate {
	least := s.need() - s.rest[i]
	out := s.room.candidates[:0]
	for at, w := range s.touched[:(s.index.slots()+63)/64] {
		for ; w != 0; w &= w - 1 {
			if slot := uint32(at<<6 | bits.TrailingZeros64(w)); s.sums[slot] >= least {
				out = append(out, s.candidate(slot))
			}
		}
	}
	s.room.candidates = out
	return out
}

// probe raises the floor: it completes the k touched passages that have the greatest sums before
// term i. That many passages are at least as good as the worst of them.
func (s *search) probe(i int) {
	s.heap = s.heap[:0]
	for at, w := range s.touched[:(s.index.slots()+63)/64] {
		for ; w != 0; w &= w - 1 {
			slot := uint32(at<<6 | bits.TrailingZeros64(w))
			s.offer(Match{slot, s.sums[slot]})
		}
	}
	slices.SortFunc(s.heap, func(a, b Match) int { return int(a.Slot) - int(b.Slot) })
	out := s.room.candidates[:0]
	for _, m := range s.heap {
		out = append(out, s.candidate(m.Slot))
	}
	s.room.candidates = out
	for j := i; j < len(s.terms); j++ {
		s.lookUp(&s.terms[j], 0, out)
	}
	floor := out[0].sum
	for _, c := range out {
		floor = min(floor, c.sum)
	}
	s.floor = max(s.floor, floor)
}

// finish adds terms i… to the candidates, which are in order of slots, drops those that fall behind,
// and returns the best.
func (s *search) finish(i int, candidates []candidate) []Match {
	for ; i < len(s.terms); i++ {
		candidates = s.lookUp(&s.terms[i], s.need()-s.rest[i+1], candidates)
		if len(candidates) > 2*s.k && i%4 == 3 {
			s.raise(candidates)
		}
	}
	s.heap = s.heap[:0]
	for _, c := range candidates {
		if c.sum > 0 {
			s.offer(Match{c.slot, c.sum})
		}
	}
	return s.best()
}

// raise raises the floor to the k-th best sum so far.
func (s *search) raise(candidates []candidate) {
	s.heap = s.heap[:0]
	for _, c := range candidates {
		s.offer(Match{c.slot, c.sum})
	}
	s.floor = max(s.floor, s.heap[0].Score)
}

// lookUp adds a term to candidates and drops those that then, or by the bound of their block, have
// less than least. The result is in the memory of candidates.
func (s *search) lookUp(t *weighed, least float32, candidates []candidate) []candidate {
	if len(candidates) > 0 && least <= 0 {
		least = -1
	}
	kept, i := candidates[:0], 0
	i = s.lookUpBlocks(t, least, candidates, &kept)
	for tail := t.tail; i < len(candidates); i++ {
		c := candidates[i]
		at := sort.Search(len(tail), func(j int) bool { return tail[j].slot() >= c.slot })
		if at < len(tail) && tail[at].slot() == c.slot {
			c.sum += contribution(t.gain, tail[at].count(), c.norm)
		}
		tail = tail[at:]
		if c.sum >= least {
			kept = append(kept, c)
		}
	}
	return kept
}

func contribution(gain float32, n uint32, norm float32) float32 {
	return gain * float32(n) / (float32(n) + norm)
}

// lookUpBlocks looks up in the blocks of a list and returns how many candidates do not lie behind
// them.
func (s *search) lookUpBlocks(t *weighed, least float32, candidates []candidate, kept *[]candidate) int {
	at, blocks, opened := 0, t.blocks(), -1
	var b block
	var most float32
	out := *kept
	for i, c := range candidates {
		if at = seek(t.heads, at, blocks, c.slot); at == blocks {
			*kept = out
			return i
		}
		if at != opened {
			b, opened = s.index.block(&t.view, at), at
			most = t.gain * s.norms.most(b.bound)
		}
		if c.sum+most < least {
			continue
		}
		if c.slot >= b.base {
			if n := b.find(c.slot); n > 0 {
				c.sum += contribution(t.gain, n, c.norm)
			}
		}
		if c.sum >= least {
			out = append(out, c)
		}
	}
	*kept = out
	return len(candidates)
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
