package milvus

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/milvus-io/milvus-sdk-go/v2/entity"

	"xiaoyue/retrieval"
)

// Vectors implements retrieval.VectorKeeper.
func (v *Version) Vectors(ctx context.Context, ids []string) ([][]float32, error) {
	out := make([][]float32, len(ids))
	at := map[string][]int{}
	for i, id := range ids {
		if utf8.ValidString(id) {
			at[id] = append(at[id], i)
		}
	}
	distinct := make([]string, 0, len(at))
	for id := range at {
		distinct = append(distinct, id)
	}
	slices.Sort(distinct)
	most := max(1, maxBytes/(4*width(v.mark.Stamp)+maxID))
	for chunk := range slices.Chunk(distinct, most) {
		if err := v.vectors(ctx, chunk, func(id string, vector []float32) {
			for _, i := range at[id] {
				out[i] = slices.Clone(vector)
			}
		}); err != nil {
			return nil, fmt.Errorf("vectors of %d passages in index %s: %w", len(ids), v.name, err)
		}
	}
	return out, ctx.Err()
}

func (v *Version) vectors(ctx context.Context, ids []string, each func(string, []float32)) error {
	if v.mark.Stamp.Dimension == 0 {
		return nil
	}
	expr := fieldID + " in " + list(ids) + " and " + fieldEmbedded + " == true"
	rows, err := v.query(ctx, expr, 0, fieldID, fieldVector)
	if err != nil || rows.Len() == 0 {
		return err
	}
	names := rows.GetColumn(fieldID)
	vectors, ok := rows.GetColumn(fieldVector).(*entity.ColumnFloatVector)
	if !ok || names == nil || len(vectors.Data()) != names.Len() {
		return fmt.Errorf("the server's answer lacks fields: %w", retrieval.ErrDown)
	}
	for i, vector := range vectors.Data() {
		id, err := id(names, i)
		if err != nil {
			return err
		}
		each(id, vector)
	}
	return nil
}

// Unembedded implements retrieval.VectorKeeper. The server returns the lowest IDs of a limited query; more
// than it returns at once are asked for from the last one on.
func (v *Version) Unembedded(ctx context.Context, limit int) ([]string, error) {
	var out []string
	expr := fieldEmbedded + " == false"
	for len(out) < limit {
		ask := min(limit-len(out), maxMatches)
		ids, err := v.ids(ctx, expr, ask)
		if err != nil {
			return nil, fmt.Errorf("passages without vector in index %s: %w", v.name, err)
		}
		out = append(out, ids...)
		if len(ids) < ask {
			break
		}
		last := slices.MaxFunc(ids, func(a, b string) int { return strings.Compare(stored(a), stored(b)) })
		expr = fieldEmbedded + " == false and " + fieldID + " > " + quote(last)
	}
	slices.Sort(out)
	return out, ctx.Err()
}

func (v *Version) ids(ctx context.Context, expr string, limit int) ([]string, error) {
	rows, err := v.query(ctx, expr, limit, fieldID)
	if err != nil || rows.Len() == 0 {
		return nil, err
	}
	column := rows.GetColumn(fieldID)
	ids := make([]string, column.Len())
	for i := range ids {
		if ids[i], err = id(column, i); err != nil {
			return nil, err
		}
	}
	return ids, nil
}
