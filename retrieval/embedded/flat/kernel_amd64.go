package flat

import "golang.org/x/sys/cpu"

// fastest chooses the kernel for this processor.
func fastest() kernel {
	if cpu.X86.HasAVX2 {
		return avx2
	}
	return portable
}

// avx2 is the kernel in 32-byte registers. Slicing proves the lengths, so that a wrong shape panics
// here and never becomes a stray access in the assembly.
func avx2(codes []byte, levels []int8, dots []int32) {
	if len(dots) == 0 || len(levels) == 0 {
		return
	}
	lanes := len(levels) / lane
	_, _ = codes[len(dots)*lanes*halfLane-1], levels[lanes*lane-1]
	dotsAVX2(&codes[0], &levels[0], &dots[0], lanes, len(dots))
}

//go:noescape
func dotsAVX2(codes *byte, levels *int8, dots *int32, lanes, rows int)
