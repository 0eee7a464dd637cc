// Package lexical is an inverted index that ranks passages with BM25.
//
// A passage is a slot number that the caller gives out and the terms of its text, made by package
// segment. Posting lists are compressed and append-only: slots must be added in ascending order, a
// removed slot stays in the lists as a dead one until the caller builds the index anew (see
// Stats.Dead). An index lies in memory, or partly in a file that it wrote itself and the caller
// mapped (see Map); what is added later is kept beside the file's lists. The package keeps no texts,
// knows no scope (a search takes a set of slots) and opens no files.
package lexical

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrOrder reports a slot that is not above every slot added before.
var ErrOrder = errors.New("slots must be added in ascending order")

// ErrCorrupt reports bytes that are not an encoded index.
var ErrCorrupt = errors.New("encoded lexical index is damaged")

// Options are the parameters of BM25.
type Options struct {
	K1 float64 // saturation of repeated terms, zero: 1.2
	B  float64 // strength of length normalisation in [0,1], zero: 0.75; negative: none
}

// Index is an inverted index. Any number of goroutines may search it while none changes it; the
// owner provides the lock.
type Index struct {
	k1, b   float32
	base    directory // of the file, empty without one
	terms   table     // hash of a term to its number in lists; these go before those of base
	lists   []list
	full    [][]byte // heads of full blocks
	blocks  pages
	tails   tails
	lengths []byte // number of terms by slot, 4 bytes each; 0: no such slot
	dead    bitset
	stats   Stats
	counter counter
}

// Stats describes an index.
type Stats struct {
	Live  int   // passages that can be found
	Dead  int   // removed passages that still take room
	Terms int   // distinct terms
	Sum   int64 // of the lengths of live passages
}

// New returns an empty index.
func New(opts *Options) *Index {
	x := &Index{k1: 1.2, b: 0.75}
	if opts == nil {
		return x
	}
	if opts.K1 > 0 {
		x.k1 = float32(opts.K1)
	}
	if opts.B != 0 {
		x.b = float32(max(0, min(1, opts.B)))
	}
	return x
}

// Stats returns the counts of the index.
func (x *Index) Stats() Stats { return x.stats }

// slots is the number of slots up to the last one.
func (x *Index) slots() int { return len(x.lengths) / 4 }

// length returns the length of a passage, 0 where there is none.
func (x *Index) length(slot uint32) uint32 {
	if int(slot) >= x.slots() {
		return 0
	}
	return binary.LittleEndian.Uint32(x.lengths[4*int(slot):])
}

// Add adds a passage under a slot above all earlier ones. A passage without terms is counted and
// never found.
func (x *Index) Add(slot uint32, terms []string) error {
	if int(slot) < x.slots() {
		return fmt.Errorf("add slot %d after %d: %w", slot, x.slots()-1, ErrOrder)
	}
	length := uint32(len(terms)) + 1 // one more, so that a passage never has length 0
	gap := int(slot) - x.slots()
	x.lengths = append(slices.Grow(x.lengths, 4*gap+4), make([]byte, 4*gap)...)
	x.lengths = binary.LittleEndian.AppendUint32(x.lengths, length)
	x.stats.Live++
	x.stats.Sum += int64(length)
	// Two passes, since the first one's reads of memory far apart then do not wait for each other.
	counts := x.counter.count(terms)
	for i := range counts {
		counts[i].list = x.list(counts[i].hash)
	}
	for _, c := range counts {
		x.append(&x.lists[c.list], slot, c.n, length)
	}
	return nil
}

// list returns the number of the list of a term in memory, making it where there is none.
func (x *Index) list(h uint64) uint32 {
	if id, ok := x.terms.find(h); ok {
		return id
	}
	id := uint32(len(x.lists))
	l, known := x.adopt(h)
	x.lists = append(x.lists, l)
	x.terms.add(h, id)
	if !known {
		x.stats.Terms++
	}
	return id
}

// Remove takes a passage out of all later searches; an unknown slot is no error. Document
// frequencies keep counting it until the index is built anew.
func (x *Index) Remove(slot uint32) {
	length := x.length(slot)
	if length == 0 || x.dead.has(slot) {
		return
	}
	x.dead.set(slot)
	x.stats.Live--
	x.stats.Dead++
	x.stats.Sum -= int64(length)
}

// Frequencies returns how many passages hold each term, and the number of live passages. Removed
// passages may still be counted, but no count exceeds the number of passages.
func (x *Index) Frequencies(terms []string) (df []int, passages int) {
	df = make([]int, len(terms))
	var one [1]posting
	for i, t := range terms {
		v := x.find(hash(t), one[:])
		df[i] = min(int(v.count), x.stats.Live)
	}
	return df, x.stats.Live
}

// find returns the list of a term, an empty one where there is none. one is room for the posting of
// a list of one.
func (x *Index) find(h uint64, one []posting) view {
	if id, ok := x.terms.find(h); ok {
		return x.view(&x.lists[id], one)
	}
	if place, ok := x.base.place(h); ok {
		return x.mapped(place, one)
	}
	return view{}
}

// idf is log(1 + (N-n+½)/(n+½)), the inverse document frequency of BM25 that is never negative
// (Robertson and Zaragoza 2009, with Lucene's 1+).
func (x *Index) idf(count uint32) float32 {
	n := float64(min(int(count), x.stats.Live))
	return float32(math.Log(1 + (float64(x.stats.Live)-n+0.5)/(n+0.5)))
}

// bitset is a set of slots, in whole words of 8 bytes.
type bitset []byte

func (b bitset) has(i uint32) bool { return int(i>>3) < len(b) && b[i>>3]&(1<<(i&7)) != 0 }

func (b *bitset) set(i uint32) {
	if need := int(i>>6)*8 + 8; need > len(*b) {
		*b = append(*b, make([]byte, need-len(*b))...)
	}
	(*b)[i>>3] |= 1 << (i & 7)
}

// word returns bits 64i to 64i+63.
func (b bitset) word(i int) uint64 {
	if 8*i+8 > len(b) {
		return 0
	}
	return binary.LittleEndian.Uint64(b[8*i:])
}
