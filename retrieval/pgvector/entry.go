package pgvector

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"strings"
	"unicode/utf8"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// The largest strings of an entry in bytes; a passage has a few kilobytes.
const (
	maxName = 2 << 10 // IDs and attributes: what a B-tree takes
	maxText = 4 << 20 // title and text together
	maxList = 1 << 10 // audiences
)

// openEnd is the last day in force of an entry without one.
const openEnd = 99_999_999

// check reports an entry that cannot be indexed. Dimension is that of the version, 0 where it has no
// vectors.
func check(e *retrieval.Entry, dimension int) error {
	a := &e.Attributes
	for _, s := range append([]string{e.ID, e.DocID, a.Tenant, string(a.Access), a.Region, a.Zone}, a.Audience...) {
		if len(s) > maxName || !isText(s) {
			return fmt.Errorf("name of %d bytes, at most %d and of characters: %w", len(s), maxName, kb.ErrInvalid)
		}
	}
	switch {
	case e.ID == "":
		return fmt.Errorf("no ID: %w", kb.ErrInvalid)
	case len(a.Audience) > maxList:
		return fmt.Errorf("%d audiences, at most %d: %w", len(a.Audience), maxList, kb.ErrInvalid)
	case len(e.Title)+len(e.Text) > maxText:
		return fmt.Errorf("text of %d bytes, at most %d: %w", len(e.Title)+len(e.Text), maxText, kb.ErrInvalid)
	case len(e.Vector) == 0:
		return nil
	}
	_, err := unit(e.Vector, dimension)
	return err
}

// nobody is what no string of an entry holds: not a character.
const nobody = "\uffff"

// isText reports whether a string can be stored: the server takes no NUL and only UTF-8.
func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsAny(s, "\x00"+nobody) }

// storable returns a string as it is asked for: one that no passage can have becomes one that none has.
func storable(s string) string {
	if isText(s) {
		return s
	}
	return nobody
}

func storables[S ~string](all []S) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = storable(string(s))
	}
	return out
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

// digest identifies the words of a passage.
func digest(e *retrieval.Entry) []byte {
	h := sha256.New()
	h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(e.Title))))
	h.Write([]byte(e.Title))
	h.Write([]byte(e.Text))
	return h.Sum(nil)[:16]
}

// hash identifies a term, with the 64 bits that package lexical uses.
func hash(term string) int64 {
	h := fnv.New64a()
	h.Write([]byte(term))
	return int64(h.Sum64())
}
