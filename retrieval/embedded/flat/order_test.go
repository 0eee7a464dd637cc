package flat

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestOrder counts the rows that pass the sieve, where the nearest vectors come first, last, or anywhere:
// no order may make a search score most of the rows.
func TestOrder(t *testing.T) {
	const n, dimension = 20 * slabRows, 64
	r := rand.New(rand.NewPCG(12, 12))
	query, vectors := random(r, dimension), make([][]float32, n)
	for i := range vectors {
		vectors[i] = random(r, dimension)
	}
	ascending := func(a, b []float32) int { return cmp.Compare(Dot(query, a), Dot(query, b)) }
	for _, order := range []struct {
		name string
		sort func()
		most int
	}{
		{"any", func() {}, n / 4},
		{"nearest last", func() { slices.SortFunc(vectors, ascending) }, n / 2},
		{"nearest first", func() { slices.Reverse(vectors) }, n / 2},
	} {
		t.Run(order.name, func(t *testing.T) {
			order.sort()
			c, scored := New(dimension), 0
			for i, v := range vectors {
				c.Set(uint32(i), v)
			}
			dots := c.kernels.dots
			c.kernels.dots = func(codes []byte, levels []int8, rows []uint32, out []int32) {
				scored += len(out)
				dots(codes, levels, rows, out)
			}
			if _, err := c.Nearest(t.Context(), query, 64, nil, bySlot); err != nil {
				t.Fatal(err)
			}
			t.Logf("%d of %d rows passed", scored, n)
			if scored > order.most {
				t.Errorf("%d of %d rows passed, at most %d expected", scored, n, order.most)
			}
		})
	}
}
