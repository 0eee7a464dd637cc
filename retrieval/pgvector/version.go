package pgvector

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"text/template"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// Version implements retrieval.Version. It holds names and what it remembers of them, but no connection:
// closing it is free, and any number may be open.
type Version struct {
	store *Store
	key   string
	stamp retrieval.Stamp
	sizes sizes // of scopes
	graph graph
}

var _ retrieval.Version = (*Version)(nil)

// The names of a version's tables, before its key.
const (
	passagesTable = "passages_"
	termsTable    = "terms_"
	postingsTable = "postings_"
	forwardTable  = "forward_"
	vectorsTable  = "vectors_"
	graphIndex    = "graph_"
)

//go:embed tables.sql
var tablesSQL string

func (v *Version) tables() []string {
	all := []string{passagesTable + v.key, termsTable + v.key, postingsTable + v.key, forwardTable + v.key}
	if v.stamp.Dimension > 0 {
		all = append(all, vectorsTable+v.key)
	}
	return all
}

// statement fills the key of the version into a statement. Keys are hexadecimal digits.
func (v *Version) statement(text string) (string, error) {
	t, err := template.New("").Parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, map[string]any{"Key": v.key, "Dimension": v.stamp.Dimension})
	return b.String(), err
}

// sql is a short statement with the version's key for each K after an underscore.
func (v *Version) sql(text string) string { return strings.ReplaceAll(text, "_K", "_"+v.key) }

// failed adds operation and subject to an error.
func (v *Version) failed(ctx context.Context, operation string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("pgvector: %s version %s: %w", operation, v.key, fault(ctx, err))
}

// Stats implements retrieval.Index.
func (v *Version) Stats(ctx context.Context) (retrieval.Stats, error) {
	s := retrieval.Stats{Stamp: v.stamp}
	err := v.store.pool.QueryRow(ctx, "select passages, vectors from versions where key = $1", v.key).Scan(&s.Passages, &s.Vectors)
	if errors.Is(err, pgx.ErrNoRows) {
		err = kb.ErrNotFound
	}
	if err != nil {
		return retrieval.Stats{}, v.failed(ctx, "stats of", err)
	}
	return s, nil
}

// Frequencies implements retrieval.TermStats.
func (v *Version) Frequencies(ctx context.Context, terms []string) (df []int, passages int, err error) {
	df = make([]int, len(terms))
	at := make(map[int64][]int, len(terms))
	hashes := make([]int64, len(terms))
	for i, t := range terms {
		hashes[i] = hash(t)
		at[hashes[i]] = append(at[hashes[i]], i)
	}
	rows, err := v.store.pool.Query(ctx, v.sql(`select t.hash, t.df, v.passages from versions v
		left join terms_K t on t.hash = any($2) where v.key = $1`), v.key, hashes)
	if err != nil {
		return nil, 0, v.failed(ctx, "frequencies in", err)
	}
	var h *int64
	var n *int
	_, err = pgx.ForEachRow(rows, []any{&h, &n, &passages}, func() error {
		for _, i := range at[orZero(h)] {
			df[i] = orZero(n)
		}
		return nil
	})
	if err != nil {
		return nil, 0, v.failed(ctx, "frequencies in", err)
	}
	return df, passages, nil
}

func orZero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// Vectors implements retrieval.VectorKeeper.
func (v *Version) Vectors(ctx context.Context, ids []string) ([][]float32, error) {
	out := make([][]float32, len(ids))
	if v.stamp.Dimension == 0 {
		return out, ctx.Err()
	}
	rows, err := v.store.pool.Query(ctx, v.sql(`select p.id, v.vector from passages_K p join vectors_K v using (slot)
		where p.id = any($1)`), storables(ids))
	if err != nil {
		return nil, v.failed(ctx, "vectors of", err)
	}
	found := make(map[string][]float32, len(ids))
	var id string
	var vector pgvector.HalfVector
	_, err = pgx.ForEachRow(rows, []any{&id, &vector}, func() error {
		found[id] = vector.Slice()
		return nil
	})
	if err != nil {
		return nil, v.failed(ctx, "vectors of", err)
	}
	for i, id := range ids {
		if vector, ok := found[id]; ok {
			out[i] = append([]float32(nil), vector...)
		}
	}
	return out, nil
}

// Unembedded implements retrieval.VectorKeeper.
func (v *Version) Unembedded(ctx context.Context, limit int) ([]string, error) {
	rows, err := v.store.pool.Query(ctx, v.sql("select id from passages_K where waits order by id limit $1"), max(0, limit))
	if err != nil {
		return nil, v.failed(ctx, "passages without vector in", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return ids, v.failed(ctx, "passages without vector in", err)
}

// Close implements retrieval.Index; the store keeps the connections.
func (v *Version) Close() error { return nil }
