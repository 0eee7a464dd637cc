package flat

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// listOf returns numbers up to limit in no order, and what kernels look ahead to.
func listOf(r *rand.Rand, n, limit int) []uint32 {
	list := make([]uint32, n+ahead)
	for i := range n {
		list[i] = r.Uint32N(uint32(limit))
	}
	return list
}

// TestDots compares the kernel of this processor with the portable one, at the edges of the codes too.
func TestDots(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, lanes := range []int{1, 2, 3, 8, 12, 16, 64} {
		for _, n := range []int{0, 1, 2, 64} {
			const limit = 70
			codes, levels := make([]byte, limit*lanes*halfLane), make([]int8, lanes*lane)
			for _, fill := range []string{"random", "least", "most"} {
				for i := range codes {
					codes[i] = map[string]byte{"random": byte(r.Uint32()), "least": 0xff, "most": 0xff}[fill]
				}
				for i := range levels {
					levels[i] = map[string]int8{"random": int8(r.IntN(255) - 127), "least": -127, "most": 127}[fill]
				}
				rows, want, got := listOf(r, n, limit), make([]int32, n), make([]int32, n)
				portableDots(codes, levels, rows, want)
				fastest().dots(codes, levels, rows, got)
				if d := cmp.Diff(want, got); d != "" {
					t.Fatalf("%d lanes, %d rows, %s (-portable +fastest):\n%s", lanes, n, fill, d)
				}
			}
		}
	}
}

// TestSieves compares every kernel of this processor with the portable one.
func TestSieves(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for _, words := range []int{1, 2, 3, 8, 12, 16, 40, 1024} {
		const groups = 20
		signs, factors := make([]uint64, groups*groupRows*words), make([]float32, groups*groupRows)
		s := sieve{planes: make([]uint64, words*planeCount), step: .01, base: float32(r.NormFloat64())}
		for _, fill := range []string{"random", "ones", "least", "most"} {
			for i := range signs {
				signs[i] = map[string]uint64{"random": r.Uint64()}[fill] | map[bool]uint64{true: math.MaxUint64}[fill != "random"]
			}
			for i := range s.planes {
				s.planes[i] = map[string]uint64{"random": r.Uint64(), "ones": math.MaxUint64}[fill]
				if fill == "least" && i%planeCount == 3 || fill == "most" && i%planeCount < 3 {
					s.planes[i] = math.MaxUint64
				}
			}
			for i := range factors {
				factors[i] = r.Float32()
			}
			factors[3], factors[4], factors[5] = float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))
			for _, s.least = range []float32{float32(math.Inf(-1)), -.1, 0, s.base / 2, float32(math.Inf(1)), float32(math.NaN())} {
				compareSieves(t, r, &s, signs, factors, groups)
			}
		}
	}
}

func compareSieves(t *testing.T, r *rand.Rand, s *sieve, signs []uint64, factors []float32, groups int) {
	t.Helper()
	for _, n := range []int{0, 1, 2, strip} {
		list := make([]hit, n+ahead)
		for i, group := range listOf(r, n, groups)[:n] {
			list[i] = hit(group)<<groupRows | hit(r.Uint32N(1<<groupRows))
		}
		want, got := make([]hit, n), make([]hit, n)
		want = want[:portableSieve(s, signs, factors, list, want)]
		for name, k := range sieves() {
			if d := cmp.Diff(want, got[:k(s, signs, factors, list, got)]); d != "" {
				t.Fatalf("%s: %d words, %d groups, least %v (-portable):\n%s", name, len(s.planes)/planeCount, n, s.least, d)
			}
		}
	}
}

func sieves() map[string]siever { return map[string]siever{"fastest": fastest().sieve} }
