//go:build !amd64 && !arm64

package bge

// available lists the kernels that this processor runs, the fastest first.
func available() []*kernels { return []*kernels{portable()} }
