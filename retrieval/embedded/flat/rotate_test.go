package flat

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestRotation checks that products stay what they are and that a single dimension spreads over all.
func TestRotation(t *testing.T) {
	for _, dimension := range []int{1, 2, 63, 64, 65, 128, 200, 384, 512, 768, 1000, 1024, 1536} {
		rot, r := newRotation(dimension), rand.New(rand.NewPCG(11, uint64(dimension)))
		a, b := random(r, dimension), random(r, dimension)
		x, y := rot.apply(a), rot.apply(b)
		if before, after := portableDot(a, b), portableDot(x, y); math.Abs(float64(before-after)) > 1e-5 {
			t.Errorf("dimension %d: product %v became %v", dimension, before, after)
		}
		single := make([]float32, dimension)
		single[r.IntN(dimension)] = 1
		var peak float32
		for _, v := range rot.apply(single) {
			peak = max(peak, abs(v))
		}
		if limit := 6 / math.Sqrt(float64(rot.size)); float64(peak) > limit {
			t.Errorf("dimension %d: a single dimension keeps %v in one, at most %v expected", dimension, peak, limit)
		}
	}
}

// TestRotationStays holds the rotation to its values: files rest on them.
func TestRotationStays(t *testing.T) {
	rot := newRotation(96)
	v := make([]float32, 96)
	v[0] = 1
	var signs []byte
	for _, x := range rot.apply(v)[:24] {
		signs = append(signs, "+-"[math.Float32bits(x)>>31])
	}
	const want = "---++--++--++--+++-+++-+"
	if string(signs) != want {
		t.Errorf("signs %s, want %s", signs, want)
	}
}
