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
	format  = 1
	section = 64 // alignment of sections, and length of the head
)

// head is what the form begins with.
type head struct {
	Magic, Format, Dimension, Rows uint32
}

// layout tells where sections lie.
type layout struct {
	used, scale, codes, end int
}

func (c *Codes) layout() (l layout) {
	blocks := (c.rows + block - 1) / block
	place := func(size int) int {
		at := l.end
		l.end = (at + size + section - 1) / section * section
		return at
	}
	place(section)
	l.used = place(8 * blocks)
	l.scale = place(4 * block * blocks)
	l.codes = place(c.stride * block * blocks)
	return l
}

// WriteTo writes all rows in the form that Map reads; its length is a multiple of 64 bytes.
func (c *Codes) WriteTo(w io.Writer) (written int64, err error) {
	out := writer{w: w}
	first := make([]byte, 0, section)
	for _, v := range []uint32{magic, format, uint32(c.dimension), uint32(c.rows)} {
		first = binary.NativeEndian.AppendUint32(first, v)
	}
	out.write(first)
	out.align()
	l := c.layout()
	for i := range c.slabs {
		out.write(bytesOf(c.within(i).used))
	}
	out.align()
	for i := range c.slabs {
		out.write(bytesOf(c.within(i).scale))
	}
	out.align()
	for i := range c.slabs {
		out.write(c.within(i).codes)
	}
	out.align()
	if out.err == nil && out.n != int64(l.end) {
		panic("flat: layout and content differ")
	}
	if out.err != nil {
		return out.n, fmt.Errorf("write %d rows of codes: %w", c.rows, out.err)
	}
	return out.n, nil
}

// within returns slab i without the blocks that lie beyond the rows.
func (c *Codes) within(i int) slab {
	blocks := min(slabRows/block, (c.rows-i*slabRows+block-1)/block)
	s := c.slabs[i]
	return slab{codes: s.codes[:blocks*block*c.stride], scale: s.scale[:blocks*block], used: s.used[:blocks]}
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
	blocks := (c.rows + block - 1) / block
	all := slab{
		used:  view[uint64](data[l.used:], blocks),
		scale: view[float32](data[l.scale:], blocks*block),
		codes: data[l.codes : l.codes+blocks*block*c.stride],
	}
	if rest := c.rows % block; rest > 0 {
		all.used[blocks-1] &= 1<<rest - 1
	}
	for at := 0; at < blocks; at += slabRows / block {
		c.slabs = append(c.slabs, all.part(at, min(at+slabRows/block, blocks), c.stride))
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

// part is a slab of some blocks.
func (s slab) part(from, to, stride int) slab {
	return slab{
		used:  s.used[from:to:to],
		scale: s.scale[from*block : to*block : to*block],
		codes: s.codes[from*block*stride : to*block*stride : to*block*stride],
	}
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
