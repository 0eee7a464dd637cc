package embedded

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// The largest strings of an entry in bytes; a passage has a few kilobytes.
const (
	maxName = 4 << 10 // IDs and attributes
	maxText = 4 << 20 // title and text together
	maxList = 1 << 10 // audiences
)

// The kinds of records in the journal.
const (
	recordPut    = 1
	recordDelete = 2
)

// record is a change as the journal holds it. Byte slices are views of the journal's buffer.
type record struct {
	remove      bool
	id, doc     []byte
	title, text []byte
	kind        []byte // attributes without dates, encoded
	from, until uint32 // dates as YYYYMMDD; until is never 0
	vector      []byte // float32, little endian, of norm 1; the end of the record
}

// openEnd is the until of an entry without one.
const openEnd = math.MaxUint32

func encodeDelete(id string) []byte {
	return appendString([]byte{recordDelete}, id)
}

// encodePut encodes an entry; dimension is that of the index, 0 where it has no vectors.
func encodePut(e *retrieval.Entry, dimension int) ([]byte, error) {
	if err := check(e); err != nil {
		return nil, fmt.Errorf("passage %.80q: %w", e.ID, err)
	}
	b := make([]byte, 0, len(e.Title)+len(e.Text)+4*len(e.Vector)+256)
	b = append(b, recordPut)
	for _, s := range []string{e.ID, e.DocID, e.Title, e.Text} {
		b = appendString(b, s)
	}
	b = appendString(b, string(encodeKind(e.Attributes)))
	b = appendDate(b, e.Validity.From)
	b = appendDate(b, e.Validity.Until)
	if len(e.Vector) == 0 {
		return b, nil
	}
	v, err := unit(e.Vector, dimension)
	if err != nil {
		return nil, fmt.Errorf("passage %.80q: %w", e.ID, err)
	}
	return appendVector(b, v), nil
}

func check(e *retrieval.Entry) error {
	a := &e.Attributes
	names := append([]string{e.ID, e.DocID, a.Tenant, string(a.Access), a.Region, a.Zone}, a.Audience...)
	for _, s := range names {
		if len(s) > maxName {
			return fmt.Errorf("name of %d bytes, at most %d: %w", len(s), maxName, kb.ErrInvalid)
		}
	}
	switch {
	case e.ID == "":
		return fmt.Errorf("no ID: %w", kb.ErrInvalid)
	case len(a.Audience) > maxList:
		return fmt.Errorf("%d audiences, at most %d: %w", len(a.Audience), maxList, kb.ErrInvalid)
	case len(e.Title)+len(e.Text) > maxText:
		return fmt.Errorf("text of %d bytes, at most %d: %w", len(e.Title)+len(e.Text), maxText, kb.ErrInvalid)
	}
	return nil
}

// unit returns the vector divided by its norm.
func unit(v []float32, dimension int) ([]float32, error) {
	if len(v) != dimension {
		return nil, fmt.Errorf("%w: %d, want %d", retrieval.ErrDimension, len(v), dimension)
	}
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if sum == 0 || math.IsNaN(sum) || math.IsInf(sum, 0) {
		return nil, fmt.Errorf("vector has no direction: %w", kb.ErrInvalid)
	}
	out, norm := make([]float32, len(v)), math.Sqrt(sum)
	for i, x := range v {
		out[i] = float32(float64(x) / norm)
	}
	return out, nil
}

func decode(data []byte, dimension int) (r record, err error) {
	d := decoder{data: data}
	switch kind := d.bytes(1); {
	case d.bad:
		return r, errFormat
	case kind[0] == recordDelete:
		r.remove, r.id = true, d.text()
		return r, d.done()
	case kind[0] != recordPut:
		return r, errFormat
	}
	r.id, r.doc, r.title, r.text = d.text(), d.text(), d.text(), d.text()
	r.kind = d.text()
	r.from, r.until = d.uint32(), d.uint32()
	if r.until == 0 {
		r.until = openEnd
	}
	if n := len(d.data); n != 0 && n != 4*dimension {
		return r, errFormat
	}
	r.vector = d.bytes(len(d.data))
	return r, d.done()
}

// digest identifies the words of a passage.
func (r *record) digest() (sum [16]byte) {
	h := sha256.New()
	var n [8]byte
	binary.LittleEndian.PutUint64(n[:], uint64(len(r.title)))
	h.Write(n[:])
	h.Write(r.title)
	h.Write(r.text)
	copy(sum[:], h.Sum(nil))
	return sum
}

func encodeKind(a kb.Attributes) []byte {
	var b []byte
	for _, s := range []string{a.Tenant, string(a.Access), a.Region, a.Zone} {
		b = appendString(b, s)
	}
	for _, s := range a.Audience {
		b = appendString(b, s)
	}
	return b
}

func decodeKind(b []byte) (a kb.Attributes, err error) {
	d := decoder{data: b}
	a.Tenant, a.Access, a.Region, a.Zone = d.string(), kb.Access(d.string()), d.string(), d.string()
	for len(d.data) > 0 {
		a.Audience = append(a.Audience, d.string())
	}
	return a, d.done()
}
