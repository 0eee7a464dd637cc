package flat

import "golang.org/x/sys/cpu"

// sieves are all kernels that this processor runs.
func sieves() map[string]siever {
	out := map[string]siever{"fastest": fastest().sieve}
	if cpu.X86.HasAVX2 {
		out["AVX2"] = sieveInAVX2
	}
	return out
}

func products() map[string]func(a, b []float32) float32 {
	out := map[string]func(a, b []float32) float32{"fastest": Dot, "portable": portableDot}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		out["AVX2"] = dotInAVX2
	}
	return out
}
