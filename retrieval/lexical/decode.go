package lexical

import (
	"encoding/binary"
	"math/bits"
)

// decoded are the postings of a block.
type decoded struct {
	slots  [blockSize]uint32
	counts [blockSize]uint32
}

// decode reads a whole block and returns the number of postings.
func (b *block) decode(d *decoded) int {
	n := b.decodeSlots(&d.slots)
	b.decodeCounts(n, &d.counts)
	return n
}

func (b *block) decodeSlots(out *[blockSize]uint32) int {
	n, v, base := min(b.n, blockSize), b.slots, b.base
	switch b.width {
	case 0:
		return decodeBits(v, base&^63, n, out)
	case 2:
		for i := range n {
			out[i] = base + uint32(binary.LittleEndian.Uint16(v[2*i:]))
		}
	case 3:
		for i := range n {
			out[i] = base + (uint32(v[3*i]) | uint32(v[3*i+1])<<8 | uint32(v[3*i+2])<<16)
		}
	case 4:
		for i := range n {
			out[i] = base + binary.LittleEndian.Uint32(v[4*i:])
		}
	}
	return n
}

func decodeBits(words []byte, base uint32, n int, out *[blockSize]uint32) int {
	k := 0
	for ; len(words) >= 8; words, base = words[8:], base+64 {
		for w := binary.LittleEndian.Uint64(words); w != 0; w &= w - 1 {
			if k >= n {
				return k
			}
			out[k] = base + uint32(bits.TrailingZeros64(w))
			k++
		}
	}
	return k
}

func (b *block) decodeCounts(n int, out *[blockSize]uint32) {
	switch width := int(b.bits); {
	case width == 0:
		for i := range n {
			out[i] = 1
		}
	case width <= 8:
		c, mask := b.counts, uint32(1)<<width-1
		for i := range n {
			at := i * width
			out[i] = uint32(c[at>>3]>>(at&7))&mask + 1
		}
	default:
		for i := range n {
			out[i] = b.count(i)
		}
	}
}
