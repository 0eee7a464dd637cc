package indexer_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded"
)

// folders is a store with a folder for every version, each open until the test ends.
type folders struct {
	dir string

	mu    sync.Mutex // guards the rest
	order []retrieval.Stamp
	open  map[retrieval.Stamp]*embedded.Index
	inUse retrieval.Stamp
}

// kept is an index that its users do not close.
type kept struct{ *embedded.Index }

func (kept) Close() error { return nil }

func newFolders(t *testing.T) *folders {
	f := &folders{dir: t.TempDir(), open: map[retrieval.Stamp]*embedded.Index{}}
	t.Cleanup(func() {
		for _, x := range f.open {
			x.Close()
		}
	})
	return f
}

func (f *folders) Versions(context.Context) ([]retrieval.VersionInfo, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []retrieval.VersionInfo
	for _, s := range f.order {
		v := retrieval.VersionInfo{Stamp: s, Name: s.Key(), InUse: s == f.inUse}
		if v.InUse {
			list = slices.Insert(list, 0, v)
		} else {
			list = append(list, v)
		}
	}
	return list, nil
}

func (f *folders) Open(_ context.Context, s retrieval.Stamp) (retrieval.Version, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s == (retrieval.Stamp{}) {
		s = f.inUse
	}
	x := f.open[s]
	if x == nil {
		return nil, fmt.Errorf("open: %w", kb.ErrNotFound)
	}
	return kept{x}, nil
}

func (f *folders) Create(_ context.Context, s retrieval.Stamp) (retrieval.Version, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if x := f.open[s]; x != nil {
		return kept{x}, nil
	}
	x, err := embedded.Open(filepath.Join(f.dir, s.Key()), &embedded.Options{Stamp: s})
	if err != nil {
		return nil, err
	}
	f.order, f.open[s] = append(f.order, s), x
	return kept{x}, nil
}

func (f *folders) Use(_ context.Context, s retrieval.Stamp) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.inUse = s
	return nil
}

func (f *folders) Drop(_ context.Context, s retrieval.Stamp) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	x := f.open[s]
	delete(f.open, s)
	f.order = slices.DeleteFunc(f.order, func(o retrieval.Stamp) bool { return o == s })
	return x.Close()
}
