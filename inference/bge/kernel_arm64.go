package bge

// available lists the kernels that this processor runs, the fastest first. Every arm64 has NEON.
func available() []*kernels { return []*kernels{neon(), portable()} }

// neon has the matrix product in assembly; the element-wise kernels are the portable ones.
func neon() *kernels {
	k := portable()
	k.name, k.rows, k.cols = "neon", 4, 16
	k.tile, k.row = tile4x16, row16
	return k
}

// The wrappers touch the last element of every operand, so that a wrong shape panics here and
// never becomes a stray access in the assembly.

func tile4x16(k int, a strided, b []float32, c strided) {
	_, _, _ = a.data[3*a.stride+k-1], b[16*k-1], c.data[3*c.stride+15]
	tile4x16NEON(k, &a.data[0], a.stride, &b[0], &c.data[0], c.stride)
}

func row16(k int, a, b, c []float32) {
	_, _, _ = a[k-1], b[16*k-1], c[15]
	tile1x16NEON(k, &a[0], &b[0], &c[0])
}

//go:noescape
func tile4x16NEON(k int, a *float32, lda int, b, c *float32, ldc int)

//go:noescape
func tile1x16NEON(k int, a, b, c *float32)
