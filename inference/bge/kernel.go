package bge

import "math"

// lanes is the granularity of the element-wise kernels: the lengths they get are multiples of it.
const lanes = 16

// kernels are the inner loops of the model for one kind of processor.
//
// Every implementation gives the same results up to the rounding of float32.
type kernels struct {
	name string

	// rows and cols are the shape of the tile of a matrix product that stays in registers.
	rows, cols int

	// tile adds a·b to c: a is rows×k, b a packed panel k×cols, c rows×cols.
	tile func(k int, a strided, b []float32, c strided)

	// row is tile for a single row.
	row func(k int, a, b, c []float32)

	// softmax replaces x by exp(scale·(x - max x)) and returns the sum of the results, by which
	// the caller still has to divide.
	softmax func(x []float32, scale float32) float32

	// gelu replaces x by x·Φ(x), with the exact normal distribution Φ.
	gelu func(x []float32)

	// addNorm replaces x by the layer norm of x + residual.
	addNorm func(x, residual []float32, n layerNorm)
}

// strided is a view of rows of a larger matrix, stride elements from one row to the next.
type strided struct {
	data   []float32
	stride int
}

// at is the view that begins at the given row and column.
func (s strided) at(row, col int) strided {
	return strided{s.data[row*s.stride+col:], s.stride}
}

// row is n elements of row i.
func (s strided) row(i, n int) []float32 { return s.data[i*s.stride:][:n] }

// layerNorm holds the parameters of a layer norm.
type layerNorm struct{ gain, bias []float32 }

// normEpsilon is BERT's layer_norm_eps.
const normEpsilon = 1e-12

// portable are the kernels in plain Go.
func portable() *kernels {
	return &kernels{
		name: "portable", rows: 2, cols: 4,
		tile: tile2x4, row: row4, softmax: softmaxGo, gelu: geluGo, addNorm: addNormGo,
	}
}

// tile2x4 is as large as the registers of a processor without vectors allow.
func tile2x4(k int, a strided, b []float32, c strided) {
	var c00, c01, c02, c03, c10, c11, c12, c13 float32
	upper, lower := a.row(0, k), a.row(1, k)
	for p, x := range upper {
		y := lower[p]
		line := (*[4]float32)(b[4*p:])
		c00 += x * line[0]
		c01 += x * line[1]
		c02 += x * line[2]
		c03 += x * line[3]
		c10 += y * line[0]
		c11 += y * line[1]
		c12 += y * line[2]
		c13 += y * line[3]
	}
	add4(c.data, c00, c01, c02, c03)
	add4(c.data[c.stride:], c10, c11, c12, c13)
}

func row4(k int, a, b, c []float32) {
	var c0, c1, c2, c3 float32
	for p, x := range a[:k] {
		line := (*[4]float32)(b[4*p:])
		c0 += x * line[0]
		c1 += x * line[1]
		c2 += x * line[2]
		c3 += x * line[3]
	}
	add4(c, c0, c1, c2, c3)
}

func add4(c []float32, c0, c1, c2, c3 float32) {
	to := (*[4]float32)(c)
	to[0], to[1], to[2], to[3] = to[0]+c0, to[1]+c1, to[2]+c2, to[3]+c3
}

func softmaxGo(x []float32, scale float32) float32 {
	peak := x[0]
	for _, v := range x {
		peak = max(peak, v)
	}
	var sum float32
	for i, v := range x {
		x[i] = float32(math.Exp(float64(scale * (v - peak))))
		sum += x[i]
	}
	return sum
}

func geluGo(x []float32) {
	for i, v := range x {
		x[i] = float32(0.5 * float64(v) * math.Erfc(-float64(v)/math.Sqrt2))
	}
}

func addNormGo(x, residual []float32, n layerNorm) {
	var sum float32
	for i := range x {
		x[i] += residual[i]
		sum += x[i]
	}
	mean := sum / float32(len(x))
	var spread float32
	for _, v := range x {
		spread += (v - mean) * (v - mean)
	}
	inverse := float32(1 / math.Sqrt(float64(spread)/float64(len(x))+normEpsilon))
	for i, v := range x {
		x[i] = (v-mean)*inverse*n.gain[i] + n.bias[i]
	}
}
