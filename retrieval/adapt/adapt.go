// Package adapt moves the vector of a question towards the passages that answer such questions.
//
// An embedding model that was trained on everything puts a citizen's question near texts that speak
// like it, and the rule that answers it speaks otherwise. A linear map on the question's side
// mends some of that: passages and index stay as they are, and the map costs one product of a
// matrix and a vector. This package applies such maps, learns them from questions with known
// answers (Train), and holds the one for the embedded model, which cmd/mkadapter makes.
//
// What the map is worth on questions that it was not trained on is in docs/measurements.md.
package adapt

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"

	"xiaoyue/inference"
)

// ErrCorrupt reports bytes that are not an encoded adapter.
var ErrCorrupt = errors.New("encoded adapter is damaged")

// Adapter is the map q ↦ unit(q + A·q). The matrix is kept in bytes, one scale a row. It is immutable
// and may be used concurrently; the nil Adapter leaves vectors as they are.
type Adapter struct {
	scale []float32
	rows  [][]int8
}

//go:embed bge-small-zh-v1.5.bin
var bgeSmall []byte

// bgeSmallDigest are the weights that bgeSmall was trained for.
const bgeSmallDigest = "69a0b846f4f116b5e6aabf9546ea6754d02264f3211a13a1bd69b31b8040749a"

// For returns the built-in adapter of an embedding model, or nil where there is none.
func For(info inference.EmbedderInfo) *Adapter {
	if info.Digest != bgeSmallDigest {
		return nil
	}
	a, err := Decode(bgeSmall)
	if err != nil || len(a.rows) != info.Dimension {
		panic("adapt: the built-in adapter is damaged") // a test reads it
	}
	return a
}

// Apply returns the adapted vector, of unit length. A vector of another dimension comes back as it is.
func (a *Adapter) Apply(q []float32) []float32 {
	if a == nil || len(a.rows) != len(q) {
		return q
	}
	out := make([]float32, len(q))
	for i, row := range a.rows {
		sum := float32(0)
		for j, v := range row {
			sum += float32(v) * q[j]
		}
		out[i] = q[i] + a.scale[i]*sum
	}
	unit(out)
	return out
}

func unit(v []float32) float32 {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	norm := float32(math.Sqrt(sum))
	if norm > 0 {
		for i := range v {
			v[i] /= norm
		}
	}
	return norm
}

// quantised returns the adapter of a matrix.
func quantised(m [][]float32) *Adapter {
	a := &Adapter{scale: make([]float32, len(m)), rows: make([][]int8, len(m))}
	for i, row := range m {
		top := float32(0)
		for _, v := range row {
			top = max(top, v, -v)
		}
		a.rows[i] = make([]int8, len(row))
		if top == 0 {
			continue
		}
		a.scale[i] = top / math.MaxInt8
		for j, v := range row {
			a.rows[i][j] = int8(math.Round(float64(v / a.scale[i])))
		}
	}
	return a
}

// The encoded form, little endian: magic, dimension, per row its scale and bytes, CRC-32 of all.
const magic = "XYA1"

// maxDimension bounds what Decode allocates.
const maxDimension = 1 << 13

// AppendBinary appends the encoded adapter to dst. It never fails.
func (a *Adapter) AppendBinary(dst []byte) ([]byte, error) {
	start := len(dst)
	dst = append(dst, magic...)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(a.rows)))
	for i, row := range a.rows {
		dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(a.scale[i]))
		for _, v := range row {
			dst = append(dst, byte(v))
		}
	}
	return binary.LittleEndian.AppendUint32(dst, crc32.ChecksumIEEE(dst[start:])), nil
}

// Decode reads what AppendBinary wrote. Anything else is ErrCorrupt.
func Decode(data []byte) (*Adapter, error) {
	if len(data) < len(magic)+8 || string(data[:len(magic)]) != magic {
		return nil, fmt.Errorf("decode adapter: no header: %w", ErrCorrupt)
	}
	body := data[:len(data)-4]
	if crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(data[len(body):]) {
		return nil, fmt.Errorf("decode adapter: checksum: %w", ErrCorrupt)
	}
	n := int(binary.LittleEndian.Uint32(body[len(magic):]))
	body = body[len(magic)+4:]
	if n > maxDimension || len(body) != n*(n+4) {
		return nil, fmt.Errorf("decode adapter: dimension %d in %d bytes: %w", n, len(body), ErrCorrupt)
	}
	a := &Adapter{scale: make([]float32, n), rows: make([][]int8, n)}
	for i := range a.rows {
		a.scale[i] = math.Float32frombits(binary.LittleEndian.Uint32(body))
		a.rows[i] = make([]int8, n)
		for j, v := range body[4 : 4+n] {
			a.rows[i][j] = int8(v)
		}
		body = body[4+n:]
	}
	return a, nil
}
