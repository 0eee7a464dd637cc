package milvus

import (
	"github.com/milvus-io/milvus-sdk-go/v2/entity"

	"xiaoyue/kb"
)

// columns turns rows into what the server takes.
func (v *Version) columns(rows []row) []entity.Column {
	out := []entity.Column{
		text(rows, fieldID, func(r *row) string { return stored(r.ID) }),
		text(rows, fieldDoc, func(r *row) string { return r.DocID }),
		text(rows, fieldTenant, func(r *row) string { return stored(r.Tenant) }),
		text(rows, fieldAccess, func(r *row) string { return stored(string(r.Access)) }),
		text(rows, fieldRegion, func(r *row) string { return stored(r.Region) }),
		text(rows, fieldZone, func(r *row) string { return stored(r.Zone) }),
		entity.NewColumnBool(fieldEveryone, column(rows, func(r *row) bool { return len(r.Audience) == 0 })),
		entity.NewColumnVarCharArray(fieldAudience, column(rows, audience)),
		entity.NewColumnInt64(fieldFrom, column(rows, func(r *row) int64 { return int64(r.Validity.From.Number()) })),
		entity.NewColumnInt64(fieldUntil, column(rows, func(r *row) int64 { return until(r.Validity.Until) })),
		entity.NewColumnBool(fieldEmbedded, column(rows, func(r *row) bool { return r.embedded })),
		entity.NewColumnFloatVector(fieldVector, width(v.mark.Stamp), column(rows, func(r *row) []float32 { return r.vector })),
	}
	if v.mark.Sparse {
		out = append(out,
			entity.NewColumnSparseVectors(fieldWords, column(rows, func(r *row) entity.SparseEmbedding { return r.words })),
			entity.NewColumnInt64Array(fieldTerms, column(rows, func(r *row) []int64 { return r.terms })))
	}
	return out
}

func column[T any](rows []row, value func(*row) T) []T {
	out := make([]T, len(rows))
	for i := range rows {
		out[i] = value(&rows[i])
	}
	return out
}

func text(rows []row, field string, value func(*row) string) entity.Column {
	return entity.NewColumnVarChar(field, column(rows, value))
}

func audience(r *row) [][]byte {
	out := make([][]byte, len(r.Audience))
	for i, a := range r.Audience {
		out[i] = []byte(stored(a))
	}
	return out
}

func until(day kb.Date) int64 {
	if day.IsZero() {
		return forever
	}
	return int64(day.Number())
}
