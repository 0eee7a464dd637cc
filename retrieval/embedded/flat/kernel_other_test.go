//go:build !amd64

package flat

func sieves() map[string]siever { return map[string]siever{"fastest": fastest().sieve} }

func products() map[string]func(a, b []float32) float32 {
	return map[string]func(a, b []float32) float32{"fastest": Dot}
}
