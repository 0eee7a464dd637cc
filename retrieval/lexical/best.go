package lexical

import (
	"cmp"
	"container/heap"
	"slices"
)

// least is a heap with the worst match on top.
type least []Match

func (h least) Len() int           { return len(h) }
func (h least) Less(i, j int) bool { return better(h[j], h[i]) }
func (h least) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *least) Push(v any)        { *h = append(*h, v.(Match)) }
func (h *least) Pop() any          { panic("lexical: the heap of matches only replaces") }

func better(a, b Match) bool {
	return a.Score > b.Score || a.Score == b.Score && a.Slot < b.Slot
}

// best returns the k best of the given passages in order.
func best(slots []uint32, s *scratch, k int) []Match {
	h := top(slots, s, k)
	slices.SortFunc(h, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Slot, b.Slot))
	})
	return h
}

// kth returns the k-th best sum so far; at least k passages must be touched.
func (s *scratch) kth(k int) float32 { return top(s.touched, s, k)[0].Score }

func top(slots []uint32, s *scratch, k int) []Match {
	h := make(least, 0, min(k, len(slots)))
	for _, slot := range slots {
		m := Match{slot, s.sums[slot]}
		switch {
		case len(h) < k:
			h = append(h, m)
			if len(h) == k {
				heap.Init(&h)
			}
		case better(m, h[0]):
			h[0] = m
			heap.Fix(&h, 0)
		}
	}
	return h
}
