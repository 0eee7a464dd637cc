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

// TestOutOfRange holds the kernels to their slices: a wrong list panics.
func TestOutOfRange(t *testing.T) {
	const groups = 4
	signs, factors := make([]uint64, groups*groupRows*8), make([]float32, groups*groupRows)
	s, levels := sieve{planes: make([]uint64, 8*planeCount)}, make([]int8, 8*lane)
	for name, k := range sieves() {
		for _, wrong := range []hit{groups, 1<<24 - 1} {
			if !panics(func() {
				k(&s, signs, factors, append(make([]hit, 1), append([]hit{wrong << groupRows}, make([]hit, ahead)...)...), make([]hit, 2))
			}) {
				t.Errorf("%s: group %d of %d", name, wrong, groups)
			}
		}
		if !panics(func() { k(&s, signs, factors, make([]hit, 2+ahead), make([]hit, 1)) }) {
			t.Errorf("%s: room for fewer than listed", name)
		}
	}
	codes := make([]byte, 3*8*halfLane)
	for _, wrong := range []uint32{3, math.MaxUint32} {
		if !panics(func() {
			fastest().dots(codes, levels, append([]uint32{wrong}, make([]uint32, ahead)...), make([]int32, 1))
		}) {
			t.Errorf("row %d of 3", wrong)
		}
	}
	for name, product := range products() {
		if !panics(func() { product(make([]float32, 20), make([]float32, 19)) }) {
			t.Errorf("%s: vectors of two lengths", name)
		}
	}
}

func panics(do func()) (did bool) {
	defer func() { did = recover() != nil }()
	do()
	return false
}

// TestDot compares products with sums in double precision, and the ends of vectors beside other values.
func TestDot(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for name, product := range products() {
		for n := range 200 {
			all := make([]float32, 2*n+2)
			for i := range all {
				all[i] = float32(math.Inf(1)) // beside the vectors
			}
			a, b, want, size := all[1:1+n], all[1+n:1+2*n], 0.0, 0.0
			for i := range a {
				a[i], b[i] = float32(r.NormFloat64()), float32(r.NormFloat64())
				want += float64(a[i]) * float64(b[i])
				size += math.Abs(float64(a[i]) * float64(b[i]))
			}
			if got := product(a, b); math.Abs(float64(got)-want) > 1e-6*size {
				t.Errorf("%s, %d dimensions: %v, want %v", name, n, got, want)
			}
		}
		if got := product([]float32{float32(math.NaN()), 1}, []float32{1, 1}); !math.IsNaN(float64(got)) {
			t.Errorf("%s: NaN became %v", name, got)
		}
	}
}

// FuzzSieves compares the kernels with the portable one on bytes of any meaning.
func FuzzSieves(f *testing.F) {
	f.Add([]byte("signs, planes and factors"), uint8(8), float32(.01), float32(.5), float32(.1))
	f.Fuzz(func(t *testing.T, data []byte, words uint8, step, base, least float32) {
		const groups = 3
		n, r := int(words)%20+1, rand.New(rand.NewPCG(uint64(words), 1))
		fill := func(size int) []byte {
			out := make([]byte, size)
			for i := copy(out, data); i < size; i++ {
				out[i] = byte(r.Uint32())
			}
			data = data[min(len(data), size):]
			return out
		}
		s := sieve{planes: view[uint64](aligned(fill(8*n*planeCount)), n*planeCount), step: step, base: base, least: least}
		signs := view[uint64](aligned(fill(8*n*groups*groupRows)), n*groups*groupRows)
		compareSieves(t, r, &s, signs, view[float32](aligned(fill(4*groups*groupRows)), groups*groupRows), groups)
	})
}

func BenchmarkKernels(b *testing.B) {
	const groups = slabRows / groupRows
	r := rand.New(rand.NewPCG(5, 5))
	query, list := random(r, 512), make([]hit, groups+ahead)
	for i := range groups {
		list[i] = hit(i)<<groupRows | 0xff
	}
	signs, factors, out := make([]uint64, slabRows*8), make([]float32, slabRows), make([]hit, groups)
	s := newSieve(query)
	s.floor(.5)
	for name, k := range sieves() {
		b.Run("sieve/"+name, func(b *testing.B) {
			b.SetBytes(slabRows * 64)
			for b.Loop() {
				k(&s, signs, factors, list, out)
			}
		})
	}
	for name, product := range products() {
		b.Run("dot/"+name, func(b *testing.B) {
			other := random(r, 512)
			for b.Loop() {
				product(query, other)
			}
		})
	}
}

func BenchmarkSet(b *testing.B) {
	c, v := New(512), random(rand.New(rand.NewPCG(6, 5)), 512)
	c.Set(0, v)
	b.ReportAllocs()
	for b.Loop() {
		c.Set(0, v)
	}
}
