// Package lexical is an in-memory inverted index that ranks passages with BM25.
//
// A passage is a slot number that the caller gives out and the terms of its text, made by package
// segment. Posting lists are compressed and append-only: slots must be added in ascending order, a
// removed slot stays in the lists as a dead one until the caller builds the index anew (see
// Stats.Dead). The package keeps no texts, knows no scope (a search takes a predicate) and writes
// no files: it encodes itself to bytes that the owner of the folder stores.
package lexical

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math"
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
	k1, b  float32
	byTerm map[uint64]uint32 // hash of a term to its list
	lists  []list
	length []uint32 // number of terms by slot; 0: no such slot
	dead   bitset
	stats  Stats
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
	x := &Index{k1: 1.2, b: 0.75, byTerm: make(map[uint64]uint32)}
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
func (x *Index) Stats() Stats {
	s := x.stats
	s.Terms = len(x.lists)
	return s
}

// Add adds a passage under a slot above all earlier ones. A passage without terms is counted and
// never found.
func (x *Index) Add(slot uint32, terms []string) error {
	if int(slot) < len(x.length) {
		return fmt.Errorf("add slot %d after %d: %w", slot, len(x.length)-1, ErrOrder)
	}
	counts := make(map[uint64]uint32, len(terms))
	for _, t := range terms {
		counts[hash(t)]++
	}
	for h, n := range counts {
		x.list(h).append(slot, n)
	}
	for len(x.length) < int(slot) {
		x.length = append(x.length, 0)
	}
	x.length = append(x.length, uint32(len(terms))+1) // one more, so that a passage never has length 0
	x.stats.Live++
	x.stats.Sum += int64(len(terms)) + 1
	return nil
}

// Remove takes a passage out of all later searches; an unknown slot is no error. Document
// frequencies keep counting it until the index is built anew.
func (x *Index) Remove(slot uint32) {
	if int(slot) >= len(x.length) || x.length[slot] == 0 || x.dead.has(slot) {
		return
	}
	x.dead.set(slot)
	x.stats.Live--
	x.stats.Dead++
	x.stats.Sum -= int64(x.length[slot])
}

// Frequencies returns how many passages hold each term, and the number of live passages. Removed
// passages may still be counted, but no count exceeds the number of passages.
func (x *Index) Frequencies(terms []string) (df []int, passages int) {
	df = make([]int, len(terms))
	for i, t := range terms {
		if id, ok := x.byTerm[hash(t)]; ok {
			df[i] = min(int(x.lists[id].count), x.stats.Live)
		}
	}
	return df, x.stats.Live
}

// idf is log(1 + (N-n+½)/(n+½)), the inverse document frequency of BM25 that is never negative
// (Robertson and Zaragoza 2009, with Lucene's 1+).
func (x *Index) idf(count uint32) float32 {
	n := float64(min(int(count), x.stats.Live))
	return float32(math.Log(1 + (float64(x.stats.Live)-n+0.5)/(n+0.5)))
}

func (x *Index) list(h uint64) *list {
	id, ok := x.byTerm[h]
	if !ok {
		id = uint32(len(x.lists))
		x.byTerm[h] = id
		x.lists = append(x.lists, list{})
	}
	return &x.lists[id]
}

// hash identifies a term: 64 bits are enough for two of a million terms to collide once in 10^7
// such indexes, and spare the index the terms themselves.
func hash(term string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(term))
	return h.Sum64()
}

// bitset is a set of slots.
type bitset []uint64

func (b bitset) has(i uint32) bool { return int(i>>6) < len(b) && b[i>>6]&(1<<(i&63)) != 0 }

func (b *bitset) set(i uint32) {
	for int(i>>6) >= len(*b) {
		*b = append(*b, 0)
	}
	(*b)[i>>6] |= 1 << (i & 63)
}
