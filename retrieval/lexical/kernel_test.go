package lexical

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestKernelsAgree compares what this processor is given with plain Go, bit for bit.
func TestKernelsAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for round := range 60 {
		x := New(nil)
		n, rare := 700+r.IntN(3000), []int{2, 40}[round%2]
		for slot := range uint32(n) {
			terms := slices.Repeat([]string{"字"}, (1+r.IntN(1+r.IntN(300)))*max(0, 1-r.IntN(rare)))
			terms = append(terms, slices.Repeat([]string{"其他"}, r.IntN(60))...)
			if err := x.Add(slot, terms); err != nil {
				t.Fatal(err)
			}
		}
		within := share(n, []float64{1, .5, .02}[round%3])
		own, plain := new(search), new(search)
		own.prepare(x, question("字"), 10)
		plain.prepare(x, question("字"), 10)
		for i := range own.terms[0].blocks() {
			if b := x.block(&own.terms[0].view, i); b.width == 0 {
				own.addBits(1.5, &b, within)
				plain.addBitsPortably(1.5, &b, within)
			} else {
				own.addSlots(1.5, &b, within)
				plain.addSlotsPortably(1.5, &b, within)
			}
		}
		if diff := cmp.Diff(plain.sums, own.sums) + cmp.Diff(plain.touched, own.touched); diff != "" {
			t.Fatalf("round %d: sums (-plain +own):\n%s", round, diff)
		}
		for at := range own.touched {
			sums, set, least := (*[64]float32)(own.sums[64*at:]), r.Uint64(), r.Float32()
			if got, want := above(sums, least, set), abovePortably(sums, least, set); got != want {
				t.Fatalf("above %v in %b: %b, want %b", least, set, got, want)
			}
		}
	}
}

// share returns a random set that keeps a share of n slots; all is nil.
func share(n int, keep float64) []uint64 {
	if keep == 1 {
		return nil
	}
	r := rand.New(rand.NewPCG(3, 3))
	set := make([]uint64, n/64+1)
	for i := range n {
		if r.Float64() < keep {
			set[i/64] |= 1 << (i % 64)
		}
	}
	return set
}
