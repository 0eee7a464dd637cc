//go:build !amd64

package flat

func fastest() kernels { return kernels{sieve: portableSieve, dots: portableDots} }
