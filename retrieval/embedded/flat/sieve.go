package flat

import (
	"math"
	"math/bits"
)

// A sketch is one bit a dimension: the sign of the rotated vector, with a factor that makes the
// product with a query an unbiased estimate of the cosine (RaBitQ, Gao and Long, SIGMOD 2024):
//
//	⟨o,q⟩ ≈ ⟨sign o,q⟩ · factor,  factor = 1 / Σ|o|
//
// Sketches lie in groups of eight rows, a word of each of the eight after the other: eight sums in
// one register never have to be added up across it.
const groupRows = 8

// sketch writes the signs of rotated vector v as row to the group and returns its factor.
func sketch(v []float32, group []uint64, row int) (factor float32) {
	var sum float32
	for w := range len(v) / lane {
		var word uint64
		for i, x := range v[w*lane : (w+1)*lane] {
			b := math.Float32bits(x)
			word |= uint64(^b>>31) << i
			sum += math.Float32frombits(b &^ (1 << 31)) // |x|; neither branches
		}
		group[w*groupRows+row] = word
	}
	if !(sum > 0) {
		return 0
	}
	return 1 / sum
}

// planeCount is the number of bits of a query's levels in the sieve: two's complement in [-8,7].
const planeCount = 4

// sieve is a query for sketches. A row passes whose (step·S + base)·factor is at least least, where S
// is the sum of levels at its set bits.
type sieve struct {
	planes []uint64 // bit j of the levels of word w at planeCount·w+j
	step   float32
	base   float32 // includes the allowance for the error of estimates
	least  float32
	zero   float32 // base without allowance
	rough  float32 // what rounding the query adds to the error: its variance in units of ⟨sign o,q⟩
}

func newSieve(q []float32) sieve {
	var peak float32
	for _, v := range q {
		peak = max(peak, v, -v)
	}
	s := sieve{planes: make([]uint64, len(q)/lane*planeCount), least: float32(math.Inf(-1))}
	if peak == 0 {
		return s
	}
	const most = 7.4 // rounds to 7
	unit, sum := peak/most, 0
	for i, v := range q {
		n := int(math.RoundToEven(float64(v / unit)))
		sum += n
		for j := range planeCount {
			s.planes[i/lane*planeCount+j] |= uint64(n>>j&1) << (i % lane)
		}
		lost := v - unit*float32(n)
		s.rough += lost * lost
	}
	s.step, s.zero = 2*unit, -unit*float32(sum)
	return s
}

// allowance is how many standard deviations an estimate may lie below the floor before its row is
// lost. With 2, none of the true neighbours was lost on clustered and on real vectors, with 1 one in
// five hundred; more lets pass more rows, with 3 half as many again.
const allowance = 2

// spread is the variance of ⟨sign o,q⟩ for a q at right angles to o: 1 - 2/π.
const spread = 1 - 2/math.Pi

// floor lets pass what may have a cosine of at least floor. The nearer a vector is to the query, the
// less of the query is left at right angles to it, which alone makes the error.
func (s *sieve) floor(floor float32) {
	right := max(0, 1-floor*abs(floor))
	s.base = s.zero + allowance*float32(math.Sqrt(float64(spread*right+s.rough)))
	s.least = floor
}

func abs(x float32) float32 { return max(x, -x) }

// hit is a group with the rows of it that are wanted or have passed, a bit each, in its low byte.
type hit uint32

func (h hit) group() int { return int(h >> groupRows) }

// ahead is how many entries a kernel looks ahead in its list, to fetch what they name; lists end with
// as many that are not worked on.
const ahead = 16

// siever writes the groups of list, without its last ahead, of which wanted rows pass to out and
// returns their number.
type siever func(s *sieve, signs []uint64, factors []float32, list, out []hit) int

// planeSum is the sum of a word's levels at the set bits of code.
func planeSum(code uint64, planes []uint64) int {
	planes = planes[:planeCount]
	return bits.OnesCount64(code&planes[0]) + 2*bits.OnesCount64(code&planes[1]) +
		4*bits.OnesCount64(code&planes[2]) - 8*bits.OnesCount64(code&planes[3])
}

// portableSieve is for processors without a kernel of their own, and the oracle of the others.
func portableSieve(s *sieve, signs []uint64, factors []float32, list, out []hit) (passed int) {
	words := len(s.planes) / planeCount
	for _, h := range list[:len(list)-ahead] {
		group := signs[h.group()*words*groupRows:][:words*groupRows]
		factor := factors[h.group()*groupRows:][:groupRows]
		mask := hit(0)
		for row := range groupRows {
			if h>>row&1 == 0 {
				continue
			}
			sum := 0
			for w := range words {
				sum += planeSum(group[w*groupRows+row], s.planes[w*planeCount:])
			}
			if (float32(s.step*float32(sum))+s.base)*factor[row] >= s.least {
				mask |= 1 << row
			}
		}
		if mask != 0 {
			out[passed] = h&^(1<<groupRows-1) | mask
			passed++
		}
	}
	return passed
}
