package flat

import "golang.org/x/sys/cpu"

// fastest chooses the kernels for this processor.
func fastest() kernels {
	k := kernels{sieve: portableSieve, dots: portableDots}
	if cpu.X86.HasAVX2 {
		k = kernels{sieve: sieveInAVX2, dots: dotsInAVX2}
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
	if len(list) == ahead {
		return 0
	}
	a := argsOf(s, signs, factors, list, out)
	return inRange(sieveAVX512(&a))
}

func sieveInAVX2(s *sieve, signs []uint64, factors []float32, list, out []hit) int {
	if len(list) == ahead {
		return 0
	}
	a := argsOf(s, signs, factors, list, out)
	return inRange(sieveAVX2(&a))
}

// sieveArgs is what the assembly reads, by the offsets below.
type sieveArgs struct {
	signs, planes       *uint64  // 0, 8
	factors             *float32 // 16
	list, out           *hit     // 24, 32
	words, count, limit int      // 40, 48, 56; count is used up
	step, base, least   float32  // 64, 68, 72
}

// argsOf panics where there is nothing to work on, or too little room.
func argsOf(s *sieve, signs []uint64, factors []float32, list, out []hit) sieveArgs {
	words, n := len(s.planes)/planeCount, len(list)-ahead
	_, _ = out[n-1], list[n+ahead-1]
	return sieveArgs{
		signs: &signs[0], planes: &s.planes[0], factors: &factors[0], list: &list[0], out: &out[0],
		words: words, count: n, limit: min(len(signs)/(groupRows*words), len(factors)/groupRows),
		step: s.step, base: s.base, least: s.least,
	}
}

func inRange(passed int) int {
	if passed < 0 {
		panic("flat: group out of range")
	}
	return passed
}

// sieveAVX512 and sieveAVX2 return -1 for a group out of range.
//
//go:noescape
func sieveAVX512(a *sieveArgs) (passed int)

//go:noescape
func sieveAVX2(a *sieveArgs) (passed int)
