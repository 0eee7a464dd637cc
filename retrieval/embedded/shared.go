package embedded

import (
	"context"
	"sync"

	"xiaoyue/retrieval"
)

// shared is a version that is open for writing, once for all who opened it.
type shared struct {
	index *Index
	users int // guarded by Store.mu
}

// handle is one opening of an index. Only Close is its own.
type handle struct {
	*Index
	once    sync.Once
	release func() error
}

// Close gives the index back; the last one closes it.
func (h *handle) Close() (err error) {
	h.once.Do(func() { err = h.release() })
	return err
}

// share opens a version, or the one that is open already. A read-only store opens each anew, so that
// it is seen as it is now.
func (s *Store) share(ctx context.Context, name string) (retrieval.Version, error) {
	o := s.opened[name]
	if o == nil {
		x := &Index{dir: s.path(name), config: s.config.of(retrieval.Stamp{}), readOnly: s.readOnly}
		if err := x.settle(ctx); err != nil {
			return nil, err
		}
		if s.readOnly {
			return x, nil
		}
		o = &shared{index: x} // its inspection has just begun
		s.opened[name] = o
	} else if err := o.index.healed(ctx); err != nil {
		return nil, err
	}
	o.users++
	return &handle{Index: o.index, release: func() error { return s.giveBack(name, o) }}, nil
}

func (s *Store) giveBack(name string, o *shared) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o.users--; o.users > 0 {
		return nil
	}
	if s.opened[name] == o {
		delete(s.opened, name)
	}
	return o.index.Close()
}
