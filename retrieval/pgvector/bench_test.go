package pgvector

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"xiaoyue/retrieval"
	"xiaoyue/retrieval/indextest"
)

// benchPassages is how many passages the benchmarks fill in: 20,000, or as XIAOYUE_BENCH_PASSAGES says.
func benchPassages() int {
	if n, err := strconv.Atoi(os.Getenv("XIAOYUE_BENCH_PASSAGES")); err == nil && n > 0 {
		return n
	}
	return 20_000
}

// filled is a version in use with the benchmarks' passages.
func filled(b *testing.B) *Version {
	b.Helper()
	s := freshStore(b)
	v := create(b, s, indextest.CorpusDimension).(*Version)
	corpus := indextest.NewCorpus(1)
	const batch = 1000
	var spent time.Duration
	for at := 0; at < benchPassages(); at += batch {
		entries := make([]retrieval.Entry, batch)
		for i := range entries {
			entries[i] = corpus.Passage(at + i)
		}
		began := time.Now()
		if err := v.Put(b.Context(), entries); err != nil {
			b.Fatal(err)
		}
		spent += time.Since(began)
	}
	b.Logf("%d passages put, %.0f a second", benchPassages(), float64(benchPassages())/spent.Seconds())
	began := time.Now()
	if err := s.Use(b.Context(), v.stamp); err != nil {
		b.Fatal(err)
	}
	b.Logf("graph built in %.1f s", time.Since(began).Seconds())
	tables := append(v.tables(), graphIndex+v.key)
	for _, table := range tables {
		if table != graphIndex+v.key {
			execute(b, server(b), "vacuum analyze "+s.schema+"."+table)
		}
		var size string
		if err := s.pool.QueryRow(b.Context(), "select pg_size_pretty(pg_total_relation_size($1::text::regclass))", s.schema+"."+table).Scan(&size); err != nil {
			b.Fatal(err)
		}
		b.Logf("%s %s", table, size)
	}
	return v
}

// BenchmarkSearch measures searches by words, by vector and both, for 20 and for 200, in scopes of every
// size.
func BenchmarkSearch(b *testing.B) {
	v := filled(b)
	for _, kind := range []string{"words", "vector", "both"} {
		for _, limit := range []int{20, 200} {
			for _, share := range indextest.Shares {
				b.Run(fmt.Sprintf("%s/%d/%s", kind, limit, share.Keep), func(b *testing.B) {
					questions := indextest.NewCorpus(2)
					var took []time.Duration
					for b.Loop() {
						req := questions.Question()
						req.Limit, req.Scope = limit, share.Scope()
						switch kind {
						case "words":
							req.Vector = nil
						case "vector":
							req.Text = ""
						}
						began := time.Now()
						if _, err := v.Search(b.Context(), req); err != nil {
							b.Fatal(err)
						}
						took = append(took, time.Since(began))
					}
					report(b, "", took)
				})
			}
		}
	}
}

// report adds percentiles to a benchmark.
func report(b *testing.B, name string, took []time.Duration) {
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, name+"p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, name+"p99-ms")
}

// BenchmarkOverhead measures what our layer takes over the bare client: the same statements, turn by turn.
func BenchmarkOverhead(b *testing.B) {
	v := filled(b)
	questions := indextest.NewCorpus(2)
	var ours, bare, rest []time.Duration
	for b.Loop() {
		req := questions.Question()
		counted, err := v.size(b.Context(), req.Scope)
		if err != nil {
			b.Fatal(err)
		}
		q, err := v.query(req, counted, counted.exactly(req.Limit))
		if err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		if err := sendBare(b.Context(), v, q); err != nil {
			b.Fatal(err)
		}
		middle := time.Now()
		if _, err := v.Search(b.Context(), req); err != nil {
			b.Fatal(err)
		}
		end := time.Now()
		bare, ours = append(bare, middle.Sub(began)), append(ours, end.Sub(middle))
		rest = append(rest, end.Sub(middle)-middle.Sub(began))
	}
	report(b, "ours-", ours)
	report(b, "bare-", bare)
	report(b, "more-", rest)
}

// sendBare runs a statement as one would without us.
func sendBare(ctx context.Context, v *Version, q query) error {
	batch := &pgx.Batch{}
	if q.breadth > 0 {
		batch.Queue("select set_config('hnsw.ef_search', $1, true), set_config('hnsw.iterative_scan', 'strict_order', true)", fmt.Sprint(q.breadth))
	}
	var m retrieval.Match
	var byWords bool
	batch.Queue(q.text, q.with...).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&byWords, &m.ID, &m.DocID, &m.Score}, func() error { return nil })
		return err
	})
	return v.store.pool.SendBatch(ctx, batch).Close()
}
