package bge

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// near fails unless every element is within tolerance, relative above 1, of what is wanted. A NaN
// is never near.
func near(t *testing.T, what string, got []float32, want []float64, tolerance float64) {
	t.Helper()
	for i := range want {
		if d := math.Abs(float64(got[i]) - want[i]); !(d <= tolerance*max(1, math.Abs(want[i]))) {
			t.Fatalf("%s: element %d is %g, want %g", what, i, got[i], want[i])
		}
	}
}

func random(r *rand.Rand, n int, scale float64) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(scale * r.NormFloat64())
	}
	return x
}

// eachKernel runs a test for all kernels of this processor.
func eachKernel(t *testing.T, test func(t *testing.T, k *kernels, r *rand.Rand)) {
	for _, k := range available() {
		t.Run(k.name, func(t *testing.T) { test(t, k, rand.New(rand.NewPCG(1, 2))) })
	}
}

func TestMultiply(t *testing.T) {
	eachKernel(t, func(t *testing.T, k *kernels, r *rand.Rand) {
		for _, shape := range []struct{ tiles, inner, cols int }{
			{0, 1, 32}, {0, 7, 64}, {0, 513, 96}, {1, 1, 32}, {1, 2, 64}, {2, 3, 32}, {3, 255, 64},
			{1, 512, 96}, {2, 513, 32}, {1, 1100, 128},
		} {
			rows := max(1, shape.tiles*k.rows)
			what := fmt.Sprintf("%d×%d·%d", rows, shape.inner, shape.cols)
			left, right := random(r, shape.inner*shape.cols, 1), random(r, shape.inner*shape.cols, 1)
			bias := random(r, 2*shape.cols, 1)
			m := pack(k.cols, shape.inner, [][]float32{left, right}, [][]float32{bias[:shape.cols], bias[shape.cols:]})
			src, dst := newStrided(rows, shape.inner), newStrided(rows, 2*shape.cols)
			copy(src.data, random(r, len(src.data), 1))
			copy(dst.data, random(r, len(dst.data), 1))
			guard := append([]float32(nil), dst.data...)

			m.multiply(k, dst, src, rows)
			for i := range rows {
				want := product(src.row(i, shape.inner), left, right, bias)
				near(t, what, dst.row(i, 2*shape.cols), want, 1e-4)
				for j := 2 * shape.cols; j < dst.stride; j++ {
					if at := i*dst.stride + j; dst.data[at] != guard[at] {
						t.Fatalf("%s: written beyond row %d", what, i)
					}
				}
			}
			part := newStrided(rows, shape.cols)
			m.columns(shape.cols, 2*shape.cols).multiply(k, part, src, rows)
			near(t, what+" columns", part.row(rows-1, shape.cols), widen(dst.row(rows-1, 2*shape.cols)[shape.cols:]), 0)
		}
	})
}

// product is x·[left right] + bias.
func product(x, left, right, bias []float32) []float64 {
	sum := widen(bias)
	cols := len(left) / len(x)
	for i, v := range x {
		for j := range cols {
			sum[j] += float64(v) * float64(left[i*cols+j])
			sum[cols+j] += float64(v) * float64(right[i*cols+j])
		}
	}
	return sum
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func TestGELU(t *testing.T) {
	eachKernel(t, func(t *testing.T, k *kernels, r *rand.Rand) {
		for n := lanes; n <= 8*lanes; n += lanes {
			x := random(r, n, 5)
			x[0], x[1], x[2], x[3], x[4] = 0, -1e30, 1e30, float32(math.Copysign(0, -1)), -1e-30
			want := make([]float64, n)
			for i, v := range widen(x) {
				want[i] = 0.5 * v * math.Erfc(-v/math.Sqrt2)
			}
			k.gelu(x)
			near(t, fmt.Sprint(n), x, want, 1e-6)
		}
	})
}

func TestSoftmax(t *testing.T) {
	eachKernel(t, func(t *testing.T, k *kernels, r *rand.Rand) {
		for n := lanes; n <= 33*lanes; n += lanes {
			x := random(r, n, 40)
			x[n-1], x[n-2] = float32(math.Inf(-1)), -1e30
			want, sum, peak := widen(x), 0.0, math.Inf(-1)
			for _, v := range want {
				peak = max(peak, v)
			}
			for i, v := range want {
				want[i] = math.Exp(0.125 * (v - peak))
				sum += want[i]
			}
			got := k.softmax(x, 0.125)
			near(t, fmt.Sprint(n), x, want, 1e-6)
			near(t, "sum", []float32{got}, []float64{sum}, 1e-5)
		}
	})
}

func TestAddNorm(t *testing.T) {
	eachKernel(t, func(t *testing.T, k *kernels, r *rand.Rand) {
		for n := lanes; n <= 40*lanes; n += 3 * lanes {
			x, residual := random(r, n, 3), random(r, n, 1)
			p := layerNorm{gain: random(r, n, 1), bias: random(r, n, 1)}
			want := normalized(widen(x), widen(residual), p)
			k.addNorm(x, residual, p)
			near(t, fmt.Sprint(n), x, want, 1e-5)
		}
		flat := make([]float32, lanes)
		k.addNorm(flat, flat, layerNorm{gain: random(r, lanes, 1), bias: make([]float32, lanes)})
		near(t, "no spread", flat, make([]float64, lanes), 0)
	})
}

// normalized is the layer norm of x + residual, in x.
func normalized(x, residual []float64, p layerNorm) []float64 {
	var mean, variance float64
	for i := range x {
		x[i] += residual[i]
		mean += x[i] / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x))
	}
	for i, v := range x {
		x[i] = (v-mean)/math.Sqrt(variance+normEpsilon)*float64(p.gain[i]) + float64(p.bias[i])
	}
	return x
}

// BenchmarkTile reports the speed of the inner product on a block that fits the cache.
func BenchmarkTile(b *testing.B) {
	for _, k := range available() {
		b.Run(k.name, func(b *testing.B) {
			a, c := newStrided(k.rows, innerBlock), newStrided(k.rows, k.cols)
			panel := make([]float32, innerBlock*k.cols)
			b.ReportAllocs()
			for b.Loop() {
				k.tile(innerBlock, a, panel, c)
			}
			work := float64(2*k.rows*k.cols*innerBlock) * float64(b.N)
			b.ReportMetric(work/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
