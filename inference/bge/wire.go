package bge

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
)

// The wire types of protobuf that ONNX uses.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

var errWire = errors.New("damaged protobuf")

// wire reads one protobuf message as a stream. No value takes more memory than the size that the
// caller allowed for the whole. The first fault ends all reading: later calls
// give zero values, and the fault stays in source.err.
type wire struct {
	*source
	left int64 // bytes of this message not read yet
}

// source is what a message and those inside it read from.
type source struct {
	r   *bufio.Reader
	err error
}

func newWire(r io.Reader, size int64) *wire {
	return &wire{&source{r: bufio.NewReaderSize(r, 1<<16)}, size}
}

// fields yields the number and wire type of each field; the body of the loop reads or skips its
// value.
func (w *wire) fields() iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for w.err == nil && w.left > 0 {
			key := w.varint()
			if w.err != nil || !yield(int(key>>3), int(key&7)) {
				return
			}
		}
	}
}

// skip passes over a value.
func (w *wire) skip(kind int) {
	switch kind {
	case wireVarint:
		w.varint()
	case wireFixed64:
		w.discard(8)
	case wireFixed32:
		w.discard(4)
	case wireBytes:
		w.discard(w.length())
	default:
		w.fail("wire type %d", kind)
	}
}

// varint reads an integer.
func (w *wire) varint() uint64 {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		if w.err != nil || !w.take(1) {
			return 0
		}
		b, err := w.r.ReadByte()
		if err != nil {
			w.fail("%w", noEOF(err))
			return 0
		}
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v
		}
	}
	w.fail("endless integer")
	return 0
}

// length reads the length of a value and checks that the message has so many bytes left.
func (w *wire) length() int64 {
	n := w.varint()
	if w.err == nil && n > uint64(w.left) {
		w.fail("value of %d bytes in a message with %d left", n, w.left)
		return 0
	}
	return int64(n)
}

// message opens an inner message, which is read to its end before w goes on.
func (w *wire) message() *wire {
	n := w.length()
	w.take(n)
	return &wire{w.source, n}
}

// text reads a string of at most limit bytes.
func (w *wire) text(limit int64) string {
	n := w.length()
	if n > limit {
		w.fail("string of %d bytes", n)
	}
	if w.err != nil || !w.take(n) {
		return ""
	}
	b := make([]byte, n)
	w.full(b)
	return string(b)
}

// floats reads packed 32-bit floats.
func (w *wire) floats() []float32 {
	n := w.length()
	if n%4 != 0 {
		w.fail("%d bytes of floats", n)
	}
	if w.err != nil || !w.take(n) {
		return nil
	}
	var block [1 << 14]byte
	values := make([]float32, n/4)
	for rest := values; len(rest) > 0 && w.err == nil; {
		part := block[:min(4*len(rest), len(block))]
		w.full(part)
		for i := range len(part) / 4 {
			rest[i] = math.Float32frombits(binary.LittleEndian.Uint32(part[4*i:]))
		}
		rest = rest[len(part)/4:]
	}
	return values
}

func (w *wire) discard(n int64) {
	if w.err != nil || !w.take(n) {
		return
	}
	if _, err := io.CopyN(io.Discard, w.r, n); err != nil {
		w.fail("%w", noEOF(err))
	}
}

// full fills b with bytes already taken.
func (w *wire) full(b []byte) {
	if _, err := io.ReadFull(w.r, b); err != nil {
		w.fail("%w", noEOF(err))
	}
}

// take counts n bytes as read.
func (w *wire) take(n int64) bool {
	if n > w.left {
		w.fail("message ends early")
		return false
	}
	w.left -= n
	return true
}

func (w *wire) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf("%w: %w", errWire, fmt.Errorf(format, args...))
	}
}

// noEOF makes an end of file where more was promised an error of its own.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
