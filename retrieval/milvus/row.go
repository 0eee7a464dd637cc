package milvus

import (
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/milvus-io/milvus-sdk-go/v2/entity"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// row is an entry as it is stored.
type row struct {
	retrieval.Entry
	embedded bool
	vector   []float32 // of norm 1
	words    entity.SparseEmbedding
	terms    []int64
}

func (r *row) bytes() int { return 4*len(r.vector) + 16*len(r.terms) + len(r.ID) + len(r.DocID) + 256 }

// row checks an entry and makes it ready, so that no server is asked to store what it would refuse.
func (v *Version) row(e *retrieval.Entry) (r row, err error) {
	if e.ID == "" {
		return r, fmt.Errorf("no ID: %w", kb.ErrInvalid)
	}
	if err := fits(e); err != nil {
		return r, err
	}
	r = row{Entry: *e, embedded: e.Vector != nil}
	if !r.embedded {
		r.vector = make([]float32, width(v.mark.Stamp))
		r.vector[0] = 1
	} else if r.vector, err = unit(e.Vector, v.mark.Stamp.Dimension); err != nil {
		return r, err
	}
	if s, ok := v.words.(*sparse); ok {
		r.words, r.terms, err = s.weigh(e.Title, e.Text)
	}
	return r, err
}

// fits checks that values fit their fields.
func fits(e *retrieval.Entry) error {
	a := &e.Attributes
	if len(a.Audience) > maxElements {
		return fmt.Errorf("%d audiences, at most %d: %w", len(a.Audience), maxElements, kb.ErrInvalid)
	}
	check := func(field, value string, most int) error {
		if len(value) > most || !utf8.ValidString(value) {
			return fmt.Errorf("%s of %d bytes, at most %d and valid UTF-8: %w", field, len(value), most, kb.ErrInvalid)
		}
		return nil
	}
	for _, f := range []struct {
		field, value string
		most         int
	}{
		{fieldID, stored(e.ID), maxID}, {fieldDoc, e.DocID, maxID}, {fieldTenant, stored(a.Tenant), maxTenant},
		{fieldAccess, stored(string(a.Access)), maxAccess}, {fieldRegion, stored(a.Region), maxRegion}, {fieldZone, stored(a.Zone), maxZone},
	} {
		if err := check(f.field, f.value, f.most); err != nil {
			return err
		}
	}
	for _, value := range a.Audience {
		if err := check(fieldAudience, stored(value), maxAudience); err != nil {
			return err
		}
	}
	return nil
}

// unit returns a vector scaled to norm 1.
func unit(v []float32, dimension int) ([]float32, error) {
	if len(v) != dimension {
		return nil, fmt.Errorf("%w: %d, not %d", retrieval.ErrDimension, len(v), dimension)
	}
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	norm := math.Sqrt(sum)
	if norm == 0 || math.IsInf(norm, 0) || math.IsNaN(norm) {
		return nil, fmt.Errorf("vector of norm %g: %w", norm, kb.ErrInvalid)
	}
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(float64(x) / norm)
	}
	return out, nil
}
