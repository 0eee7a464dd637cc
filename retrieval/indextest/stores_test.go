package indextest_test

import (
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded"
	"xiaoyue/retrieval/indextest"
	"xiaoyue/retrieval/milvus"
	"xiaoyue/retrieval/pgvector"
	"xiaoyue/retrieval/segment"
)

// opened is an empty version of one of the stores.
type opened struct {
	name    string
	store   place
	stamp   retrieval.Stamp
	version retrieval.Version
}

// finish puts a version that was filled to use, and opens it anew, as who serves it does.
func (o *opened) finish(ctx context.Context) error {
	if err := errors.Join(o.store.Use(ctx, o.stamp), o.version.Close()); err != nil {
		return err
	}
	v, err := o.store.Open(ctx, o.stamp)
	o.version = v
	return err
}

// place is a store that is closed after the benchmark.
type place interface {
	retrieval.Store
	io.Closer
}

// openStores opens the stores that there are here: the embedded one always, the others where
// XIAOYUE_TEST_POSTGRES and XIAOYUE_TEST_MILVUS say where their servers are.
func openStores(b *testing.B) []*opened {
	stores := []*opened{openVersion(b, "embedded", folder(b))}
	name := "bench_" + strconv.FormatInt(time.Now().UnixNano(), 36)
	if dsn := os.Getenv("XIAOYUE_TEST_POSTGRES"); dsn != "" {
		extend(b, dsn)
		s, err := pgvector.Open(b.Context(), pgvector.Options{DSN: dsn, Schema: name})
		must(b, err)
		stores = append(stores, openVersion(b, "pgvector", s))
	}
	if address := os.Getenv("XIAOYUE_TEST_MILVUS"); address != "" {
		s, err := milvus.Open(b.Context(), milvus.Options{Address: address, Prefix: name, Words: folder(b)})
		must(b, err)
		stores = append(stores, openVersion(b, "milvus", s))
	}
	return stores
}

// extend puts pgvector into the database.
func extend(b *testing.B, dsn string) {
	c, err := pgx.Connect(b.Context(), dsn)
	must(b, err)
	defer c.Close(b.Context())
	_, err = c.Exec(b.Context(), "create extension if not exists vector")
	must(b, err)
}

func folder(b *testing.B) *embedded.Store {
	s, err := embedded.NewStore(b.TempDir(), nil)
	must(b, err)
	return s
}

// openVersion makes a version in a store, which is dropped after the benchmark. The one of before stands
// for the version in use, so that it can be.
func openVersion(b *testing.B, name string, s place) *opened {
	stamp := retrieval.Stamp{Embedder: "corpus", Dimension: indextest.CorpusDimension, Segmenter: segment.Version, Splitter: "corpus"}
	v, err := s.Create(b.Context(), stamp)
	must(b, err)
	o := &opened{name, s, stamp, v}
	b.Cleanup(func() {
		if err := errors.Join(o.version.Close(), leave(s, stamp), s.Close()); err != nil {
			b.Error(err)
		}
	})
	return o
}

// leave drops a version, also the one in use: another one, without content, takes its place.
func leave(s retrieval.Store, stamp retrieval.Stamp) error {
	empty := stamp
	empty.Embedder, empty.Dimension = "", 0
	ctx := context.Background()
	v, err := s.Create(ctx, empty)
	if err != nil {
		return err
	}
	return errors.Join(v.Close(), s.Use(ctx, empty), s.Drop(ctx, stamp))
}
