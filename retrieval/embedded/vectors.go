package embedded

import (
	"context"
	"fmt"
	"slices"
)

// Vectors implements retrieval.VectorKeeper. Vectors have norm 1 whatever they were when put.
func (x *Index) Vectors(ctx context.Context, ids []string) ([][]float32, error) {
	var out [][]float32
	err := x.guard(func() (err error) {
		out, err = x.vectors(ctx, ids)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("vectors of %d passages: %w", len(ids), err)
	}
	return out, nil
}

func (x *Index) vectors(ctx context.Context, ids []string) ([][]float32, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	out := make([][]float32, len(ids))
	for i, id := range ids {
		if err := x.ready(ctx); err != nil {
			return nil, err
		}
		slot, ok := x.state.table.find([]byte(id))
		if !ok || x.state.table.rows.at(slot).vector == 0 {
			continue
		}
		out[i] = make([]float32, x.config.stamp.Dimension)
		if err := x.vector(slot, out[i], make([]byte, 4*len(out[i]))); err != nil {
			return nil, fmt.Errorf("passage %.80q: %w", id, err)
		}
	}
	return out, nil
}

// vector reads the vector of a slot that has one; encoded is room for its bytes.
func (x *Index) vector(slot uint32, into []float32, encoded []byte) error {
	row := x.state.table.rows.at(slot)
	if err := x.journal.ReadAt(encoded, row.at+int64(row.vector)); err != nil {
		return corrupt(err)
	}
	readVector(into, encoded)
	return nil
}

// Unembedded implements retrieval.VectorKeeper; in an index without vectors nothing waits for one.
func (x *Index) Unembedded(ctx context.Context, limit int) (first []string, err error) {
	err = x.guard(func() (err error) {
		first, err = x.unembedded(ctx, limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("passages without vector: %w", err)
	}
	return first, nil
}

func (x *Index) unembedded(ctx context.Context, limit int) ([]string, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if err := x.ready(ctx); err != nil {
		return nil, err
	}
	t := x.state.table
	if limit < 1 || x.state.codes == nil || x.state.vectors == t.live {
		return nil, nil
	}
	var first []uint32 // by ID, at most limit
	for slot := range uint32(t.rows.len()) {
		if !t.alive(slot) || t.rows.at(slot).vector > 0 || len(first) == limit && t.compareIDs(slot, first[limit-1]) > 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(first, slot, t.compareIDs)
		first = slices.Insert(first, at, slot)[:min(len(first)+1, limit)]
	}
	ids := make([]string, len(first))
	for i, slot := range first {
		ids[i] = t.id(slot)
	}
	return ids, nil
}
