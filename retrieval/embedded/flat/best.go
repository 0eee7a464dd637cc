package flat

import "math"

// best keeps the best candidates seen, the worst of them at the root of a heap.
type best struct {
	limit int
	less  func(a, b uint32) bool
	heap  []Candidate
	floor float32 // scores below it are not among the best
}

func newBest(limit int, less func(a, b uint32) bool) best {
	return best{limit: limit, less: less, heap: make([]Candidate, 0, limit), floor: float32(math.Inf(-1))}
}

func (b *best) full() bool { return len(b.heap) == b.limit }

// add takes a candidate that is not below the floor.
func (b *best) add(c Candidate) {
	switch {
	case len(b.heap) < b.limit:
		b.heap = append(b.heap, c)
		b.up(len(b.heap) - 1)
	case b.worse(b.heap[0], c):
		b.heap[0] = c
		b.down()
	}
	if b.full() {
		b.floor = b.heap[0].Score
	}
}

func (b *best) worse(x, y Candidate) bool {
	if x.Score != y.Score {
		return x.Score < y.Score
	}
	return b.less(y.Slot, x.Slot)
}

func (b *best) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !b.worse(b.heap[i], b.heap[parent]) {
			return
		}
		b.heap[i], b.heap[parent] = b.heap[parent], b.heap[i]
		i = parent
	}
}

func (b *best) down() {
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(b.heap) {
			return
		}
		if right := child + 1; right < len(b.heap) && b.worse(b.heap[right], b.heap[child]) {
			child = right
		}
		if !b.worse(b.heap[child], b.heap[i]) {
			return
		}
		b.heap[i], b.heap[child] = b.heap[child], b.heap[i]
		i = child
	}
}
