package lexical

import (
	"encoding/binary"

	"golang.org/x/sys/cpu"
)

// addition is the work of addBits, against sums that begin at the block's first word, and of addSlots.
type addition struct {
	words       *byte   // or differences
	n           int     // words, or postings
	within      *uint64 // nil: all
	touched     *uint64
	sums        *float32
	lengths     *byte
	counts      *byte // at least 8 bytes more than the numbers take
	width       uint64
	mask        uint64
	gain        float32
	base, slope float32
}

func vectors() bool { return cpu.X86.HasAVX512F && cpu.X86.HasBMI2 && cpu.X86.HasPOPCNT }

// addBits adds a block that is a set of bits.
func (s *search) addBits(gain float32, b *block, within []uint64) {
	first, n := int(b.base>>6), len(b.slots)/8
	if !vectors() || b.bits > 8 || n == 0 || (first+n)*64 > s.index.slots() {
		s.addBitsPortably(gain, b, within)
		return
	}
	copy(s.counts[:], b.counts)
	a := addition{
		words: &b.slots[0], n: n, touched: &s.touched[first], sums: &s.sums[first*64], lengths: &s.index.lengths[first*256],
		counts: &s.counts[0], width: uint64(b.bits), mask: (1<<b.bits - 1) * 0x0101010101010101,
		gain: gain, base: s.norms.base, slope: s.norms.slope,
	}
	if within != nil {
		a.within = &within[first]
	}
	addBitsAVX512(&a)
}

// addSlots adds a block of differences.
func (s *search) addSlots(gain float32, b *block, within []uint64) {
	if !vectors() || b.bits > 8 || b.width != 2 || b.n == 0 || len(within) > 0 && len(within) < len(s.touched) {
		s.addSlotsPortably(gain, b, within)
		return
	}
	copy(s.counts[:], b.counts)
	a := addition{
		words: &b.slots[0], n: b.n, sums: &s.sums[0], lengths: &s.index.lengths[0], counts: &s.counts[0],
		width: uint64(b.bits), mask: (1<<b.bits - 1) * 0x0101010101010101, gain: gain, base: s.norms.base, slope: s.norms.slope,
	}
	if within != nil {
		a.within = &within[0]
	}
	addSlotsAVX512(&a, b.base, uint32(s.index.slots()))
	if s.settled {
		return
	}
	for i := range b.n {
		slot := b.base + uint32(binary.LittleEndian.Uint16(b.slots[2*i:]))
		if int(slot>>6) < len(s.touched) && has(within, slot) {
			s.touched[slot>>6] |= 1 << (slot & 63)
		}
	}
}

// above returns which of 64 sums are at least this great; set says which of them matter.
func above(sums *[64]float32, least float32, set uint64) uint64 {
	if vectors() {
		return set & aboveAVX512(&sums[0], least)
	}
	return abovePortably(sums, least, set)
}

//go:noescape
func addBitsAVX512(a *addition)

//go:noescape
func addSlotsAVX512(a *addition, base, slots uint32)

//go:noescape
func aboveAVX512(sums *float32, least float32) uint64
