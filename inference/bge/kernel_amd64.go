package bge

import "golang.org/x/sys/cpu"

// available lists the kernels that this processor runs, the fastest first.
func available() []*kernels {
	var list []*kernels
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		if cpu.X86.HasAVX512F {
			list = append(list, avx512())
		}
		list = append(list, avx2())
	}
	return append(list, portable())
}

func avx2() *kernels {
	return &kernels{
		name: "avx2", rows: 6, cols: 16,
		tile: tile6x16, row: row16, softmax: softmax8, gelu: gelu8, addNorm: addNorm8,
	}
}

// avx512 doubles the tile both ways. The element-wise kernels stay those of AVX2: they are a
// few percent of the work.
func avx512() *kernels {
	k := avx2()
	k.name, k.rows, k.cols = "avx512", 12, 32
	k.tile, k.row = tile12x32, row32
	return k
}

// The wrappers below touch the last element of every operand, so that a wrong shape panics here
// and never becomes a stray access in the assembly.

func tile6x16(k int, a strided, b []float32, c strided) {
	_, _, _ = a.data[5*a.stride+k-1], b[16*k-1], c.data[5*c.stride+15]
	tile6x16AVX2(k, &a.data[0], a.stride, &b[0], &c.data[0], c.stride)
}

func row16(k int, a, b, c []float32) {
	_, _, _ = a[k-1], b[16*k-1], c[15]
	tile1x16AVX2(k, &a[0], &b[0], &c[0])
}

func tile12x32(k int, a strided, b []float32, c strided) {
	_, _, _ = a.data[11*a.stride+k-1], b[32*k-1], c.data[11*c.stride+31]
	tile12x32AVX512(k, &a.data[0], a.stride, &b[0], &c.data[0], c.stride)
}

func row32(k int, a, b, c []float32) {
	_, _, _ = a[k-1], b[32*k-1], c[31]
	tile1x32AVX512(k, &a[0], &b[0], &c[0])
}

func softmax8(x []float32, scale float32) float32 {
	mustLanes(len(x))
	return expSumAVX2(&x[0], len(x), maxAVX2(&x[0], len(x)), scale)
}

func gelu8(x []float32) {
	mustLanes(len(x))
	geluAVX2(&x[0], len(x))
}

func addNorm8(x, residual []float32, n layerNorm) {
	mustLanes(len(x))
	last := len(x) - 1
	_, _, _ = residual[last], n.gain[last], n.bias[last]
	addNormAVX2(&x[0], &residual[0], &n.gain[0], &n.bias[0], len(x), normEpsilon)
}

func mustLanes(n int) {
	if n == 0 || n%lanes != 0 {
		panic("bge: vector length is not a multiple of the lanes")
	}
}

//go:noescape
func tile6x16AVX2(k int, a *float32, lda int, b, c *float32, ldc int)

//go:noescape
func tile1x16AVX2(k int, a, b, c *float32)

//go:noescape
func tile12x32AVX512(k int, a *float32, lda int, b, c *float32, ldc int)

//go:noescape
func tile1x32AVX512(k int, a, b, c *float32)

//go:noescape
func maxAVX2(x *float32, n int) float32

//go:noescape
func expSumAVX2(x *float32, n int, peak, scale float32) float32

//go:noescape
func geluAVX2(x *float32, n int)

//go:noescape
func addNormAVX2(x, residual, gain, bias *float32, n int, epsilon float32)
