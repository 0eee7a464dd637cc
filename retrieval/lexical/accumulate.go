package lexical

import (
	"encoding/binary"
	"math/bits"
)

func le32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }

// accumulate adds a term to the sums of the passages in a set; a nil set is all.
func (s *search) accumulate(t *weighed, within []uint64) {
	for i := range t.blocks() {
		b := s.index.block(&t.view, i)
		switch b.width {
		case 0:
			s.addBits(t.gain, &b, within)
		default:
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

// addBits adds a block that is a set of bits.
func (s *search) addBits(gain float32, b *block, within []uint64) {
	lengths, sums, base, slope := s.index.lengths, s.sums, s.norms.base, s.norms.slope
	words, rank, first := b.slots, 0, int(b.base>>6)
	for at := first; len(words) >= 8 && at < len(s.touched); at++ {
		word := binary.LittleEndian.Uint64(words)
		words = words[8:]
		wanted := word
		if within != nil {
			wanted &= within[at]
		}
		s.touched[at] |= wanted
		for ; wanted != 0; wanted &= wanted - 1 {
			bit := bits.TrailingZeros64(wanted)
			slot := at<<6 | bit
			if 4*slot >= len(lengths) {
				return
			}
			n := float32(1)
			if b.bits > 0 {
				n = float32(b.count(rank + bits.OnesCount64(word&(1<<bit-1))))
			}
			sums[slot] += gain * n / (n + (base + slope*float32(le32(lengths[4*slot:]))))
		}
		rank += bits.OnesCount64(word)
	}
}

// addSlots adds a block of differences.
func (s *search) addSlots(gain float32, b *block, within []uint64) {
	lengths, sums, base, slope := s.index.lengths, s.sums, s.norms.base, s.norms.slope
	for i := range b.n {
		slot := b.slot(i)
		if 4*int(slot) >= len(lengths) || within != nil && within[slot>>6]>>(slot&63)&1 == 0 {
			continue
		}
		n := float32(b.count(i))
		sums[slot] += gain * n / (n + (base + slope*float32(le32(lengths[4*int(slot):]))))
		s.touched[slot>>6] |= 1 << (slot & 63)
	}
}

// contribute adds n occurrences of a term to the sum of a passage.
func (s *search) contribute(gain float32, slot, n uint32) {
	if n > 0 && int(slot) < s.index.slots() {
		count := float32(n)
		s.sums[slot] += gain * count / (count + s.norms.of(s.index.length(slot)))
		s.touched[slot>>6] |= 1 << (slot & 63)
	}
}
