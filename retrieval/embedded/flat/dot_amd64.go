package flat

import "golang.org/x/sys/cpu"

// Dot returns the product of two vectors of one length, on one machine always the same: processors
// sum in orders of their own, which may change the last bits.
func Dot(a, b []float32) float32 {
	switch {
	case cpu.X86.HasAVX512F:
		return dotInAVX512(a, b)
	case cpu.X86.HasAVX2 && cpu.X86.HasFMA:
		return dotInAVX2(a, b)
	}
	return portableDot(a, b)
}

func dotInAVX512(a, b []float32) float32 {
	b = b[:len(a)]
	if len(a) == 0 {
		return 0
	}
	return dotAVX512(&a[0], &b[0], len(a))
}

func dotInAVX2(a, b []float32) float32 {
	b = b[:len(a)]
	if len(a) == 0 {
		return 0
	}
	return dotAVX2(&a[0], &b[0], len(a))
}

//go:noescape
func dotAVX512(a, b *float32, n int) float32

//go:noescape
func dotAVX2(a, b *float32, n int) float32
