package lexical

import (
	"cmp"
	"encoding/binary"
	"slices"

	"xiaoyue/retrieval/segment"
)

// plain is what the index is measured against: lists of variable bytes in a map, read term after
// term into the sums of all passages until the rest cannot lift any other one, then looked up for
// the candidates alone.
type plain struct {
	lists   map[string]*plainList
	lengths []uint32
	sum     float64
	sums    []float32
	touched []uint32
}

type plainList struct {
	count, last uint32
	data        []byte
	marks       []plainMark // behind every block
}

type plainMark struct{ last, offset uint32 }

func newPlain() *plain { return &plain{lists: map[string]*plainList{}} }

func (p *plain) add(terms []string) {
	slot := uint32(len(p.lengths))
	counts := make(map[string]uint32, len(terms))
	for _, t := range terms {
		counts[t]++
	}
	for t, n := range counts {
		l := p.lists[t]
		if l == nil {
			l = new(plainList)
			p.lists[t] = l
		}
		l.data = binary.AppendUvarint(l.data, uint64(slot-l.last)<<2|uint64(min(n, 4)-1))
		if n >= 4 {
			l.data = binary.AppendUvarint(l.data, uint64(n-4))
		}
		l.last = slot
		if l.count++; l.count%blockSize == 0 {
			l.marks = append(l.marks, plainMark{slot, uint32(len(l.data))})
		}
	}
	p.lengths = append(p.lengths, uint32(len(terms))+1)
	p.sum += float64(len(terms) + 1)
	p.sums = append(p.sums, 0)
}

type plainCursor struct {
	*plainList
	pos, block int
	slot, n    uint32
}

func (c *plainCursor) next() bool {
	if c.pos >= len(c.data) {
		return false
	}
	v, size := binary.Uvarint(c.data[c.pos:])
	c.pos += size
	c.slot += uint32(v >> 2)
	if c.n = uint32(v&3) + 1; c.n == 4 {
		more, size := binary.Uvarint(c.data[c.pos:])
		c.n, c.pos = c.n+uint32(more), c.pos+size
	}
	return true
}

func (c *plainCursor) seek(slot uint32) bool {
	if c.n > 0 && c.slot >= slot {
		return true
	}
	for ; c.block < len(c.marks) && c.marks[c.block].last < slot; c.block++ {
		if m := c.marks[c.block]; int(m.offset) > c.pos {
			c.pos, c.slot = int(m.offset), m.last
		}
	}
	for c.next() {
		if c.slot >= slot {
			return true
		}
	}
	return false
}

type plainTerm struct {
	list *plainList
	gain float32
}

func (p *plain) search(x *Index, question []segment.Weighted, inside []uint64, k int) []Match {
	var terms []plainTerm
	for _, q := range question {
		if l := p.lists[q.Text]; l != nil {
			terms = append(terms, plainTerm{l, q.Weight * x.idf(l.count) * 2.2})
		}
	}
	slices.SortStableFunc(terms, func(a, b plainTerm) int { return cmp.Compare(b.gain, a.gain) })
	rest := make([]float32, len(terms)+1)
	for i := len(terms) - 1; i >= 0; i-- {
		rest[i] = rest[i+1] + terms[i].gain
	}
	defer p.clear()
	least := float32(0)
	for i, t := range terms {
		if len(p.touched) >= k && rest[i] >= least && int(t.list.count) > len(p.touched)/16 {
			least = p.best(p.touched, k)[k-1].Score
		}
		if rest[i] < least {
			return p.finish(terms[i:], rest[i:], k, least)
		}
		for c := (plainCursor{plainList: t.list}); c.next(); {
			if inside == nil || inside[c.slot>>6]>>(c.slot&63)&1 == 1 {
				if p.sums[c.slot] == 0 {
					p.touched = append(p.touched, c.slot)
				}
				p.sums[c.slot] += p.worth(t.gain, c.slot, c.n)
			}
		}
	}
	return p.best(p.touched, k)
}

func (p *plain) worth(gain float32, slot, n uint32) float32 {
	mean := float32(p.sum) / float32(len(p.lengths))
	return gain * float32(n) / (float32(n) + .3 + .9/mean*float32(p.lengths[slot]))
}

func (p *plain) finish(terms []plainTerm, rest []float32, k int, least float32) []Match {
	candidates := p.within(p.touched, least-rest[0], nil)
	slices.Sort(candidates)
	for i, t := range terms {
		c := plainCursor{plainList: t.list}
		for _, slot := range candidates {
			if !c.seek(slot) {
				break
			}
			if c.slot == slot {
				p.sums[slot] += p.worth(t.gain, slot, c.n)
			}
		}
		if len(candidates) > 2*k {
			least = p.best(candidates, k)[k-1].Score
			candidates = p.within(candidates, least-rest[i+1], candidates[:0])
		}
	}
	return p.best(candidates, k)
}

func (p *plain) within(slots []uint32, floor float32, out []uint32) []uint32 {
	for _, slot := range slots {
		if p.sums[slot] >= floor {
			out = append(out, slot)
		}
	}
	return out
}

func (p *plain) best(slots []uint32, k int) []Match {
	s := search{k: k}
	for _, slot := range slots {
		s.offer(Match{slot, p.sums[slot]})
	}
	return s.best()
}

func (p *plain) clear() {
	for _, slot := range p.touched {
		p.sums[slot] = 0
	}
	p.touched = p.touched[:0]
}
