package flat

// slab holds the rows of slabRows consecutive slots, fewer only where it is the last of a mapped set.
// Slabs are allocated one by one, so that growing neither copies nor holds twice the memory; they are
// large, so that a scan reads long runs.
type slab struct {
	used   []uint64  // bit set: the slot holds a vector
	factor []float32 // of the sketches
	scale  []float32 // of the codes: from integer product to cosine
	sketch []uint64
	codes  []byte
}

const (
	slabBlocks = 64
	slabRows   = slabBlocks * block
)

// slab returns a new one of some blocks.
func (c *Codes) slab(blocks int) slab {
	rows := blocks * block
	return slab{
		used:   make([]uint64, blocks),
		factor: make([]float32, rows),
		scale:  make([]float32, rows),
		sketch: make([]uint64, rows*c.words),
		codes:  make([]byte, rows*c.stride),
	}
}

// part is the view of some blocks of a slab.
func (c *Codes) part(s slab, from, to int) slab {
	first, last := from*block, to*block
	return slab{
		used:   s.used[from:to:to],
		factor: s.factor[first:last:last],
		scale:  s.scale[first:last:last],
		sketch: s.sketch[first*c.words : last*c.words : last*c.words],
		codes:  s.codes[first*c.stride : last*c.stride : last*c.stride],
	}
}

// within returns slab i without the blocks that lie beyond the rows.
func (c *Codes) within(i int) slab {
	return c.part(c.slabs[i], 0, min(slabBlocks, blocksOf(c.rows-i*slabRows)))
}

func blocksOf(rows int) int { return (rows + block - 1) / block }

// grow makes room for rows; a short slab is replaced by a whole one.
func (c *Codes) grow(rows int) {
	c.rows = max(c.rows, rows)
	have := c.room()
	if have >= rows {
		return
	}
	if have%slabRows > 0 {
		last := len(c.slabs) - 1
		c.slabs[last] = c.slab(slabBlocks).with(c.slabs[last])
	}
	for c.room() < rows {
		c.slabs = append(c.slabs, c.slab(slabBlocks))
	}
}

// room is the number of rows for which there are slabs.
func (c *Codes) room() int {
	if len(c.slabs) == 0 {
		return 0
	}
	last := len(c.slabs) - 1
	return last*slabRows + len(c.slabs[last].factor)
}

// with copies the rows of another slab.
func (s slab) with(other slab) slab {
	copy(s.used, other.used)
	copy(s.factor, other.factor)
	copy(s.scale, other.scale)
	copy(s.sketch, other.sketch)
	copy(s.codes, other.codes)
	return s
}
