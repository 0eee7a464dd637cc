package versions

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// shared is a version that is open once for everybody.
type shared struct {
	retrieval.Version
	stamp retrieval.Stamp
	users int // who search or have borrowed it; guarded by Set.mu
}

// Companion implements retrieval.Companioned.
func (s *shared) Companion() retrieval.Index { return retrieval.CompanionOf(s.Version) }

// Damage implements retrieval.Inspected. A version that cannot tell has none.
func (v *shared) Damage() error {
	if i, ok := v.Version.(retrieval.Inspected); ok {
		return i.Damage()
	}
	return nil
}

// borrowed is a shared version in the hands of one who gives it back by closing it.
type borrowed struct {
	*shared
	back func()
}

// Close implements retrieval.Index: it gives the version back.
func (b *borrowed) Close() error {
	b.back()
	return nil
}

func (s *Set) release(v *shared) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v.users--
}

// lend hands out an open version.
func (s *Set) lend(v *shared) retrieval.Version {
	s.mu.Lock()
	defer s.mu.Unlock()
	v.users++
	return &borrowed{v, sync.OnceFunc(func() { s.release(v) })}
}

// obtain returns the open version of a stamp, opening it where it is not. It is called under changing.
func (s *Set) obtain(ctx context.Context, stamp retrieval.Stamp) (*shared, error) {
	s.mu.Lock()
	v, place := s.open[stamp], s.place
	s.mu.Unlock()
	if v != nil {
		return v, nil
	}
	opened, err := s.opened(ctx, place, stamp)
	if err != nil {
		return nil, err
	}
	return s.keep(stamp, opened), nil
}

func (s *Set) keep(stamp retrieval.Stamp, opened retrieval.Version) *shared {
	v := &shared{Version: opened, stamp: stamp}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open[stamp] = v
	return v
}

func (s *Set) opened(ctx context.Context, place Place, stamp retrieval.Stamp) (retrieval.Version, error) {
	if s.opts.Guard == nil {
		return place.Open(ctx, stamp)
	}
	open := func(ctx context.Context) (retrieval.Version, error) { return place.Open(ctx, stamp) }
	return retrieval.NewGuard(ctx, open, s.opts.Guard)
}

// expel lets go of open versions in which damage was found: they have to be opened again. It is called
// under changing.
func (s *Set) expel() {
	s.mu.Lock()
	all := slices.Collect(maps.Values(s.open))
	s.mu.Unlock()
	for _, v := range all {
		if err := v.Damage(); err != nil {
			s.opts.Logger.Error("a version of the index is damaged and opened again, answers do without it", "version", v.stamp.Key(), "err", err)
			s.mu.Lock()
			delete(s.open, v.stamp)
			s.leaving = append(s.leaving, v)
			s.mu.Unlock()
		}
	}
}

// forget lets go of the versions that are no longer there, and closes those that nobody uses any more.
func (s *Set) forget(list []retrieval.VersionInfo) {
	there := map[retrieval.Stamp]bool{}
	for _, v := range list {
		there[v.Stamp] = true
	}
	s.mu.Lock()
	for stamp, v := range s.open {
		if !there[stamp] {
			delete(s.open, stamp)
			s.leaving = append(s.leaving, v)
		}
	}
	var idle []*shared
	s.leaving = slices.DeleteFunc(s.leaving, func(v *shared) bool {
		gone := v.users == 0 && v != s.current
		if gone {
			idle = append(idle, v)
		}
		return gone
	})
	s.mu.Unlock()
	for _, v := range idle {
		if err := v.Version.Close(); err != nil {
			s.opts.Logger.Warn("version of the index did not close", "version", v.stamp.Key(), "err", err)
		}
	}
}

// Versions implements retrieval.Store.
func (s *Set) Versions(ctx context.Context) ([]retrieval.VersionInfo, error) {
	s.changing.Lock()
	defer s.changing.Unlock()
	return s.list(ctx)
}

// Open implements retrieval.Store. The version is shared.
func (s *Set) Open(ctx context.Context, stamp retrieval.Stamp) (retrieval.Version, error) {
	s.changing.Lock()
	defer s.changing.Unlock()
	list, err := s.list(ctx)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(list, func(v retrieval.VersionInfo) bool {
		return v.Stamp == stamp || stamp == (retrieval.Stamp{}) && v.InUse
	})
	if at < 0 {
		return nil, fmt.Errorf("open version %s of the index: %w", stamp.Key(), kb.ErrNotFound)
	}
	v, err := s.obtain(ctx, list[at].Stamp)
	if err != nil {
		return nil, err
	}
	return s.lend(v), nil
}

// Create implements retrieval.Store. The version is shared.
func (s *Set) Create(ctx context.Context, stamp retrieval.Stamp) (retrieval.Version, error) {
	s.changing.Lock()
	defer s.changing.Unlock()
	if _, err := s.list(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	v, place := s.open[stamp], s.place
	s.mu.Unlock()
	if v != nil {
		return s.lend(v), nil
	}
	made, err := place.Create(ctx, stamp)
	if err != nil {
		return nil, err
	}
	if s.opts.Guard == nil {
		return s.lend(s.keep(stamp, made)), nil
	}
	if err := made.Close(); err != nil {
		return nil, err
	}
	if v, err = s.obtain(ctx, stamp); err != nil {
		return nil, err
	}
	return s.lend(v), nil
}

// Use implements retrieval.Store. The set itself changes over before it returns. What a place does
// meanwhile, such as building a graph, may take minutes and holds nobody up.
func (s *Set) Use(ctx context.Context, stamp retrieval.Stamp) error {
	if _, err := s.Versions(ctx); err != nil { // connects
		return err
	}
	s.mu.Lock()
	place := s.place
	s.mu.Unlock()
	if place == nil {
		return fs.ErrClosed
	}
	if err := place.Use(ctx, stamp); err != nil {
		return err
	}
	return s.Look(ctx)
}

// Drop implements retrieval.Store. A version that is searched or borrowed here is kb.ErrLocked.
func (s *Set) Drop(ctx context.Context, stamp retrieval.Stamp) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	list, err := s.list(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(list, func(v retrieval.VersionInfo) bool { return v.Stamp == stamp && v.InUse }) {
		return s.place.Drop(ctx, stamp) // which says why not
	}
	s.mu.Lock()
	v, place := s.open[stamp], s.place
	busy := v != nil && (v.users > 0 || v == s.current)
	if v != nil && !busy {
		delete(s.open, stamp)
	}
	s.mu.Unlock()
	if busy {
		return fmt.Errorf("drop version %s of the index: %w", stamp.Key(), kb.ErrLocked)
	}
	if v != nil {
		if err := v.Version.Close(); err != nil {
			return errors.Join(err, place.Drop(ctx, stamp))
		}
	}
	return place.Drop(ctx, stamp)
}
