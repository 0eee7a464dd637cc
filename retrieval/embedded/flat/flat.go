// Package flat finds the nearest vectors of a query by looking at every vector, in four bits a
// dimension.
//
// A scan of 100,000 vectors is bound by the bytes that it reads, not by arithmetic. Four bits a
// dimension are an eighth of float32 and half of int8, and leave an error in the cosine of about
// half a hundredth: too much for an answer, little enough that the true neighbours are among a few
// hundred candidates. The caller scores those exactly, from vectors that it keeps elsewhere. There
// is no graph to build, to tune or to repair, and a filter makes the scan cheaper instead of worse.
//
// It keeps no full vectors, opens no files and locks nothing: Set and Clear exclude all else, searches
// may run side by side.
package flat

import (
	"context"
	"math/bits"
)

// block is the number of rows scanned by one call of the kernel: one word of the filter.
const block = 64

// Codes holds vectors of one dimension by slot. Slots are small numbers chosen by the caller.
type Codes struct {
	dimension int
	stride    int // bytes of a row: half the dimension, rounded up to whole lanes
	rows      int // one more than the highest slot ever set
	slabs     []slab
	kernel    kernel
}

// slab holds the rows of slabRows consecutive slots, fewer only where it is the last of a mapped set.
// Slabs are allocated one by one, so that growing neither copies nor holds twice the memory; they are
// large, so that a scan reads long runs.
type slab struct {
	codes []byte
	scale []float32 // from integer product to cosine
	used  []uint64  // bit set: the slot holds a vector
}

const slabRows = 64 * block

// New returns an empty set of vectors of the given dimension.
func New(dimension int) *Codes {
	if dimension < 1 || dimension > maxDimension {
		panic("flat: dimension out of range")
	}
	return &Codes{dimension: dimension, stride: (dimension + lane - 1) / lane * halfLane, kernel: fastest()}
}

// maxDimension bounds what is read from a file.
const maxDimension = 1 << 16

// Rows is one more than the highest slot that was ever set.
func (c *Codes) Rows() int { return c.rows }

// Set stores the vector of a slot; its length is the dimension and its norm 1.
func (c *Codes) Set(slot uint32, vector []float32) {
	if len(vector) != c.dimension {
		panic("flat: vector of another dimension")
	}
	c.grow(int(slot) + 1)
	s, row := &c.slabs[slot/slabRows], int(slot%slabRows)
	s.scale[row] = encode(vector, s.codes[row*c.stride:(row+1)*c.stride])
	s.used[row/block] |= 1 << (row % block)
}

// grow makes room for rows; a short slab in the way is replaced by a whole one.
func (c *Codes) grow(rows int) {
	c.rows = max(c.rows, rows)
	for last := len(c.slabs) - 1; ; last++ {
		if last >= 0 && last*slabRows+c.slabs[last].rows() >= rows {
			return
		}
		if last >= 0 && c.slabs[last].rows() < slabRows {
			c.slabs[last] = c.slabs[last].whole(c.stride)
			last--
			continue
		}
		c.slabs = append(c.slabs, slab{}.whole(c.stride))
	}
}

func (s slab) rows() int { return block * len(s.used) }

// whole returns a copy with all rows.
func (s slab) whole(stride int) slab {
	out := slab{
		codes: make([]byte, slabRows*stride),
		scale: make([]float32, slabRows),
		used:  make([]uint64, slabRows/block),
	}
	copy(out.codes, s.codes)
	copy(out.scale, s.scale)
	copy(out.used, s.used)
	return out
}

// Clear empties a slot; an empty one is no error.
func (c *Codes) Clear(slot uint32) {
	if c.Has(slot) {
		c.slabs[slot/slabRows].used[slot%slabRows/block] &^= 1 << (slot % block)
	}
}

// Has reports whether a slot holds a vector.
func (c *Codes) Has(slot uint32) bool {
	at := int(slot / slabRows)
	return int(slot) < c.rows && c.slabs[at].used[slot%slabRows/block]&(1<<(slot%block)) != 0
}

// Candidate is a slot with its approximate cosine.
type Candidate struct {
	Slot  uint32
	Score float32
}

// Nearest returns the n best candidates for a query of norm 1 in no particular order. Only slots
// whose bit is set in accept are looked at; nil accepts all. Of equal approximate scores the slot
// that less puts first wins.
func (c *Codes) Nearest(ctx context.Context, query []float32, n int, accept []uint64, less func(a, b uint32) bool) ([]Candidate, error) {
	if len(query) != c.dimension {
		panic("flat: query of another dimension")
	}
	s := scan{codes: c, query: quantise(query, 2*c.stride), best: newBest(n, less)}
	for i := range c.slabs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for j, want := range c.slabs[i].used {
			if accept != nil {
				want &= word(accept, i*slabRows/block+j)
			}
			if want != 0 {
				s.block(i, j, want)
			}
		}
	}
	return s.best.heap, nil
}

func word(set []uint64, at int) uint64 {
	if at >= len(set) {
		return 0
	}
	return set[at]
}

// scan is the state of one search.
type scan struct {
	codes *Codes
	query query
	best  best
	dots  [block]int32
}

// sparse is the number of wanted rows in a block below which rows are computed one by one.
const sparse = 24

// block scores the wanted rows of block j of slab i.
func (s *scan) block(i, j int, want uint64) {
	stride, slab := s.codes.stride, &s.codes.slabs[i]
	codes := slab.codes[j*block*stride : (j+1)*block*stride]
	if bits.OnesCount64(want) >= sparse {
		s.codes.kernel(codes, s.query.levels, s.dots[:])
	} else {
		for w := want; w != 0; w &= w - 1 {
			row := bits.TrailingZeros64(w)
			s.codes.kernel(codes[row*stride:(row+1)*stride], s.query.levels, s.dots[row:row+1])
		}
	}
	scale, first := slab.scale[j*block:(j+1)*block], uint32(i*slabRows+j*block)
	for w := want; w != 0; w &= w - 1 {
		row := bits.TrailingZeros64(w)
		score := scale[row] * s.query.scale * (float32(s.dots[row]) - s.query.offset)
		if score >= s.best.floor {
			s.best.add(Candidate{first + uint32(row), score})
		}
	}
}
