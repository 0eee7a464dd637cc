package embedded

import "encoding/binary"

// directory finds slots by the hash of an ID. It is a table with open addressing and linear probing
// that lies in a file as it lies in memory. A cell is the hash and, in the low half, the slot plus 1;
// 0 is empty. A power of two of cells, at most three quarters of them used.
type directory struct {
	cells []uint64
	used  int
}

const leastCells = 64

// valid reports whether cells read from a file have a possible size.
func (d *directory) valid() bool {
	n := len(d.cells)
	return n == 0 || n >= leastCells && n&(n-1) == 0 && d.used < n
}

// probe calls visit with the slots whose hash is h until it is satisfied, and returns the cell; none is
// -1.
func (d *directory) probe(h uint32, visit func(slot uint32) bool) int {
	mask := len(d.cells) - 1
	for n, i := 0, int(h)&mask; n <= mask; n, i = n+1, (i+1)&mask {
		c := d.cells[i]
		if c == 0 {
			return -1
		}
		if uint32(c>>32) == h && visit(uint32(c)-1) {
			return i
		}
	}
	return -1
}

func (d *directory) add(h, slot uint32) {
	if 4*(d.used+1) > 3*len(d.cells) {
		d.grow()
	}
	d.put(uint64(h)<<32 | uint64(slot+1))
	d.used++
}

func (d *directory) put(cell uint64) {
	mask := len(d.cells) - 1
	i := int(cell>>32) & mask
	for d.cells[i] != 0 {
		i = (i + 1) & mask
	}
	d.cells[i] = cell
}

func (d *directory) grow() {
	old := d.cells
	d.cells = make([]uint64, max(leastCells, 2*len(old)))
	for _, c := range old {
		if c != 0 {
			d.put(c)
		}
	}
}

// remove empties a cell and moves those up that were pushed behind it.
func (d *directory) remove(i int) {
	mask := len(d.cells) - 1
	for j := (i + 1) & mask; d.cells[j] != 0; j = (j + 1) & mask {
		home := int(d.cells[j]>>32) & mask
		if (j-home)&mask >= (j-i)&mask {
			d.cells[i], i = d.cells[j], j
		}
	}
	d.cells[i] = 0
	d.used--
}

// hashOf mixes an ID, eight bytes at a time. It is part of the form of checkpoints.
func hashOf(id []byte) uint32 {
	h := uint64(len(id))
	for ; len(id) >= 8; id = id[8:] {
		h = mix(h ^ binary.LittleEndian.Uint64(id))
	}
	var rest [8]byte
	copy(rest[:], id)
	return uint32(mix(h^binary.LittleEndian.Uint64(rest[:])) >> 32)
}

// mix spreads every bit over all of them (a multiplication between two folds).
func mix(x uint64) uint64 {
	x = (x ^ x>>32) * 0xd6e8feb86659fd93
	return (x ^ x>>32) * 0xd6e8feb86659fd93
}
