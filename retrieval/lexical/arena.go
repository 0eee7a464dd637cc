package lexical

import "math/bits"

// pages is memory for encoded blocks that never moves and is never freed.
type pages struct {
	all  [][]byte
	used int // bytes of the last page
}

const pageBits = 20

// room returns the free end of the last page, of at least size bytes, with length 0, and its place.
func (p *pages) room(size int) (buffer []byte, at uint64) {
	if len(p.all) == 0 || p.used+size > 1<<pageBits {
		p.all, p.used = append(p.all, make([]byte, 1<<pageBits)), 0
	}
	last := len(p.all) - 1
	return p.all[last][p.used:p.used], uint64(last)<<pageBits | uint64(p.used)
}

func (p *pages) take(size int) { p.used += size }

// from returns the bytes at a place and behind it.
func (p *pages) from(at uint64) []byte {
	if page := at >> pageBits; page < uint64(len(p.all)) {
		return p.all[page][at&(1<<pageBits-1):]
	}
	return nil
}

// tails is memory for the postings of lists that do not fill a block yet, in pieces of 2, 4, … 128
// postings. A piece that became too small is used again.
type tails struct {
	pages [][]posting
	used  int
	free  [tailClasses][]uint32
}

const (
	tailPageBits = 14
	tailClasses  = 8 // pieces of 1<<1 to 1<<7 postings
)

// classOf returns the class of the smallest piece for n postings.
func classOf(n int) int { return max(1, bits.Len(uint(n-1))) }

func (t *tails) take(class int) uint32 {
	if f := t.free[class]; len(f) > 0 {
		t.free[class] = f[:len(f)-1]
		return f[len(f)-1]
	}
	if len(t.pages) == 0 || t.used+1<<class > 1<<tailPageBits {
		t.pages, t.used = append(t.pages, make([]posting, 1<<tailPageBits)), 0
	}
	at := uint32(len(t.pages)-1)<<tailPageBits | uint32(t.used)
	t.used += 1 << class
	return at
}

func (t *tails) give(at uint32, class int) { t.free[class] = append(t.free[class], at) }

func (t *tails) piece(at uint32, n int) []posting {
	return t.pages[at>>tailPageBits][at&(1<<tailPageBits-1):][:n]
}
