package bge

// innerBlock is how much of the inner dimension one pass over a panel covers, so that the panel's
// block and a tile of rows stay in the nearer caches while all rows stream past. 256 and 1024 are
// no faster.
const innerBlock = 512

// matrix is the weight of a linear layer, y = x·W + bias, packed for kernels of one tile width:
// panel after panel of width columns, each panel inner rows of width elements.
type matrix struct {
	inner, cols, width int
	panels             []float32 // inner × cols
	bias               []float32 // cols
}

// pack joins weights of inner rows side by side. The columns of each are a multiple of width.
func pack(width, inner int, weights, biases [][]float32) *matrix {
	m := &matrix{inner: inner, width: width}
	for _, bias := range biases {
		m.bias = append(m.bias, bias...)
	}
	m.cols = len(m.bias)
	m.panels = make([]float32, 0, inner*m.cols)
	for _, weight := range weights {
		cols := len(weight) / inner
		for col := 0; col < cols; col += width {
			for i := range inner {
				m.panels = append(m.panels, weight[i*cols+col:][:width]...)
			}
		}
	}
	return m
}

// columns is the part of m that makes the columns [from, to) of its product.
func (m *matrix) columns(from, to int) *matrix {
	return &matrix{
		inner: m.inner, cols: to - from, width: m.width,
		panels: m.panels[from*m.inner : to*m.inner], bias: m.bias[from:to],
	}
}

// multiply sets the first rows of dst to src·W + bias. The number of rows is 1 or a multiple of
// the tile's.
func (m *matrix) multiply(k *kernels, dst, src strided, rows int) {
	for i := range rows {
		copy(dst.row(i, m.cols), m.bias)
	}
	for from := 0; from < m.inner; from += innerBlock {
		n := min(innerBlock, m.inner-from)
		for col := 0; col < m.cols; col += m.width {
			panel := m.panels[col*m.inner+from*m.width:][:n*m.width]
			if rows == 1 {
				k.row(n, src.data[from:], panel, dst.data[col:])
				continue
			}
			for row := 0; row < rows; row += k.rows {
				k.tile(n, src.at(row, from), panel, dst.at(row, col))
			}
		}
	}
}
