package lexical

import (
	"cmp"
	"slices"
)

func better(a, b Match) bool {
	return a.Score > b.Score || a.Score == b.Score && a.Slot < b.Slot
}

// offer keeps the k best matches in a heap with the worst on top; before there are k of them, in no
// order.
func (s *search) offer(m Match) {
	h := s.heap
	switch {
	case len(h) < s.k:
		s.heap = append(h, m)
		if len(h)+1 == s.k {
			for i := s.k/2 - 1; i >= 0; i-- {
				sink(s.heap, i)
			}
		}
	case better(m, h[0]):
		h[0] = m
		sink(h, 0)
	}
}

// sink moves a match down to its place.
func sink(h []Match, i int) {
	m := h[i]
	for child := 2*i + 1; child < len(h); child = 2*i + 1 {
		if child+1 < len(h) && better(h[child], h[child+1]) {
			child++
		}
		if better(h[child], m) {
			break
		}
		h[i], i = h[child], child
	}
	h[i] = m
}

// best returns the matches of the heap in order.
func (s *search) best() []Match {
	out := slices.Clone(s.heap)
	slices.SortFunc(out, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Slot, b.Slot))
	})
	return out
}
