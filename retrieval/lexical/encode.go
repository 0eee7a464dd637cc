package lexical

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
)

// The encoded form, little endian: magic, format, live, dead, sum, then the lengths by slot, the
// dead bits, the lists by ascending hash of their term, and the CRC-32C of all before. Counts are
// uvarints.
const (
	magic  = "XYLX"
	format = 1
)

// AppendBinary appends the encoded index to dst. It never fails.
func (x *Index) AppendBinary(dst []byte) ([]byte, error) {
	start := len(dst)
	dst = append(dst, magic...)
	dst = binary.AppendUvarint(dst, format)
	dst = binary.AppendUvarint(dst, uint64(len(x.length)))
	for _, n := range x.length {
		dst = binary.AppendUvarint(dst, uint64(n))
	}
	dst = binary.AppendUvarint(dst, uint64(len(x.dead)))
	for _, word := range x.dead {
		dst = binary.LittleEndian.AppendUint64(dst, word)
	}
	dst = binary.AppendUvarint(dst, uint64(len(x.lists)))
	for _, h := range slices.Sorted(maps.Keys(x.byTerm)) {
		dst = binary.LittleEndian.AppendUint64(dst, h)
		dst = x.lists[x.byTerm[h]].appendBinary(dst)
	}
	return binary.LittleEndian.AppendUint32(dst, crc32.Checksum(dst[start:], castagnoli())), nil
}

func (l *list) appendBinary(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(l.count))
	dst = binary.AppendUvarint(dst, uint64(l.last))
	for _, m := range l.marks {
		dst = binary.AppendUvarint(dst, uint64(m.last))
		dst = binary.AppendUvarint(dst, uint64(m.offset))
	}
	dst = binary.AppendUvarint(dst, uint64(len(l.data)))
	return append(dst, l.data...)
}

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// Decode returns the index that data encodes. The index keeps data as the memory of its lists and
// never writes to it, so data may be a mapped file. Damaged data is ErrCorrupt.
func Decode(data []byte, opts *Options) (*Index, error) {
	if len(data) < len(magic)+4 || string(data[:len(magic)]) != magic {
		return nil, fmt.Errorf("decode lexical index: no header: %w", ErrCorrupt)
	}
	body, sum := data[:len(data)-4], binary.LittleEndian.Uint32(data[len(data)-4:])
	if crc32.Checksum(body, castagnoli()) != sum {
		return nil, fmt.Errorf("decode lexical index: checksum: %w", ErrCorrupt)
	}
	d := &decoder{data: body[len(magic):]}
	if v := d.uvarint(); v != format {
		return nil, fmt.Errorf("decode lexical index: format %d, want %d: %w", v, format, ErrCorrupt)
	}
	x := New(opts)
	d.passages(x)
	d.postings(x)
	if d.bad || len(d.data) > 0 {
		return nil, fmt.Errorf("decode lexical index: structure: %w", ErrCorrupt)
	}
	return x, nil
}

// decoder reads values off data; after a fault it is bad and gives zeros.
type decoder struct {
	data []byte
	bad  bool
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.data)
	if n <= 0 {
		d.bad, d.data = true, nil
		return 0
	}
	d.data = d.data[n:]
	return v
}

// count reads a number of things of at least size bytes each.
func (d *decoder) count(size int) int {
	n := d.uvarint()
	if n > uint64(len(d.data)/size) {
		d.bad, d.data = true, nil
		return 0
	}
	return int(n)
}

func (d *decoder) uint64() uint64 {
	if len(d.data) < 8 {
		d.bad, d.data = true, nil
		return 0
	}
	v := binary.LittleEndian.Uint64(d.data)
	d.data = d.data[8:]
	return v
}

func (d *decoder) passages(x *Index) {
	x.length = make([]uint32, d.count(1))
	for i := range x.length {
		x.length[i] = uint32(d.uvarint())
	}
	x.dead = make(bitset, d.count(8))
	for i := range x.dead {
		x.dead[i] = d.uint64()
	}
	for i, n := range x.length {
		switch {
		case n > 0 && x.dead.has(uint32(i)):
			x.stats.Dead++
		case n > 0:
			x.stats.Live++
			x.stats.Sum += int64(n)
		}
	}
}

func (d *decoder) postings(x *Index) {
	n := d.count(11)
	x.byTerm = make(map[uint64]uint32, n)
	x.lists = make([]list, n)
	for i := range x.lists {
		x.byTerm[d.uint64()] = uint32(i)
		x.lists[i] = d.list(len(x.length))
	}
	if len(x.byTerm) != n {
		d.bad = true
	}
}

// list reads a posting list and checks that it stays within the slots and its marks within its data.
func (d *decoder) list(slots int) list {
	l := list{count: uint32(d.uvarint()), last: uint32(d.uvarint())}
	marks := int(l.count / blockSize)
	if int(l.last) >= slots || marks > len(d.data)/2 {
		d.bad, d.data = true, nil
		return list{}
	}
	l.marks = make([]mark, marks)
	for i := range l.marks {
		l.marks[i] = mark{uint32(d.uvarint()), uint32(d.uvarint())}
	}
	n := d.count(1)
	l.data, d.data = d.data[:n:n], d.data[n:]
	for _, m := range l.marks {
		d.bad = d.bad || m.last > l.last || int(m.offset) > n
	}
	return l
}
