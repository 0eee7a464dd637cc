package pgvector

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"xiaoyue/retrieval"
	"xiaoyue/retrieval/indextest"
)

// plan returns how the server runs the statement of a request.
func plan(t *testing.T, v *Version, req retrieval.Request, exactly bool) string {
	t.Helper()
	q, err := v.query(req, size{passages: counted}, exactly)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := v.store.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	if _, err := tx.Exec(t.Context(), fmt.Sprintf("set local hnsw.ef_search = %d", breadth(req.Limit))); err != nil {
		t.Fatal(err)
	}
	rows, err := tx.Query(t.Context(), "explain "+q.text, q.with...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// graphVersion is a version in use of so many passages that have a few words each.
func graphVersion(t *testing.T, passages int) (*Version, []retrieval.Entry) {
	t.Helper()
	s := freshStore(t)
	v := create(t, s, indextest.CorpusDimension).(*Version)
	corpus := indextest.NewCorpus(1)
	entries := make([]retrieval.Entry, passages)
	for i := range entries {
		entries[i] = corpus.Passage(i)
		entries[i].Title, entries[i].Text = "", corpus.Text(2)
	}
	const batch = 4000
	for at := 0; at < passages; at += batch {
		if err := v.Put(t.Context(), entries[at:min(at+batch, passages)]); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Use(t.Context(), v.stamp); err != nil {
		t.Fatal(err)
	}
	execute(t, server(t), fmt.Sprintf("analyze %s, %s", v.table(vectorsTable), v.table(passagesTable)))
	return v, entries
}

// TestGraph checks on 20,000 passages that searches go through the graph, what they find there, and that
// it follows changes.
func TestGraph(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a graph of 20,000 vectors")
	}
	t.Parallel()
	v, entries := graphVersion(t, 20_000)
	questions := indextest.NewCorpus(2)
	for _, limit := range []int{20, 200} {
		req := questions.Question()
		req.Limit = limit
		if p := plan(t, v, req, false); !strings.Contains(p, graphIndex+v.key) {
			t.Errorf("a search for %d does not go through the graph:\n%s", limit, p)
		}
		if p := plan(t, v, req, true); strings.Contains(p, graphIndex+v.key) {
			t.Errorf("an exact search goes through the graph:\n%s", p)
		}
	}
	recall(t, v, entries)
	var ids []string
	for _, e := range entries[:2000] {
		ids = append(ids, e.ID)
	}
	if err := v.Delete(t.Context(), ids); err != nil {
		t.Fatal(err)
	}
	entries = entries[2000:]
	for i := range 500 { // vectors of other passages
		entries[i].Vector = questions.Vector()
	}
	if err := v.Put(t.Context(), entries[:500]); err != nil {
		t.Fatal(err)
	}
	recall(t, v, entries)
}

// recall compares with exact searches in scopes of every size.
func recall(t *testing.T, v *Version, entries []retrieval.Entry) {
	t.Helper()
	for _, share := range indextest.Shares {
		questions, sum := indextest.NewCorpus(3), 0.0
		const asked = 40
		for range asked {
			req := questions.Question()
			req.Text, req.Scope = "", share.Scope()
			found, err := v.Search(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			sum += indextest.Recall(indextest.Nearest(entries, req), found.Dense)
		}
		if sum/asked < .95 {
			t.Errorf("recall %.3f where %s are kept", sum/asked, share.Keep)
		}
		t.Logf("recall %.4f where %s are kept", sum/asked, share.Keep)
	}
}

// TestGraphGrows puts an empty version to use: the graph is built when there are vectors enough, once,
// also where a building was interrupted before.
func TestGraphGrows(t *testing.T) {
	t.Parallel()
	dsn := server(t)
	extend(t, dsn)
	s := openStore(t, Options{DSN: dsn, Schema: freshSchema(t, dsn), GraphFrom: 50})
	v := create(t, s, historyDimension).(*Version)
	if err := s.Use(t.Context(), v.stamp); err != nil {
		t.Fatal(err)
	}
	execute(t, dsn, v.sql("create index graph_K on "+s.schema+".vectors_K using hnsw (vector public.halfvec_ip_ops)"),
		"update pg_index set indisvalid = false where indexrelid = '"+v.table(graphIndex)+"'::regclass")
	whole := func() (is bool) {
		t.Helper()
		err := s.pool.QueryRow(t.Context(), "select coalesce((select indisvalid from pg_index where indexrelid = to_regclass($1)), false)",
			v.table(graphIndex)).Scan(&is)
		if err != nil {
			t.Fatal(err)
		}
		return is
	}
	for n := 0; n < 400 && !whole(); n++ {
		for _, e := range stepOf(12 * n).put {
			e.ID = fmt.Sprintf("%d-%s", n, e.ID)
			if err := v.Put(t.Context(), []retrieval.Entry{e}); err != nil {
				t.Fatal(err)
			}
		}
	}
	stats, err := v.Stats(t.Context())
	if err != nil || !whole() || stats.Vectors < 50 || stats.Vectors > 60 {
		t.Errorf("whole: %v, with %d vectors, %v", whole(), stats.Vectors, err)
	}
}
