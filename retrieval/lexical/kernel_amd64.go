package lexical

import "golang.org/x/sys/cpu"

// addition is the work of addBits: a block against sums that begin at the block's first word.
type addition struct {
	words       *byte
	n           int
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
func aboveAVX512(sums *float32, least float32) uint64
