package milvus

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded"
	"xiaoyue/retrieval/indextest"
)

// need returns the value of a variable that says where a server is, or skips the test.
func need(t testing.TB, name string) string {
	t.Helper()
	value := os.Getenv(name)
	switch {
	case value != "":
		return value
	case os.Getenv("CI") != "" && !testing.Short():
		t.Fatalf("%s says where a Milvus server is, and is not set: run .ci/with-milvus.sh", name)
	}
	t.Skipf("no Milvus server: set %s, or run .ci/with-milvus.sh", name)
	return ""
}

var prefixNumber atomic.Int64

// prefix is a name that no other test has on the server.
func prefix() string {
	return fmt.Sprintf("test%d_%d", os.Getpid(), prefixNumber.Add(1))
}

// open connects to a server and drops after the test what it left under its prefix.
func openStore(t testing.TB, opts Options) *Store {
	t.Helper()
	if opts.Prefix == "" {
		opts.Prefix = prefix()
	}
	if opts.Timeout == 0 {
		opts.Timeout = time.Minute // machines that test are busy
	}
	if testing.Verbose() {
		opts.Logger = slog.Default()
	}
	s, err := Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		sweep(context.WithoutCancel(t.Context()), t, s)
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func sweep(ctx context.Context, t testing.TB, s *Store) {
	all, err := s.Versions(ctx)
	if err != nil && !s.server.lite {
		t.Errorf("what the test left: %v", err)
	}
	s.client.DropAlias(ctx, s.opts.Prefix) // often there is none
	for _, v := range all {
		if err := s.client.DropCollection(ctx, v.Name); err != nil {
			t.Errorf("drop %s: %v", v.Name, err)
		}
	}
}

// folders keeps lexical-only versions in folders, each open once for all who use it.
type folders struct {
	dir  string
	mu   sync.Mutex
	open map[retrieval.Stamp]*folder
}

type folder struct {
	*embedded.Index
	of    *folders
	stamp retrieval.Stamp
	users int
}

func newFolders(t testing.TB) *folders {
	return &folders{dir: t.TempDir(), open: map[retrieval.Stamp]*folder{}}
}

func (f *folders) path(s retrieval.Stamp) string { return filepath.Join(f.dir, s.Key()) }

func (f *folders) Versions(context.Context) (out []retrieval.VersionInfo, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for s := range f.open {
		out = append(out, retrieval.VersionInfo{Stamp: s, Name: s.Key()})
	}
	return out, nil
}

func (f *folders) Open(ctx context.Context, s retrieval.Stamp) (retrieval.Version, error) {
	if _, err := os.Stat(f.path(s)); err != nil {
		return nil, kb.ErrNotFound
	}
	return f.Create(ctx, s)
}

func (f *folders) Create(_ context.Context, s retrieval.Stamp) (retrieval.Version, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := f.open[s]
	if at == nil {
		at = &folder{of: f, stamp: s}
		f.open[s] = at
	}
	if at.users == 0 {
		x, err := embedded.Open(f.path(s), &embedded.Options{Stamp: s})
		if err != nil {
			return nil, err
		}
		at.Index = x
	}
	at.users++
	return at, nil
}

func (f *folder) Close() error {
	f.of.mu.Lock()
	defer f.of.mu.Unlock()
	if f.users--; f.users > 0 {
		return nil
	}
	return f.Index.Close()
}

func (f *folders) Use(context.Context, retrieval.Stamp) error { return kb.ErrInvalid }

func (f *folders) Drop(_ context.Context, s retrieval.Stamp) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.open, s)
	return os.RemoveAll(f.path(s))
}

func testStamp(dimension int) retrieval.Stamp {
	return retrieval.Stamp{Embedder: "test", Dimension: dimension, Segmenter: "test", Splitter: "test"}
}

// backend tries versions of a store that is made anew for each.
func backend(can []indextest.Ability, store func(t *testing.T) *Store) indextest.Backend {
	create := func(t *testing.T, s *Store) retrieval.Index {
		t.Helper()
		v, err := s.Create(t.Context(), testStamp(indextest.Dimension))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	return indextest.Backend{
		Can: can,
		New: func(t *testing.T) retrieval.Index { return create(t, store(t)) },
		Reopen: func(t *testing.T, x retrieval.Index) retrieval.Index {
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
			return create(t, x.(*Version).store)
		},
	}
}

func TestSuite(t *testing.T) {
	t.Parallel() // it waits for the server most of the time
	address := need(t, "XIAOYUE_TEST_MILVUS")
	can := []indextest.Ability{indextest.Durable, indextest.Exact, indextest.Terms, indextest.Keeper}
	indextest.Run(t, backend(can, func(t *testing.T) *Store {
		return openStore(t, Options{Address: address, Words: newFolders(t)})
	}))
}

func TestSparseSuite(t *testing.T) {
	t.Parallel() // it waits for the server most of the time
	address := need(t, "XIAOYUE_TEST_MILVUS_LITE")
	can := []indextest.Ability{indextest.Durable, indextest.Exact, indextest.Terms, indextest.Keeper}
	indextest.Run(t, backend(can, func(t *testing.T) *Store {
		return openStore(t, Options{Address: address, Version: "2.5.1"})
	}))
}

func TestStore(t *testing.T) {
	t.Parallel() // it waits for the server most of the time
	address := need(t, "XIAOYUE_TEST_MILVUS")
	indextest.RunStore(t, indextest.Place{
		Can: []indextest.Ability{indextest.Sharing, indextest.Switching},
		New: func(t *testing.T) retrieval.Store {
			return openStore(t, Options{Address: address, Words: newFolders(t)})
		},
		Again: func(t *testing.T, s retrieval.Store) retrieval.Store {
			first := s.(*Store).opts
			return openStore(t, Options{Address: address, Words: first.Words, Prefix: first.Prefix})
		},
	})
}
