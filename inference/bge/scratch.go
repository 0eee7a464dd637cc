package bge

// rowPadding is added to the stride of every scratch matrix, so that the rows of a tile do not
// fall into one set of the cache.
const rowPadding = 16

// scratch is the working memory of one encoding. It grows to the longest text it has seen, about
// 12 MiB at 512 tokens.
type scratch struct {
	hidden  int
	rows    int
	x, y, z strided // rows × hidden
	qkv     strided // rows × 3·hidden
	wide    strided // rows × the feed-forward width

	// One head of attention: packed keys and values, a tile of scores and its sums.
	keys, values, scores, sums []float32
}

// reserve makes room for texts of the given number of rows, a multiple of the tile's.
func (s *scratch) reserve(e *encoder, rows int) {
	if rows <= s.rows {
		return
	}
	s.hidden, s.rows = e.hidden, rows
	s.x, s.y, s.z = newStrided(rows, e.hidden), newStrided(rows, e.hidden), newStrided(rows, e.hidden)
	s.qkv = newStrided(rows, 3*e.hidden)
	s.wide = newStrided(rows, e.layers[0].up.cols)
	keys := roundUp(rows, e.kernels.cols)
	s.keys = make([]float32, keys*headDim)
	s.values = make([]float32, keys*headDim)
	s.scores = make([]float32, e.kernels.rows*(keys+rowPadding))
	s.sums = make([]float32, e.kernels.rows)
}

func newStrided(rows, cols int) strided {
	return strided{make([]float32, rows*(cols+rowPadding)), cols + rowPadding}
}

// roundUp returns the least multiple of step that is not below n.
func roundUp(n, step int) int { return (n + step - 1) / step * step }
