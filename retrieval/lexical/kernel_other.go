//go:build !amd64

package lexical

func (s *search) addBits(gain float32, b *block, within []uint64) {
	s.addBitsPortably(gain, b, within)
}

func (s *search) addSlots(gain float32, b *block, within []uint64) {
	s.addSlotsPortably(gain, b, within)
}

func above(sums *[64]float32, least float32, set uint64) uint64 {
	return abovePortably(sums, least, set)
}
