package flat

import "math"

// rotation turns vectors so that every direction spreads evenly over all dimensions: single bits then
// say about equally much, and outliers of real embeddings do not saturate codes. It is a product of
// random signs and Hadamard transforms, which costs n·log n. Signs are fixed: they are part of the
// form of files.
type rotation struct {
	size  int // whole lanes
	part  int // the greatest power of two within size
	signs [][]uint64
}

func newRotation(dimension int) rotation {
	r := rotation{size: (dimension + lane - 1) / lane * lane, part: lane}
	for 2*r.part <= r.size {
		r.part *= 2
	}
	rounds := 2
	if r.part < r.size {
		rounds = 4 // first and last part take turns, and overlap
	}
	state := uint64(0)
	for range rounds {
		signs := make([]uint64, r.size/lane)
		for i := range signs {
			state, signs[i] = splitmix(state)
		}
		r.signs = append(r.signs, signs)
	}
	return r
}

// splitmix is SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
func splitmix(state uint64) (next, random uint64) {
	state += 0x9e3779b97f4a7c15
	z := (state ^ state>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return state, z ^ z>>31
}

// apply returns the rotated vector, filled up to size.
func (r *rotation) apply(v []float32) []float32 {
	out := make([]float32, r.size)
	copy(out, v)
	scale := float32(1 / math.Sqrt(float64(r.part)))
	for round, signs := range r.signs {
		for i := range out {
			negative := uint32(signs[i/64]>>(i%64)) << 31
			out[i] = math.Float32frombits(math.Float32bits(out[i]) ^ negative)
		}
		part := out[:r.part]
		if round%2 == 1 {
			part = out[r.size-r.part:]
		}
		hadamard(part)
		for i := range part {
			part[i] *= scale
		}
	}
	return out
}

// hadamard is the transform without its scale; the length is a power of two from 8.
func hadamard(v []float32) {
	for at := 0; at+8 <= len(v); at += 8 {
		eight((*[8]float32)(v[at:]))
	}
	for half := 8; half < len(v); half *= 2 {
		for at := 0; at < len(v); at += 2 * half {
			low := v[at : at+half : at+half]
			high := v[at+half : at+2*half : at+2*half]
			for i, x := range low {
				y := high[i]
				low[i], high[i] = x+y, x-y
			}
		}
	}
}

// eight is the transform of eight values.
func eight(v *[8]float32) {
	a0, a1, a2, a3 := v[0]+v[1], v[0]-v[1], v[2]+v[3], v[2]-v[3]
	a4, a5, a6, a7 := v[4]+v[5], v[4]-v[5], v[6]+v[7], v[6]-v[7]
	b0, b1, b2, b3 := a0+a2, a1+a3, a0-a2, a1-a3
	b4, b5, b6, b7 := a4+a6, a5+a7, a4-a6, a5-a7
	v[0], v[1], v[2], v[3] = b0+b4, b1+b5, b2+b6, b3+b7
	v[4], v[5], v[6], v[7] = b0-b4, b1-b5, b2-b6, b3-b7
}
