package flat

import "golang.org/x/sys/cpu"

// fastest chooses the kernels for this processor.
func fastest() kernels {
	k := kernels{sieve: portableSieve, dots: portableDots}
	if cpu.X86.HasAVX2 {
		k.dots = dotsInAVX2
	}
	if cpu.X86.HasAVX512VPOPCNTDQ && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512DQ {
		k.sieve = sieveInAVX512
	}
	return k
}

// The wrappers prove lengths, and the assembly compares the rows and groups of a list with limit and
// returns early, so that a wrong one panics here and never becomes a stray access.

func dotsInAVX2(codes []byte, levels []int8, rows []uint32, dots []int32) {
	lanes, n := len(levels)/lane, len(rows)-ahead
	if n == 0 || lanes == 0 {
		return
	}
	dots, levels = dots[:n], levels[:lanes*lane]
	limit := len(codes) / (lanes * halfLane)
	if limit == 0 || dotsAVX2(&codes[0], &levels[0], &rows[0], &dots[0], lanes, n, limit) != n {
		panic("flat: row out of range")
	}
}

//go:noescape
func dotsAVX2(codes *byte, levels *int8, rows *uint32, dots *int32, lanes, count, limit int) (done int)

func sieveInAVX512(s *sieve, signs []uint64, factors []float32, list, out []hit) int {
	words, n := len(s.planes)/planeCount, len(list)-ahead
	if n == 0 || words == 0 {
		return 0
	}
	out = out[:n]
	limit := min(len(signs)/(groupRows*words), len(factors)/groupRows)
	passed := -1
	if limit > 0 {
		passed = sieveAVX512(&signs[0], &factors[0], &s.planes[0], &list[0], &out[0], words, n, limit, s.step, s.base, s.least)
	}
	if passed < 0 {
		panic("flat: group out of range")
	}
	return passed
}

//go:noescape
func sieveAVX512(signs *uint64, factors *float32, planes *uint64, list, out *hit, words, count, limit int, step, base, least float32) (passed int)

// Dot returns the product of two vectors of one length.
func Dot(a, b []float32) float32 { return portableDot(a, b) }
