package flat

import "math"

// lane is the number of dimensions that a kernel reads at once: 32 bytes of two codes each. The
// low halves of the bytes are the first 32 dimensions, the high halves the next 32.
const (
	lane     = 64
	halfLane = lane / 2
)

// levels are the steps of a code: u in [0,15] stands for (u-7.5)·step.
const (
	topLevel = 15
	middle   = topLevel / 2.0
)

// reach is where a code saturates, in root mean squares of the vector. Around 2.7 the mean square
// error of 16 even steps is least for normally distributed values; outliers saturate.
const reach = 2.7

// encode writes the codes of a rotated vector of norm 1 to row and returns its scale s: the cosine with a
// query q is about s·Σ(u-7.5)·q. The scale is 1/Σ(u-7.5)·x, so that a vector's cosine with itself
// stays 1 (the unbiased form of RaBitQ, Gao and Long, SIGMOD 2024).
func encode(x []float32, row []byte) (scale float32) {
	clear(row)
	perStep := float32(middle / reach * math.Sqrt(float64(len(x))))
	var self float32
	for ; len(x) > 0; row = row[halfLane:] {
		part := x[:lane]
		for i, v := range part {
			u := level(v * perStep)
			self += (float32(u) - middle) * v
			row[i%halfLane] |= u << (i / halfLane * 4)
		}
		x = x[lane:]
	}
	if self <= 0 {
		return 0
	}
	return 1 / self
}

// level rounds a value in steps to its code.
func level(v float32) byte {
	return byte(max(0, min(topLevel, int32(v+middle+.5))))
}

// query is a quantised query: q is about scale·levels, and offset is 7.5·Σlevels, which takes the
// shift of the codes out of a product.
type query struct {
	levels []int8
	scale  float32
	offset float32
}

// quantise rounds a rotated query to eight bits.
func quantise(q []float32) query {
	var peak float32
	for _, v := range q {
		peak = max(peak, v, -v)
	}
	out := query{levels: make([]int8, len(q)), scale: peak / math.MaxInt8}
	if peak == 0 {
		return out
	}
	sum := 0
	for i, v := range q {
		n := int(math.RoundToEven(float64(v / out.scale)))
		out.levels[i] = int8(n)
		sum += n
	}
	out.offset = middle * float32(sum)
	return out
}
