package bge

import "math"

// encoder is the transformer: what turns token ids into one vector.
type encoder struct {
	kernels   *kernels
	hidden    int
	words     []float32 // vocabulary × hidden
	positions []float32 // MaxTokens × hidden, with the embedding of token type 0 added
	embedding layerNorm
	layers    []layer
}

// layer is one block of BERT: attention and feed-forward, each with its residual and norm.
type layer struct {
	qkv, out, up, down *matrix // qkv makes queries, keys and values side by side
	attended, fed      layerNorm
}

// encode returns the unit vector of the first token after the last layer. There are at least
// one and at most MaxTokens ids, all within the vocabulary.
//
// Only that one row of the last layer is needed, so the last layer computes keys and values for
// every token and the rest for one: a fifth of all work is left out.
func (e *encoder) encode(s *scratch, ids []int32) []float32 {
	k, n := e.kernels, len(ids)
	rows := roundUp(n, k.rows)
	s.reserve(e, rows)
	e.embed(s, ids, rows)
	last := len(e.layers) - 1
	for i := range e.layers[:last] {
		l := &e.layers[i]
		l.qkv.multiply(k, s.qkv, s.x, rows)
		s.attention(k, rows, n)
		l.finish(k, s, rows)
	}
	l := &e.layers[last]
	l.qkv.columns(0, e.hidden).multiply(k, s.qkv, s.x, 1)
	l.qkv.columns(e.hidden, 3*e.hidden).multiply(k, s.qkv.at(0, e.hidden), s.x, rows)
	s.attention(k, k.rows, n)
	l.finish(k, s, 1)
	return unit(s.x.row(0, e.hidden))
}

// embed sets x to the embeddings of the ids; the rows beyond them are zero.
func (e *encoder) embed(s *scratch, ids []int32, rows int) {
	for i := range rows {
		x := s.x.row(i, e.hidden)
		if i >= len(ids) {
			clear(x)
			continue
		}
		copy(x, e.words[int(ids[i])*e.hidden:])
		e.kernels.addNorm(x, e.positions[i*e.hidden:][:e.hidden], e.embedding)
	}
}

// finish takes a block from the attention's averages in y to its result in x.
func (l *layer) finish(k *kernels, s *scratch, rows int) {
	l.out.multiply(k, s.z, s.y, rows)
	l.addNorm(k, s, rows, l.attended)
	l.up.multiply(k, s.wide, s.x, rows)
	for i := range rows {
		k.gelu(s.wide.row(i, l.up.cols))
	}
	l.down.multiply(k, s.z, s.wide, rows)
	l.addNorm(k, s, rows, l.fed)
}

// addNorm sets x to the layer norm of z + x.
func (l *layer) addNorm(k *kernels, s *scratch, rows int, n layerNorm) {
	for i := range rows {
		k.addNorm(s.z.row(i, s.hidden), s.x.row(i, s.hidden), n)
	}
	s.x, s.z = s.z, s.x
}

// unit returns x scaled to length 1.
func unit(x []float32) []float32 {
	var square float64
	for _, v := range x {
		square += float64(v) * float64(v)
	}
	inverse := 1 / math.Sqrt(max(square, 1e-24))
	u := make([]float32, len(x))
	for i, v := range x {
		u[i] = float32(float64(v) * inverse)
	}
	return u
}
