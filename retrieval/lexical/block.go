package lexical

import (
	"encoding/binary"
	"math/bits"
)

// A block is up to 128 postings of a list, encoded so that one posting can be read without the
// others. The slots are a set of bits, in words that lie on multiples of 64 slots, or differences
// from the slot that follows the block before, of 2, 3 or 4 bytes each, whichever is shorter. Then
// come the numbers of occurrences less one, all of the same number of bits: 0, 1, 2, 4, 8, 16 or 32.
const blockSize = 128

// head describes a block; 16 bytes little endian in memory and in a file.
type head struct {
	last  uint32 // slot of the last posting
	bound bound
	at    uint64 // where the data lies, 48 bits
	width uint8  // bytes of a slot, 0: a set of bits
	bits  uint8  // of a number of occurrences
}

const (
	headSize = 16
	atBits   = 48
)

// posting is a slot, and the number of occurrences in the upper half.
type posting uint64

func newPosting(slot, n uint32) posting { return posting(slot) | posting(n)<<32 }

func (p posting) slot() uint32  { return uint32(p) }
func (p posting) count() uint32 { return uint32(p >> 32) }

func (h head) append(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, h.last)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(h.bound))
	return binary.LittleEndian.AppendUint64(dst, h.at|uint64(h.width)<<atBits|uint64(h.bits)<<(atBits+8))
}

// headAt reads the head of block i; heads holds more than i.
func headAt(heads []byte, i int) head {
	b := heads[i*headSize:][:headSize]
	w := binary.LittleEndian.Uint64(b[8:])
	return head{
		last: binary.LittleEndian.Uint32(b), bound: bound(binary.LittleEndian.Uint32(b[4:])),
		at: w & (1<<atBits - 1), width: uint8(w >> atBits), bits: uint8(w >> (atBits + 8)),
	}
}

// lastOf reads the last slot of block i.
func lastOf(heads []byte, i int) uint32 { return binary.LittleEndian.Uint32(heads[i*headSize:]) }

// baseOf returns the slot that follows block i-1.
func baseOf(heads []byte, i int) uint32 {
	if i == 0 {
		return 0
	}
	return lastOf(heads, i-1) + 1
}

// words is the number of words of a set of bits from base to last.
func words(base, last uint32) int { return int(last>>6) - int(base>>6) + 1 }

// size returns the bytes of a block of n postings behind base, and whether its head can be true.
func (h head) size(base uint32, n int) (slots, counts int, ok bool) {
	switch h.width {
	case 0:
		slots = 8 * words(base, h.last)
		ok = slots > 0 && slots <= 4*blockSize
	case 2, 3, 4:
		slots, ok = n*int(h.width), true
	}
	return slots, (n*int(h.bits) + 7) / 8, ok && h.bits <= 32
}

// encode appends a block of ascending postings, none below base, and returns its head without place
// and bound.
func encode(dst []byte, base uint32, ps []posting) ([]byte, head) {
	h := head{last: ps[len(ps)-1].slot()}
	span, most := h.last-base, uint32(0)
	for _, p := range ps {
		most = max(most, p.count()-1)
	}
	h.width = uint8(max(2, (bits.Len32(span)+7)/8))
	if 8*words(base, h.last) <= len(ps)*int(h.width) {
		h.width = 0
		dst = appendBits(dst, base, h.last, ps)
	} else {
		for _, p := range ps {
			v := p.slot() - base
			dst = append(dst, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))[:len(dst)+int(h.width)]
		}
	}
	if most > 0 {
		h.bits = uint8(1) << bits.Len(uint(bits.Len32(most)-1)) // 1, 2, 4, 8, 16, 32
	}
	return appendCounts(dst, ps, h.bits), h
}

func appendBits(dst []byte, base, last uint32, ps []posting) []byte {
	at := len(dst)
	dst = append(dst, make([]byte, 8*words(base, last))...)
	for _, p := range ps {
		i := p.slot() - base&^63
		dst[at+int(i>>3)] |= 1 << (i & 7)
	}
	return dst
}

func appendCounts(dst []byte, ps []posting, width uint8) []byte {
	var buffer uint64
	filled := uint8(0)
	for _, p := range ps {
		buffer |= uint64(p.count()-1) << filled
		for filled += width; filled >= 8; filled -= 8 {
			dst = append(dst, byte(buffer))
			buffer >>= 8
		}
	}
	if filled > 0 {
		dst = append(dst, byte(buffer))
	}
	return dst
}

// block is a block to be read. Its data may be damaged: then it has fewer postings or wrong ones.
type block struct {
	head
	base   uint32
	n      int
	slots  []byte
	counts []byte
}

// open returns a block of n postings whose data is the beginning of data; without enough data it has
// no postings.
func open(h head, base uint32, n int, data []byte) block {
	slots, counts, ok := h.size(base, n)
	if !ok || slots+counts > len(data) {
		return block{}
	}
	return block{h, base, n, data[:slots:slots], data[slots : slots+counts : slots+counts]}
}

// count returns the number of occurrences in posting i.
func (b *block) count(i int) uint32 {
	switch b.bits {
	case 0:
		return 1
	case 16, 32:
		at, size := i*int(b.bits)/8, int(b.bits/8)
		if at+size > len(b.counts) {
			return 1
		}
		v := uint32(b.counts[at]) | uint32(b.counts[at+1])<<8
		if size == 4 {
			v |= uint32(b.counts[at+2])<<16 | uint32(b.counts[at+3])<<24
		}
		return v + 1
	}
	at := i * int(b.bits)
	if at>>3 >= len(b.counts) {
		return 1
	}
	return uint32(b.counts[at>>3]>>(at&7))&(1<<b.bits-1) + 1
}

// slot returns the slot of posting i of a block that is no set of bits.
func (b *block) slot(i int) uint32 {
	v := b.slots[i*int(b.width):]
	d := uint32(v[0]) | uint32(v[1])<<8
	if b.width > 2 {
		d |= uint32(v[2]) << 16
	}
	if b.width > 3 {
		d |= uint32(v[3]) << 24
	}
	return b.base + d
}

// find returns the number of occurrences in a slot, 0 where the block does not have it.
func (b *block) find(slot uint32) uint32 {
	switch {
	case b.width == 0:
		return b.findBit(slot)
	case b.width == 2 && b.n == blockSize:
		return b.findShort(slot)
	}
	low, high := 0, b.n
	for low < high {
		mid := int(uint(low+high) / 2)
		if b.slot(mid) < slot {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low == b.n || b.slot(low) != slot {
		return 0
	}
	return b.count(low)
}

// findShort searches a full block of differences of two bytes without branches.
func (b *block) findShort(slot uint32) uint32 {
	v, want, at := (*[2 * blockSize]byte)(b.slots), int(slot-b.base), 0
	for step := blockSize / 2; step > 0; step /= 2 {
		before := int(binary.LittleEndian.Uint16(v[2*(at+step-1)&(2*blockSize-1):])) - want
		at += step & (before >> 63)
	}
	if int(binary.LittleEndian.Uint16(v[2*at&(2*blockSize-1):])) != want {
		return 0
	}
	return b.count(at)
}

func (b *block) findBit(slot uint32) uint32 {
	w := 8 * (int(slot>>6) - int(b.base>>6))
	if w < 0 || w+8 > len(b.slots) {
		return 0
	}
	word := binary.LittleEndian.Uint64(b.slots[w:])
	if word>>(slot&63)&1 == 0 {
		return 0
	}
	if b.bits == 0 {
		return 1
	}
	rank := bits.OnesCount64(word & (1<<(slot&63) - 1))
	for i := 0; i < w; i += 8 {
		rank += bits.OnesCount64(binary.LittleEndian.Uint64(b.slots[i:]))
	}
	return b.count(rank)
}
