package embedded

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"xiaoyue/retrieval"
)

var _ retrieval.VectorKeeper = (*Index)(nil)

// Vectors implements retrieval.VectorKeeper.
func (x *Index) Vectors(ctx context.Context, ids []string) ([][]float32, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if err := x.ready(ctx); err != nil {
		return nil, fmt.Errorf("vectors of %d passages: %w", len(ids), err)
	}
	vectors := make([][]float32, len(ids))
	encoded := make([]byte, 4*x.config.stamp.Dimension)
	for i, id := range ids {
		slot, ok := x.state.table.slots[id]
		if !ok || x.state.table.rows[slot].vector == 0 {
			continue
		}
		row := &x.state.table.rows[slot]
		if err := x.journal.ReadAt(encoded, row.at+int64(row.vector)); err != nil {
			return nil, fmt.Errorf("vector of passage %s: %w", id, corrupt(err))
		}
		vectors[i] = make([]float32, x.config.stamp.Dimension)
		readVector(vectors[i], encoded)
	}
	return vectors, nil
}

// Unembedded implements retrieval.VectorKeeper.
func (x *Index) Unembedded(ctx context.Context, limit int) ([]string, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if err := x.ready(ctx); err != nil {
		return nil, fmt.Errorf("passages without vector: %w", err)
	}
	var ids []string
	for id, slot := range x.state.table.slots {
		if x.state.table.rows[slot].vector == 0 {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, strings.Compare)
	return slices.Clip(ids[:min(max(limit, 0), len(ids))]), nil
}
