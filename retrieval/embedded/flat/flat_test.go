package flat

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func random(r *rand.Rand, n int) []float32 {
	v, sum := make([]float32, n), 0.0
	for i := range v {
		v[i] = float32(r.NormFloat64())
		sum += float64(v[i]) * float64(v[i])
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(sum))
	}
	return v
}

func bySlot(a, b uint32) bool { return a < b }

// TestScores checks that the approximate cosine of vectors of any dimension is close to the true one.
func TestScores(t *testing.T) {
	for _, dimension := range []int{1, 3, 32, 63, 64, 65, 512, 768, 1024} {
		r := rand.New(rand.NewPCG(2, uint64(dimension)))
		c, vectors := New(dimension), make([][]float32, 100)
		for i := range vectors {
			vectors[i] = random(r, dimension)
			c.Set(uint32(i), vectors[i])
		}
		query := random(r, dimension)
		got, err := c.Nearest(t.Context(), query, len(vectors), nil, bySlot)
		if err != nil || len(got) != len(vectors) {
			t.Fatalf("dimension %d: %d candidates, %v", dimension, len(got), err)
		}
		limit := .6 / math.Sqrt(float64(dimension)) // five times the mean error
		for _, m := range got {
			if want := Dot(query, vectors[m.Slot]); math.Abs(float64(m.Score-want)) > limit {
				t.Errorf("dimension %d: score %.4f, true %.4f", dimension, m.Score, want)
			}
		}
	}
}

// TestFilter compares every share of accepted slots, and slots set and cleared, with what was asked.
func TestFilter(t *testing.T) {
	const n = 2*slabRows + 100
	r := rand.New(rand.NewPCG(3, 3))
	c, held := New(64), map[uint32]bool{}
	for i := range uint32(n) {
		c.Set(i, random(r, 64))
		held[i] = true
	}
	for range n / 3 {
		slot := r.Uint32N(n)
		c.Clear(slot)
		delete(held, slot)
	}
	c.Clear(10 * n)
	for _, share := range []float64{0, .001, .05, .5, 1} {
		t.Run(fmt.Sprint(share), func(t *testing.T) {
			accept, want := make([]uint64, n/block), []uint32(nil) // a little short: the rest is not accepted
			for i := range uint32(len(accept) * block) {
				if r.Float64() < share {
					accept[i/block] |= 1 << (i % block)
					if held[i] {
						want = append(want, i)
					}
				}
			}
			found, err := c.Nearest(t.Context(), random(r, 64), n, accept, bySlot)
			if err != nil {
				t.Fatal(err)
			}
			var got []uint32
			for _, m := range found {
				got = append(got, m.Slot)
			}
			slices.Sort(got)
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestTiesAndCancellation(t *testing.T) {
	c, v := New(8), random(rand.New(rand.NewPCG(4, 4)), 8)
	for i := range uint32(1000) {
		c.Set(i, v)
	}
	found, err := c.Nearest(t.Context(), v, 10, nil, func(a, b uint32) bool { return a > b })
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range found {
		if m.Slot < 990 || math.Abs(float64(m.Score-1)) > .01 {
			t.Errorf("slot %d with %.3f among the first of equals", m.Slot, m.Score)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Nearest(ended, v, 10, nil, bySlot); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestSideBySide searches in many goroutines at once; each finds what it finds alone.
func TestSideBySide(t *testing.T) {
	r, c := rand.New(rand.NewPCG(13, 13)), New(64)
	for i := range uint32(2 * slabRows) {
		c.Set(i, random(r, 64))
	}
	var wait sync.WaitGroup
	defer wait.Wait()
	for range 8 {
		query := random(r, 64)
		want, err := c.Nearest(t.Context(), query, 20, nil, bySlot)
		if err != nil {
			t.Fatal(err)
		}
		for range 4 {
			wait.Go(func() {
				got, err := c.Nearest(t.Context(), query, 20, nil, bySlot)
				if d := cmp.Diff(want, got); err != nil || d != "" {
					t.Errorf("%v (-alone +side by side):\n%s", err, d)
				}
			})
		}
	}
}
