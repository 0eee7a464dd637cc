package embedded

import (
	"context"
	"fmt"
	"slices"
)

// Vectors implements retrieval.VectorKeeper. Vectors have norm 1 whatever they were when put.
func (x *Index) Vectors(ctx context.Context, ids []string) ([][]float32, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	out := make([][]float32, len(ids))
	for i, id := range ids {
		if err := x.ready(ctx); err != nil {
			return nil, fmt.Errorf("vectors of %d passages: %w", len(ids), err)
		}
		slot, ok := x.state.table.slots[id]
		if !ok || x.state.table.rows[slot].vector == 0 {
			continue
		}
		out[i] = make([]float32, x.config.stamp.Dimension)
		if err := x.vector(slot, out[i], make([]byte, 4*len(out[i]))); err != nil {
			return nil, fmt.Errorf("vector of passage %.80q: %w", id, err)
		}
	}
	return out, nil
}

// vector reads the vector of a slot that has one; encoded is room for its bytes.
func (x *Index) vector(slot uint32, into []float32, encoded []byte) error {
	row := &x.state.table.rows[slot]
	if err := x.journal.ReadAt(encoded, row.at+int64(row.vector)); err != nil {
		return corrupt(err)
	}
	readVector(into, encoded)
	return nil
}

// Unembedded implements retrieval.VectorKeeper; in an index without vectors nothing waits for one.
func (x *Index) Unembedded(ctx context.Context, limit int) ([]string, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if err := x.ready(ctx); err != nil {
		return nil, fmt.Errorf("passages without vector: %w", err)
	}
	t := x.state.table
	if limit < 1 || x.state.codes == nil || x.state.vectors == len(t.slots) {
		return nil, nil
	}
	var first []string // sorted, at most limit
	for slot := range t.rows {
		r := &t.rows[slot]
		if r.id == "" || r.vector > 0 || len(first) == limit && r.id >= first[limit-1] {
			continue
		}
		at, _ := slices.BinarySearch(first, r.id)
		first = slices.Insert(first, at, r.id)[:min(len(first)+1, limit)]
	}
	return first, nil
}
