//go:build !amd64

package bge

func newKernels() *kernels { return portable() }
