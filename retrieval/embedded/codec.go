package embedded

import (
	"encoding/binary"
	"errors"
	"math"

	"xiaoyue/kb"
)

// errFormat reports bytes that the encoder did not write.
var errFormat = errors.New("not an encoded record")

// The encoder writes unsigned numbers as uvarints and strings with their length before them.

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendDate(b []byte, d kb.Date) []byte { return binary.AppendUvarint(b, uint64(d.Number())) }

func appendVector(b []byte, v []float32) []byte {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

// readVector fills v from 4·len(v) bytes.
func readVector(v []float32, b []byte) {
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
}

// decoder takes values off data. After a fault it is bad and gives zero values.
type decoder struct {
	data []byte
	bad  bool
}

func (d *decoder) fail() {
	d.bad, d.data = true, nil
}

func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.data)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.data = d.data[n:]
	return v
}

func (d *decoder) uint32() uint32 {
	v := d.uint()
	if v > math.MaxUint32 {
		d.fail()
		return 0
	}
	return uint32(v)
}

// count takes the number of things that follow, each of at least one byte.
func (d *decoder) count() int {
	n := d.uint()
	if n > uint64(len(d.data)) {
		d.fail()
		return 0
	}
	return int(n)
}

// bytes takes n bytes, which stay part of data.
func (d *decoder) bytes(n int) []byte {
	if n < 0 || n > len(d.data) {
		d.fail()
		return nil
	}
	b := d.data[:n:n]
	d.data = d.data[n:]
	return b
}

func (d *decoder) text() []byte { return d.bytes(d.count()) }

func (d *decoder) string() string { return string(d.text()) }

// done reports whether all of data was taken and nothing was bad.
func (d *decoder) done() error {
	if d.bad || len(d.data) > 0 {
		return errFormat
	}
	return nil
}
