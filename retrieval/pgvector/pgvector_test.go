package pgvector

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"xiaoyue/retrieval"
	"xiaoyue/retrieval/indextest"
)

const missing = "XIAOYUE_TEST_POSTGRES is not set: run the tests under .ci/with-postgres.sh"

// server is the address of the tests' PostgreSQL. Where a full run lacks it, that is a failure.
func server(t testing.TB) string {
	t.Helper()
	dsn := os.Getenv("XIAOYUE_TEST_POSTGRES")
	switch {
	case dsn != "":
	case os.Getenv("CI") != "" && !testing.Short():
		t.Fatal(missing)
	default:
		t.Skip(missing)
	}
	return dsn
}

var schemas atomic.Int64

// freshSchema names a schema that is dropped after the test.
func freshSchema(t testing.TB, dsn string) string {
	t.Helper()
	name := fmt.Sprintf("t%d_%d", time.Now().UnixNano(), schemas.Add(1))
	t.Cleanup(func() { execute(t, dsn, "drop schema if exists "+name+" cascade") })
	return name
}

// execute runs statements as the superuser.
func execute(t testing.TB, dsn string, statements ...string) {
	t.Helper()
	ctx := context.Background() // also after the test
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, s := range statements {
		if _, err := conn.Exec(ctx, s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// extend makes the extension; several tests may do so at once.
func extend(t testing.TB, dsn string) {
	t.Helper()
	execute(t, dsn, "select pg_advisory_lock(7)", "create extension if not exists vector", "select pg_advisory_unlock(7)")
}

// openStore opens a store in a schema.
func openStore(t testing.TB, o Options) *Store {
	t.Helper()
	s, err := Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// freshStore opens a store in a schema of its own.
func freshStore(t testing.TB) *Store {
	t.Helper()
	dsn := server(t)
	extend(t, dsn)
	return openStore(t, Options{DSN: dsn, Schema: freshSchema(t, dsn), MaxConns: 6})
}

func stampOf(dimension int) retrieval.Stamp {
	return retrieval.Stamp{Embedder: "test", Dimension: dimension, Segmenter: "test", Splitter: "test"}
}

// create makes a version, or opens the one that is there.
func create(t testing.TB, s *Store, dimension int) retrieval.Version {
	t.Helper()
	v, err := s.Create(context.Background(), stampOf(dimension))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestIndex(t *testing.T) {
	t.Parallel()
	server(t)
	indextest.Run(t, indextest.Backend{
		New: func(t *testing.T) retrieval.Index { return create(t, freshStore(t), indextest.Dimension) },
		Reopen: func(t *testing.T, x retrieval.Index) retrieval.Index {
			v := x.(*Version)
			if err := v.Close(); err != nil {
				t.Fatal(err)
			}
			s := openStore(t, Options{DSN: v.store.pool.Config().ConnString(), Schema: v.store.schema, MaxConns: 2})
			return create(t, s, v.stamp.Dimension)
		},
		Can:       []indextest.Ability{indextest.Durable, indextest.Exact, indextest.Ties, indextest.Terms, indextest.Keeper},
		Tolerance: 1e-3,
	})
}

func TestStore(t *testing.T) {
	t.Parallel()
	server(t)
	indextest.RunStore(t, indextest.Place{
		New: func(t *testing.T) retrieval.Store { return freshStore(t) },
		Again: func(t *testing.T, s retrieval.Store) retrieval.Store {
			first := s.(*Store)
			return openStore(t, Options{DSN: first.pool.Config().ConnString(), Schema: first.schema, MaxConns: 2})
		},
		Can: []indextest.Ability{indextest.Sharing, indextest.Switching},
	})
}
