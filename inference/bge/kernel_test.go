package bge

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func all() []*kernels { return []*kernels{portable(), newKernels()} }

func random(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

func near(t *testing.T, what string, got []float32, want []float64, tolerance float64) {
	t.Helper()
	for i := range got {
		if d := math.Abs(float64(got[i]) - want[i]); !(d <= tolerance*(1+math.Abs(want[i]))) {
			t.Fatalf("%s: element %d is %g, want %g", what, i, got[i], want[i])
		}
	}
}

func TestElementwise(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, k := range all() {
		t.Run(k.name, func(t *testing.T) {
			for n := lanes; n <= 640; n += lanes {
				x := random(r, n)
				for i := range x {
					x[i] *= 4
				}
				want := make([]float64, n)
				for i, v := range x {
					want[i] = 0.5 * float64(v) * math.Erfc(-float64(v)/math.Sqrt2)
				}
				g := append([]float32(nil), x...)
				k.gelu(g)
				near(t, fmt.Sprint("gelu ", n), g, want, 1e-6)
			}
		})
	}
}
