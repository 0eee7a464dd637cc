//go:build !amd64

package flat

// Dot returns the product of two vectors of one length.
func Dot(a, b []float32) float32 { return portableDot(a, b) }
