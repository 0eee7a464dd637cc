package lexical

import (
	"encoding/binary"
)

// directory finds the lists of a mapped file. Entries of 16 bytes, ascending by hash, hold the hash
// and where the list lies, or all of a list of one posting: alone, occurrences and slot. A bucket
// says which entry is the first whose hash begins with the bits of its number.
//
// A list is its count and bound of 4 bytes each, the heads of its blocks, and their data; only the
// last block may have fewer postings than blockSize.
type directory struct {
	lists   []byte
	entries []byte
	buckets []byte
	shift   uint // 64 less the bits of a bucket's number
}

const (
	entrySize = 16
	alone     = 1 << 63 // in an entry: a list of one posting
	listHead  = 8
)

func (d *directory) len() int { return len(d.entries) / entrySize }

func (d *directory) entry(i int) (hash, place uint64) {
	e := d.entries[i*entrySize:][:entrySize]
	return binary.LittleEndian.Uint64(e), binary.LittleEndian.Uint64(e[8:])
}

// place returns where the list of a term lies, or the term's only posting.
func (d *directory) place(h uint64) (place uint64, ok bool) {
	if len(d.entries) == 0 {
		return 0, false
	}
	at := 4 * (h >> d.shift)
	low := int(binary.LittleEndian.Uint32(d.buckets[at:]))
	high := min(int(binary.LittleEndian.Uint32(d.buckets[at+4:])), d.len())
	for low < high {
		mid := int(uint(low+high) / 2)
		key, place := d.entry(mid)
		switch {
		case key == h:
			return place, true
		case key < h:
			low = mid + 1
		default:
			high = mid
		}
	}
	return 0, false
}

// mapped returns the list at a place of the file. A damaged one is empty.
func (x *Index) mapped(place uint64, one []posting) view {
	if place&alone != 0 {
		slot, n := uint32(place), uint32(place>>32&^(alone>>32))
		one[0] = newPosting(slot, n)
		return view{count: 1, bound: single(n, x.length(slot)), tail: one[:1]}
	}
	lists := x.base.lists
	if place+listHead > uint64(len(lists)) {
		return view{}
	}
	b := lists[place:]
	v := view{count: binary.LittleEndian.Uint32(b), bound: bound(binary.LittleEndian.Uint32(b[4:]))}
	size := (int(v.count) + blockSize - 1) / blockSize * headSize
	if size > len(b)-listHead {
		return view{}
	}
	v.heads = b[listHead:][:size:size]
	return v
}

// adopt returns the list of a term as it lies in the file, to grow in memory, and whether there is
// one. Full blocks stay where they are; a damaged list is empty.
func (x *Index) adopt(h uint64) (l list, known bool) {
	place, known := x.base.place(h)
	if !known {
		return list{}, false
	}
	var one [1]posting
	v := x.mapped(place, one[:])
	l = list{count: v.count, bound: v.bound}
	if v.count == 1 && len(v.tail) == 1 {
		l.last, l.tail = one[0].slot(), one[0].count()
		return l, true
	}
	full, rest := int(v.count/blockSize), int(v.count%blockSize)
	var ps [blockSize]posting
	if !x.unfinished(&v, full, ps[:rest]) || full > 0 && int(lastOf(v.heads, full-1)) >= x.slots() {
		return list{}, true
	}
	switch {
	case rest == 1 && full == 0:
		l.last, l.tail = ps[0].slot(), ps[0].count()
	case rest > 0:
		l.last, l.tail = ps[rest-1].slot(), x.tails.take(classOf(rest))
		copy(x.tails.piece(l.tail, rest), ps[:rest])
	}
	if full > 0 {
		x.full = append(x.full, v.heads[:full*headSize:full*headSize]) // appending copies it
		l.full = uint32(len(x.full))
	}
	return l, true
}

// unfinished reads the postings of the block that is not full and reports whether they ascend within
// the slots there are.
func (x *Index) unfinished(v *view, i int, ps []posting) bool {
	if len(ps) == 0 {
		return true
	}
	var d decoded
	b := x.block(v, i)
	if b.decode(&d) != len(ps) {
		return false
	}
	next := uint64(b.base)
	for j := range ps {
		if uint64(d.slots[j]) < next {
			return false
		}
		next = uint64(d.slots[j]) + 1
		ps[j] = newPosting(d.slots[j], d.counts[j])
	}
	return next <= uint64(x.slots())
}
