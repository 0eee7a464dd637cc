package lexical

import (
	"math/bits"
)

// hash identifies a term; it is never 0. Terms of up to seven bytes, which nearly all are, have
// hashes of their own. For longer ones 64 bits are enough for two of a million terms to collide once
// in 10^7 such indexes, and spare the index the terms themselves.
func hash(term string) uint64 {
	h := uint64(len(term)) << 56
	for len(term) > 7 {
		h = mix(h ^ load(term[:8]))
		term = term[8:]
	}
	return max(mix(h^load(term)), 1)
}

// load reads up to eight bytes.
func load(s string) uint64 {
	switch n := len(s); {
	case n == 8:
		return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	case n >= 4:
		low := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
		t := s[n-4:]
		high := uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24
		return low | high<<(8*(n-4))
	case n == 3:
		return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16
	case n == 2:
		return uint64(s[0]) | uint64(s[1])<<8
	case n == 1:
		return uint64(s[0])
	}
	return 0
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood 2014), a permutation.
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// counted is a term of a passage with the number of its occurrences.
type counted struct {
	hash uint64
	n    uint32
	list uint32
}

// counter counts the terms of one passage after the other.
type counter struct {
	places []uint32 // open addressing: index in terms plus 1, 0: free
	terms  []counted
}

// count returns the distinct terms in order of appearance. The result is valid until the next call.
func (c *counter) count(terms []string) []counted {
	c.reset(len(terms))
	mask := uint64(len(c.places) - 1)
	for _, t := range terms {
		h := hash(t)
		for i := h & mask; ; i = (i + 1) & mask {
			at := c.places[i]
			if at == 0 {
				c.terms = append(c.terms, counted{hash: h, n: 1})
				c.places[i] = uint32(len(c.terms))
				break
			}
			if c.terms[at-1].hash == h {
				c.terms[at-1].n++
				break
			}
		}
	}
	return c.terms
}

// reset makes room for n terms, at most half full.
func (c *counter) reset(n int) {
	size := 1 << max(8, bits.Len(uint(2*n)))
	if size > cap(c.places) {
		c.places = make([]uint32, size)
	}
	c.places = c.places[:size]
	clear(c.places)
	c.terms = c.terms[:0]
}
