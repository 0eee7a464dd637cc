package bge

import "math"

// headDim is the width of an attention head in every BERT of the bge family.
const headDim = 64

// attention sets y, for each of the first rows queries in qkv, to the average of the n values
// weighted by the softmax of query·key, head by head. The number of rows is a multiple of the tile's.
func (s *scratch) attention(k *kernels, rows, n int) {
	queries, keys, values := s.qkv, s.qkv.at(0, s.hidden), s.qkv.at(0, 2*s.hidden)
	scale := float32(1 / math.Sqrt(headDim))
	width := roundUp(n, k.cols)
	scores := strided{s.scores, width + rowPadding}
	for head := 0; head < s.hidden; head += headDim {
		packTransposed(s.keys, keys.at(0, head), n, k.cols)
		packRows(s.values, values.at(0, head), n, k.cols)
		for row := 0; row < rows; row += k.rows {
			s.weigh(k, scores, queries.at(row, head), n)
			for i := range k.rows {
				line := scores.row(i, width)
				fill(line[n:], float32(math.Inf(-1)))
				s.sums[i] = k.softmax(line, scale)
			}
			s.average(k, s.y.at(row, head), scores, n)
		}
	}
}

// weigh sets a tile of scores to the products of its queries with all keys of the head.
func (s *scratch) weigh(k *kernels, scores, queries strided, n int) {
	for i := range k.rows {
		clear(scores.row(i, roundUp(n, k.cols)))
	}
	for key := 0; key < n; key += k.cols {
		k.tile(headDim, queries, s.keys[key*headDim:], scores.at(0, key))
	}
}

// average sets a tile of dst to the mean of the head's values by the scores, softmax yet to be
// divided by s.sums.
func (s *scratch) average(k *kernels, dst, scores strided, n int) {
	for i := range k.rows {
		clear(dst.row(i, headDim))
	}
	for col := 0; col < headDim; col += k.cols {
		k.tile(n, scores, s.values[col*n:], dst.at(0, col))
	}
	for i := range k.rows {
		inverse := 1 / s.sums[i]
		line := dst.row(i, headDim)
		for j := range line {
			line[j] *= inverse
		}
	}
}

// packTransposed packs the n rows of a head as the columns of panels, the last filled up with
// zeros.
func packTransposed(dst []float32, src strided, n, width int) {
	for from := 0; from < n; from += width {
		panel := dst[from*headDim:][:headDim*width]
		for j := range width {
			if from+j >= n {
				for d := range headDim {
					panel[d*width+j] = 0
				}
				continue
			}
			for d, v := range src.row(from+j, headDim) {
				panel[d*width+j] = v
			}
		}
	}
}

// packRows packs the n rows of a head as panels of n rows.
func packRows(dst []float32, src strided, n, width int) {
	for col := 0; col < headDim; col += width {
		for i := range n {
			copy(dst[col*n+i*width:][:width], src.data[i*src.stride+col:])
		}
	}
}

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}
