package lexical

import "encoding/binary"

// blockSize is the number of postings between two marks of a list.
const blockSize = 128

// list is a posting list: slots ascending, each with the number of occurrences. A posting is
// uvarint(gap<<2 | min(n,4)-1), followed by uvarint(n-4) where n >= 4; most take one or two bytes.
type list struct {
	count uint32 // postings
	last  uint32 // slot of the last posting
	data  []byte
	marks []mark // of each full block, to skip it
}

// mark is the state of a cursor behind a block.
type mark struct {
	last   uint32 // slot of the block's last posting
	offset uint32 // of the first byte after the block
}

func (l *list) append(slot, n uint32) {
	gap := uint64(slot - l.last) // the first gap is from slot 0
	l.data = binary.AppendUvarint(l.data, gap<<2|uint64(min(n, 4)-1))
	if n >= 4 {
		l.data = binary.AppendUvarint(l.data, uint64(n-4))
	}
	l.last = slot
	l.count++
	if l.count%blockSize == 0 {
		l.marks = append(l.marks, mark{slot, uint32(len(l.data))})
	}
}

// cursor walks over a list.
type cursor struct {
	data  []byte
	marks []mark
	pos   int
	slot  uint32
	n     uint32 // occurrences in slot
	block int    // marks passed
}

func (l *list) cursor() cursor { return cursor{data: l.data, marks: l.marks} }

// next moves to the next posting and reports whether there is one.
func (c *cursor) next() bool {
	if c.pos >= len(c.data) {
		return false
	}
	v := uint64(c.data[c.pos])
	c.pos++
	if v >= 0x80 {
		rest, size := binary.Uvarint(c.data[c.pos:])
		v = v&0x7f | rest<<7
		c.pos += max(size, 0)
	}
	c.slot += uint32(v >> 2)
	c.n = uint32(v&3) + 1
	if c.n == 4 {
		more, size := binary.Uvarint(c.data[c.pos:])
		c.n += uint32(more)
		c.pos += max(size, 1)
	}
	return true
}

// seek moves to the first posting at or behind slot, skipping whole blocks, and reports whether
// there is one. It only moves forward.
func (c *cursor) seek(slot uint32) bool {
	if c.n > 0 && c.slot >= slot {
		return true
	}
	for c.block < len(c.marks) && c.marks[c.block].last < slot {
		if m := c.marks[c.block]; int(m.offset) > c.pos {
			c.pos, c.slot = int(m.offset), m.last
		}
		c.block++
	}
	for c.next() {
		if c.slot >= slot {
			return true
		}
	}
	return false
}
