package flat

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"unsafe"
)

// The form in bytes: a head of 64 bytes, then one section for each kind of array with all rows in
// order, rounded up to whole blocks. Sections begin at multiples of 64 bytes. Numbers are fixed in
// width and in the order of this machine (little endian wherever we run); the magic number tells the
// orders apart.
const (
	magic   = 0x54414c46 // "FLAT"
	format  = 2
	section = 64 // alignment of sections, and length of the head
)

// head is what the form begins with.
type head struct {
	Magic, Format, Dimension, Rows uint32
}

// layout tells where sections lie.
type layout struct {
	used, factor, scale, sketch, codes, end int
}

func (c *Codes) layout() (l layout) {
	blocks := blocksOf(c.rows)
	rows := blocks * block
	place := func(size int) int {
		at := l.end
		l.end = (at + size + section - 1) / section * section
		return at
	}
	place(section)
	l.used = place(8 * blocks)
	l.factor = place(4 * rows)
	l.scale = place(4 * rows)
	l.sketch = place(8 * c.words * rows)
	l.codes = place(c.stride * rows)
	return l
}

// WriteTo writes all rows in the form that Map reads; its length is a multiple of 64 bytes.
func (c *Codes) WriteTo(w io.Writer) (int64, error) {
	out := writer{w: w}
	first := make([]byte, 0, section)
	for _, v := range []uint32{magic, format, uint32(c.dimension), uint32(c.rows)} {
		first = binary.NativeEndian.AppendUint32(first, v)
	}
	out.write(first)
	out.align()
	for _, of := range []func(s slab) []byte{
		func(s slab) []byte { return bytesOf(s.used) },
		func(s slab) []byte { return bytesOf(s.factor) },
		func(s slab) []byte { return bytesOf(s.scale) },
		func(s slab) []byte { return bytesOf(s.sketch) },
		func(s slab) []byte { return s.codes },
	} {
		for i := range c.slabs {
			out.write(of(c.within(i)))
		}
		out.align()
	}
	if out.err != nil {
		return out.n, fmt.Errorf("write %d rows of codes: %w", c.rows, out.err)
	}
	return out.n, nil
}

// Map returns the set whose form WriteTo has written, without looking at its rows: they stay where
// they are. The data must begin at a multiple of 64 bytes and be writable, for Set and Clear change
// it in place; it belongs to the set from now on. Wrong data gives an error or wrong scores, never a
// slot beyond Rows.
func Map(data []byte) (*Codes, error) {
	h, err := readHead(data)
	if err != nil {
		return nil, fmt.Errorf("map codes: %w", err)
	}
	c := New(int(h.Dimension))
	c.rows = int(h.Rows)
	l := c.layout()
	if l.end != len(data) {
		return nil, fmt.Errorf("map codes: %d bytes for %d rows of %d dimensions, expected %d", len(data), h.Rows, h.Dimension, l.end)
	}
	blocks := blocksOf(c.rows)
	rows := blocks * block
	all := slab{
		used:   view[uint64](data[l.used:], blocks),
		factor: view[float32](data[l.factor:], rows),
		scale:  view[float32](data[l.scale:], rows),
		sketch: view[uint64](data[l.sketch:], rows*c.words),
		codes:  data[l.codes : l.codes+rows*c.stride],
	}
	if rest := c.rows % block; rest > 0 {
		all.used[blocks-1] &= 1<<rest - 1
	}
	for at := 0; at < blocks; at += slabBlocks {
		c.slabs = append(c.slabs, c.part(all, at, min(at+slabBlocks, blocks)))
	}
	return c, nil
}

func readHead(data []byte) (h head, err error) {
	if len(data) < section {
		return h, fmt.Errorf("%d bytes: %w", len(data), io.ErrUnexpectedEOF)
	}
	if uintptr(unsafe.Pointer(&data[0]))%section != 0 {
		return h, fmt.Errorf("not aligned to %d bytes", section)
	}
	for i, field := range []*uint32{&h.Magic, &h.Format, &h.Dimension, &h.Rows} {
		*field = binary.NativeEndian.Uint32(data[4*i:])
	}
	switch {
	case h.Magic != magic || h.Format != format:
		return h, fmt.Errorf("magic %#x, format %d: not codes of format %d", h.Magic, h.Format, format)
	case h.Dimension < 1 || h.Dimension > maxDimension || h.Rows > math.MaxInt32:
		return h, fmt.Errorf("dimension %d, %d rows: out of range", h.Dimension, h.Rows)
	}
	return h, nil
}

// view reads aligned bytes as n numbers; slicing proves that they are there.
func view[T uint64 | float32](data []byte, n int) []T {
	if n == 0 {
		return nil
	}
	size := int(unsafe.Sizeof(*new(T)))
	return unsafe.Slice((*T)(unsafe.Pointer(&data[: n*size : n*size][0])), n)
}

func bytesOf[T uint64 | float32](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), len(s)*int(unsafe.Sizeof(s[0])))
}

// writer counts, and keeps the first error.
type writer struct {
	w   io.Writer
	n   int64
	err error
}

func (w *writer) write(p []byte) {
	if w.err != nil || len(p) == 0 {
		return
	}
	n, err := w.w.Write(p)
	w.n, w.err = w.n+int64(n), err
}

func (w *writer) align() {
	var zeros [section]byte
	w.write(zeros[:(section-w.n%section)%section])
}
