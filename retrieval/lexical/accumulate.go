package lexical

import (
	"encoding/binary"
	"math"
	"math/bits"
)

func le32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }

// accumulate adds a term to the sums of the passages in a set; a nil set is all.
func (s *search) accumulate(t *weighed, within []uint64) {
	base, left := uint32(0), t.inBlocks()
	for i := range t.blocks() {
		h := headAt(t.heads, i)
		b := open(h, base, min(left, blockSize), s.index.data(h.at))
		if base, left = h.last+1, left-blockSize; b.width == 0 {
			s.addBits(t.gain, &b, within)
		} else {
			s.addSlots(t.gain, &b, within)
		}
	}
	for _, p := range t.tail {
		if slot := p.slot(); has(within, slot) {
			s.contribute(t.gain, slot, p.count())
		}
	}
}

func has(set []uint64, slot uint32) bool {
	return set == nil || int(slot>>6) < len(set) && set[slot>>6]>>(slot&63)&1 != 0
}

func (s *search) addBitsPortably(gain float32, b *block, within []uint64) {
	words, rank, at := b.slots, 0, int(b.base>>6)
	b.decodeCounts(b.n, &s.decoded.counts)
	for ; len(words) >= 8 && at < len(s.touched); at++ {
		word := binary.LittleEndian.Uint64(words)
		words = words[8:]
		wanted := word
		if within != nil {
			wanted &= within[at]
		}
		s.touched[at] |= wanted
		for w := wanted; w != 0; w &= w - 1 {
			bit := bits.TrailingZeros64(w)
			i := rank + bits.OnesCount64(word&(1<<bit-1))
			if i >= blockSize || at<<6|bit >= s.index.slots() {
				return
			}
			s.add(gain, uint32(at<<6|bit), s.decoded.counts[i])
		}
		rank += bits.OnesCount64(word)
	}
}

// add adds n occurrences of a term to the sum of a passage there is. The conversions keep the
// compiler from fusing operations, so that all ways to compute a score give the same bits.
func (s *search) add(gain float32, slot, n uint32) {
	count, length := float32(n), float32(le32(s.index.lengths[4*int(slot):]))
	s.sums[slot] += float32(gain*count) / (count + (s.norms.base + float32(s.norms.slope*length)))
}

func abovePortably(sums *[64]float32, least float32, set uint64) uint64 {
	floor := int64(math.Float32bits(max(least, 0))) // floats that are not negative compare like their bits
	for w := set; w != 0; w &= w - 1 {
		below := uint64((int64(math.Float32bits(sums[bits.TrailingZeros64(w)&63])) - floor) >> 63)
		set &^= w & -w & below
	}
	return set
}

func (s *search) addSlotsPortably(gain float32, b *block, within []uint64) {
	n := b.decode(&s.decoded)
	for i, slot := range s.decoded.slots[:n] {
		if int(slot) >= s.index.slots() || within != nil && within[slot>>6]>>(slot&63)&1 == 0 {
			continue
		}
		s.add(gain, slot, s.decoded.counts[i])
		s.touched[slot>>6] |= 1 << (slot & 63)
	}
}

// contribute adds n occurrences of a term to the sum of a passage.
func (s *search) contribute(gain float32, slot, n uint32) {
	if n > 0 && int(slot) < s.index.slots() {
		s.add(gain, slot, n)
		s.touched[slot>>6] |= 1 << (slot & 63)
	}
}
