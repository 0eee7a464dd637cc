package lexical

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math/bits"
	"slices"
)

// The encoded form, little endian: the lists, the lengths by slot, the dead bits, the entries and the
// buckets of the directory, each beginning at a multiple of 8, and a trailer of fixed size with its
// own CRC-32C. See directory for the lists.
const (
	magic       = "XYLX"
	format      = 2
	trailerSize = 96
)

// trailer tells the sections apart, in bytes, and keeps the counts.
type trailer struct {
	lists, lengths, dead, entries, buckets uint64
	live, removed, sum                     uint64
}

func (t *trailer) fields() []*uint64 {
	return []*uint64{&t.lists, &t.lengths, &t.dead, &t.entries, &t.buckets, &t.live, &t.removed, &t.sum}
}

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// encode returns the trailer of a file of size bytes before it.
func (t *trailer) encode() []byte {
	b := binary.LittleEndian.AppendUint32([]byte(magic), format)
	for _, f := range t.fields() {
		b = binary.LittleEndian.AppendUint64(b, *f)
	}
	b = append(b, make([]byte, trailerSize-4-len(b))...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli()))
}

// readTrailer reads and checks the end of a file.
func readTrailer(data []byte) (trailer, error) {
	var t trailer
	if len(data) < trailerSize {
		return t, fmt.Errorf("no trailer: %w", ErrCorrupt)
	}
	b := data[len(data)-trailerSize:]
	if string(b[:4]) != magic {
		return t, fmt.Errorf("no trailer: %w", ErrCorrupt)
	}
	body, sum := b[:trailerSize-4], binary.LittleEndian.Uint32(b[trailerSize-4:])
	if crc32.Checksum(body, castagnoli()) != sum {
		return t, fmt.Errorf("checksum of the trailer: %w", ErrCorrupt)
	}
	if v := binary.LittleEndian.Uint32(b[4:]); v != format {
		return t, fmt.Errorf("format %d, want %d: %w", v, format, ErrCorrupt)
	}
	for i, f := range t.fields() {
		*f = binary.LittleEndian.Uint64(b[8+8*i:])
	}
	return t, t.check(uint64(len(data) - trailerSize))
}

// check reports sections that do not fill size bytes, and counts that cannot be.
func (t *trailer) check(size uint64) error {
	total := uint64(0)
	for _, n := range []uint64{t.lists, t.lengths, t.dead, t.entries, t.buckets} {
		if n > size {
			return fmt.Errorf("sections: %w", ErrCorrupt)
		}
		total += aligned(n)
	}
	slots := t.lengths / 4
	switch {
	case total != size || t.lengths%4 != 0 || t.dead%8 != 0 || t.entries%entrySize != 0,
		t.buckets != bucketCount(t.entries/entrySize)*4+4:
		return fmt.Errorf("sections: %w", ErrCorrupt)
	case t.live > slots || t.removed > slots || t.live+t.removed > slots, t.sum < t.live || t.sum > slots<<32:
		return fmt.Errorf("counts: %w", ErrCorrupt)
	}
	return nil
}

func aligned(n uint64) uint64 { return (n + 7) &^ 7 }

// bucketCount is the number of buckets for n entries: a power of two, about four entries each.
func bucketCount(n uint64) uint64 { return 1 << max(0, bits.Len64(n)-2) }

// Map returns the index in data, which WriteTo wrote, without copying or reading through it: the
// trailer and the bounds of the sections are checked, damage there is ErrCorrupt. The rest is the
// caller's to check, with a checksum of its own; until then damaged bytes give wrong results or
// empty lists and nothing worse. data is to be a private copy-on-write mapping, or memory: Remove
// writes to it. It must stay valid as long as the index is used.
func Map(data []byte, opts *Options) (*Index, error) {
	t, err := readTrailer(data)
	if err != nil {
		return nil, fmt.Errorf("map lexical index: %w", err)
	}
	section := func(size uint64) []byte {
		s := data[:size:size]
		data = data[aligned(size):]
		return s
	}
	x := New(opts)
	x.base.lists, x.lengths, x.dead = section(t.lists), section(t.lengths), section(t.dead)
	x.base.entries, x.base.buckets = section(t.entries), section(t.buckets)
	x.base.shift = uint(64 - bits.TrailingZeros64(bucketCount(uint64(x.base.len()))))
	x.stats = Stats{Live: int(t.live), Dead: int(t.removed), Terms: x.base.len(), Sum: int64(t.sum)}
	return x, nil
}

// WriteTo writes the index for Map, reading every list once. It may run beside searches. A list
// whose mapped bytes are damaged in a way that shows is ErrCorrupt.
func (x *Index) WriteTo(w io.Writer) (int64, error) {
	f := &file{w: bufio.NewWriterSize(w, 1<<20)}
	entries, err := f.lists(x)
	if err != nil {
		return f.n, fmt.Errorf("write lexical index: %w", err)
	}
	t := trailer{lists: uint64(f.n), live: uint64(x.stats.Live), removed: uint64(x.stats.Dead), sum: uint64(x.stats.Sum)}
	f.align()
	for _, s := range []struct {
		data []byte
		size *uint64
	}{{x.lengths, &t.lengths}, {x.dead, &t.dead}, {entries, &t.entries}, {buckets(entries), &t.buckets}} {
		*s.size = uint64(len(s.data))
		f.write(s.data)
		f.align()
	}
	f.write(t.encode())
	f.flush()
	if f.err != nil {
		return f.n, fmt.Errorf("write lexical index: %w", f.err)
	}
	return f.n, nil
}

// file counts what it writes and keeps the first error.
type file struct {
	w      *bufio.Writer
	n      int64
	err    error
	buffer []byte
}

func (f *file) write(b []byte) {
	if f.err == nil {
		var n int
		n, f.err = f.w.Write(b)
		f.n += int64(n)
	}
}

func (f *file) align() {
	var zero [8]byte
	f.write(zero[:aligned(uint64(f.n))-uint64(f.n)])
}

func (f *file) flush() {
	if f.err == nil {
		f.err = f.w.Flush()
	}
}

// lists writes all lists by ascending hash and returns the entries of the directory.
func (f *file) lists(x *Index) ([]byte, error) {
	grown := x.grown()
	entries := make([]byte, 0, entrySize*x.stats.Terms)
	var one [1]posting
	add := func(h uint64, v view) {
		if v.count == 1 && len(v.tail) == 1 && v.tail[0].count() < alone>>32 {
			p := v.tail[0]
			entries = appendEntry(entries, h, alone|uint64(p.count())<<32|uint64(p.slot()))
			return
		}
		entries = appendEntry(entries, h, uint64(f.n))
		f.list(x, &v)
	}
	last := uint64(0)
	for i := 0; i < x.base.len() && f.err == nil; i++ {
		h, place := x.base.entry(i)
		if h <= last {
			return nil, fmt.Errorf("directory: %w", ErrCorrupt)
		}
		last = h
		for ; len(grown) > 0 && grown[0].hash < h; grown = grown[1:] {
			add(grown[0].hash, x.view(&x.lists[grown[0].id], one[:]))
		}
		if len(grown) == 0 || grown[0].hash != h {
			add(h, x.mapped(place, one[:]))
		}
	}
	for _, t := range grown {
		add(t.hash, x.view(&x.lists[t.id], one[:]))
	}
	return entries, f.err
}

// grown returns the lists in memory by ascending hash.
func (x *Index) grown() []place {
	out := make([]place, 0, len(x.lists))
	for _, p := range x.terms.places {
		if p.hash != 0 {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b place) int { return cmp.Compare(a.hash, b.hash) })
	return out
}

func appendEntry(dst []byte, h, place uint64) []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(dst, h), place)
}

// list writes one list: its blocks, and its tail as the last of them.
func (f *file) list(x *Index, v *view) {
	b := binary.LittleEndian.AppendUint32(f.buffer[:0], v.count)
	b = binary.LittleEndian.AppendUint32(b, uint32(v.bound))
	blocks := v.blocks()
	all := blocks + (len(v.tail)+blockSize-1)/blockSize
	at := uint64(f.n) + uint64(len(b)) + uint64(all)*headSize
	for i := range blocks {
		d := x.block(v, i)
		if d.n == 0 {
			f.err = cmp.Or(f.err, fmt.Errorf("posting list: %w", ErrCorrupt))
			return
		}
		h := d.head
		h.at = at
		b, at = h.append(b), at+uint64(len(d.slots)+len(d.counts))
	}
	var tail []byte
	if len(v.tail) > 0 {
		var h head
		tail, h = encode(nil, baseOf(v.heads, blocks), v.tail)
		h.at, h.bound = at, x.boundOf(v.tail)
		b = h.append(b)
	}
	for i := range blocks {
		d := x.block(v, i)
		b = append(append(b, d.slots...), d.counts...)
	}
	f.buffer = append(b, tail...)
	f.write(f.buffer)
}

// buckets returns the index of the first entry of every bucket, and the number of entries.
func buckets(entries []byte) []byte {
	n := uint64(len(entries) / entrySize)
	count := bucketCount(n)
	shift := uint(64 - bits.TrailingZeros64(count))
	out := make([]byte, 0, 4*count+4)
	d := directory{entries: entries}
	i := 0
	for b := range count {
		for i < d.len() {
			if h, _ := d.entry(i); h>>shift >= b {
				break
			}
			i++
		}
		out = binary.LittleEndian.AppendUint32(out, uint32(i))
	}
	return binary.LittleEndian.AppendUint32(out, uint32(n))
}
