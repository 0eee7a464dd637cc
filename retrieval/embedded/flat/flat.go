// Package flat finds the nearest vectors of a query by looking at every vector, first in one bit a
// dimension, then in four.
//
// A scan is bound by the bytes that it reads, not by arithmetic. The sieve reads one bit a dimension,
// 64 bytes of a vector of 512, as fast as memory delivers them, and lets pass what may be among the
// best: an estimate with an error bound, against the worst of the best seen so far. What passes, some
// thousands of a million, is scored in four bits a dimension, which leaves an error in the cosine of
// about half a hundredth: too much for an answer, little enough that the true neighbours are among
// some sixty candidates. The caller scores those exactly, from vectors that it keeps elsewhere. The
// bound instead of a fixed number of rows keeps the second stage small where neighbours stand out and
// the answer right where they do not. There is no graph to build, to tune or to repair, and a filter
// makes the scan cheaper instead of worse.
//
// It keeps no full vectors, opens no files and locks nothing: Set and Clear exclude all else, searches
// may run side by side.
package flat

// block is the number of rows of one word of the filter.
const block = 64

// maxDimension bounds what is read from a file.
const maxDimension = 1 << 16

// Codes holds vectors of one dimension by slot. Slots are small numbers chosen by the caller.
type Codes struct {
	dimension int
	rotation  rotation
	words     int // of a sketch
	stride    int // bytes of a row of codes
	rows      int // one more than the highest slot ever set
	slabs     []slab
	kernels   kernels
}

// New returns an empty set of vectors of the given dimension.
func New(dimension int) *Codes {
	if dimension < 1 || dimension > maxDimension {
		panic("flat: dimension out of range")
	}
	r := newRotation(dimension)
	return &Codes{
		dimension: dimension, rotation: r, words: r.size / lane, stride: r.size / lane * halfLane, kernels: fastest(),
	}
}

// Rows is one more than the highest slot that was ever set.
func (c *Codes) Rows() int { return c.rows }

// Dimension is that of the vectors.
func (c *Codes) Dimension() int { return c.dimension }

// Set stores the vector of a slot; its length is the dimension and its norm 1.
func (c *Codes) Set(slot uint32, vector []float32) {
	if len(vector) != c.dimension {
		panic("flat: vector of another dimension")
	}
	c.grow(int(slot) + 1)
	s, row := &c.slabs[slot/slabRows], int(slot%slabRows)
	v, first := c.rotation.apply(vector), row/groupRows*groupRows*c.words
	s.factor[row] = sketch(v, s.sketch[first:first+groupRows*c.words], row%groupRows)
	s.scale[row] = encode(v, s.codes[row*c.stride:(row+1)*c.stride])
	s.used[row/block] |= 1 << (row % block)
}

// Clear empties a slot; an empty one is no error.
func (c *Codes) Clear(slot uint32) {
	if c.Has(slot) {
		c.slabs[slot/slabRows].used[slot%slabRows/block] &^= 1 << (slot % block)
	}
}

// Has reports whether a slot holds a vector.
func (c *Codes) Has(slot uint32) bool {
	return int64(slot) < int64(c.rows) && c.slabs[slot/slabRows].used[slot%slabRows/block]&(1<<(slot%block)) != 0
}
