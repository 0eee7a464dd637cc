package flat

import (
	"context"
	"math/bits"
)

// Candidate is a slot with its approximate cosine.
type Candidate struct {
	Slot  uint32
	Score float32
}

// Nearest returns the n best candidates for a query of norm 1 in no particular order. Only slots
// whose bit is set in accept are looked at; nil accepts all. Of equal approximate scores the slot
// that less puts first wins.
func (c *Codes) Nearest(ctx context.Context, query []float32, n int, accept []uint64, less func(a, b uint32) bool) ([]Candidate, error) {
	if len(query) != c.dimension {
		panic("flat: query of another dimension")
	}
	if n < 1 {
		return nil, ctx.Err()
	}
	rotated := c.rotation.apply(query)
	s := scan{codes: c, sieve: newSieve(rotated), query: quantise(rotated), best: newBest(min(n, max(c.rows, 1)), less), accept: accept}
	for i := range c.slabs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s.slab(scattered(i, len(c.slabs)))
	}
	return s.best.heap, nil
}

// scattered orders n slabs so that the first few are spread over all: where neighbouring slots hold
// similar vectors, the best come early nevertheless and the sieve tightens.
func scattered(i, n int) int {
	step := n * 618 / 1000 // near the golden section
	for step = max(step, 1); gcd(step, n) != 1; step++ {
	}
	return i * step % n
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// scan is the state of one search.
type scan struct {
	codes  *Codes
	sieve  sieve
	query  query
	best   best
	accept []uint64
	scored int
	list   [slabRows/groupRows + ahead]hit // groups with wanted rows
	passed [strip]hit
	rows   [strip*groupRows + ahead]uint32
	dots   [strip * groupRows]int32
}

// strip is the number of groups between two looks at the floor.
const strip = 64

// unsieved is the number of rows that are scored before the sieve begins: it needs a floor, and so few
// are done at once. A small set, or what a narrow filter keeps, is searched without its error.
const unsieved = slabRows

// slab scores the wanted rows of slab i.
func (s *scan) slab(i int) {
	wanted := s.wanted(i)
	for at := 0; at < wanted; at += strip {
		n := min(strip, wanted-at)
		part := s.list[at : at+n+ahead]
		if s.scored >= unsieved && s.best.full() {
			s.sieve.floor(s.best.floor)
			slab := &s.codes.slabs[i]
			n = s.codes.kernels.sieve(&s.sieve, slab.sketch, slab.factor, part, s.passed[:])
			part = s.passed[:n]
		}
		s.score(i, part[:n])
	}
}

// wanted lists the groups of slab i with rows that are held and accepted, and returns their number.
func (s *scan) wanted(i int) (n int) {
	for j, want := range s.codes.slabs[i].used {
		if s.accept != nil {
			want &= word(s.accept, i*slabBlocks+j)
		}
		for group := hit(j * block / groupRows); want != 0; group++ {
			if rows := hit(want & (1<<groupRows - 1)); rows != 0 {
				s.list[n] = group<<groupRows | rows
				n++
			}
			want >>= groupRows
		}
	}
	clear(s.list[n : n+ahead])
	return n
}

func word(set []uint64, at int) uint64 {
	if at >= len(set) {
		return 0
	}
	return set[at]
}

// score scores rows of slab i by their codes.
func (s *scan) score(i int, hits []hit) {
	n := 0
	for _, h := range hits {
		for rows := h & (1<<groupRows - 1); rows != 0; rows &= rows - 1 {
			s.rows[n] = uint32(h.group()*groupRows + bits.TrailingZeros32(uint32(rows)))
			n++
		}
	}
	if n == 0 {
		return
	}
	s.scored += n
	clear(s.rows[n : n+ahead])
	slab := &s.codes.slabs[i]
	s.codes.kernels.dots(slab.codes, s.query.levels, s.rows[:n+ahead], s.dots[:n])
	for at, row := range s.rows[:n] {
		score := slab.scale[row] * s.query.scale * (float32(s.dots[at]) - s.query.offset)
		if score >= s.best.floor {
			s.best.add(Candidate{uint32(i*slabRows) + row, score})
		}
	}
}
