package lexical

import (
	"math"
	"math/bits"
)

// bound says how much the postings of a block or of a list can add to a score, whatever the mean
// length is when it is asked: the least length of the passages that hold the term once, twice, and
// more often, as codes of one byte each, and the greatest number of occurrences (255: or more).
//
// A contribution n/(n+norm) grows with n and falls with the length, so the greatest of the three
// corners is never below any posting's.
type bound uint32

const (
	absent   = 255               // code of a length: no such posting
	noBound  = bound(0x00ffffff) // of no postings
	mostRead = 255
)

// add extends a bound by a posting.
func (b bound) add(n, length uint32) bound {
	return b.merge(single(n, length))
}

func single(n, length uint32) bound {
	code := bound(lengthCode(length))
	switch n {
	case 1:
		return code | absent<<8 | absent<<16 | 1<<24
	case 2:
		return absent | code<<8 | absent<<16 | 2<<24
	}
	return absent | absent<<8 | code<<16 | bound(min(n, mostRead))<<24
}

// merge returns the bound of both.
func (b bound) merge(c bound) bound {
	return min(b&0xff, c&0xff) | min(b&0xff00, c&0xff00) | min(b&0xff0000, c&0xff0000) | max(b&^noBound, c&^noBound)
}

// lengthCode rounds a length down to one of 255 codes: exact below 32, then 16 steps to each doubling.
func lengthCode(length uint32) uint8 {
	if length < 16 {
		return uint8(length)
	}
	e := bits.Len32(length) - 1
	return uint8(min((e-3)*16+int(length>>(e-4))&15, absent-1))
}

// codedLength returns the least length of a code.
func codedLength(code uint8) uint32 {
	if code < 16 {
		return uint32(code)
	}
	e := int(code)/16 + 3
	return uint32(16+int(code)%16) << (e - 4)
}

// norms turns lengths and bounds into what a search computes with.
type norms struct {
	base, slope float32
	coded       [256]float32 // by code of a length; infinite for absent
}

// of returns k1(1-b+b·length/mean).
func (n *norms) of(length uint32) float32 { return n.base + float32(n.slope*float32(length)) }

// most returns the greatest n/(n+norm) inside a bound.
func (n *norms) most(b bound) float32 {
	one := 1 / (1 + n.coded[b&0xff])
	two := 2 / (2 + n.coded[b>>8&0xff])
	more := float32(1)
	if reps := b >> 24; reps < mostRead {
		more = float32(reps) / (float32(reps) + n.coded[b>>16&0xff])
	} else if b>>16&0xff == absent {
		more = 0
	}
	return max(one, two, more)
}

// fill computes the norms of coded lengths.
func (n *norms) fill() {
	for code := range absent {
		n.coded[code] = n.of(codedLength(uint8(code)))
	}
	n.coded[absent] = float32(math.Inf(1))
}
