package milvus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/milvus-io/milvus-sdk-go/v2/entity"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// Versions implements retrieval.Store.
func (s *Store) Versions(ctx context.Context) ([]retrieval.VersionInfo, error) {
	out, err := s.versions(ctx)
	if err != nil {
		return nil, fmt.Errorf("versions of index in Milvus: %w", err)
	}
	return out, nil
}

func (s *Store) versions(ctx context.Context) (out []retrieval.VersionInfo, err error) {
	var all []*entity.Collection
	err = s.call(ctx, func(ctx context.Context) (err error) {
		all, err = s.client.ListCollections(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	inUse, _, err := s.inUse(ctx)
	if err != nil && !errors.Is(err, kb.ErrNotFound) {
		return nil, err
	}
	for _, c := range all {
		if !strings.HasPrefix(c.Name, s.opts.Prefix+"_") {
			continue
		}
		name, m, err := s.describe(ctx, c.Name)
		if errors.Is(err, retrieval.ErrForeign) || errors.Is(err, kb.ErrNotFound) || err == nil && name != s.name(m.Stamp) {
			continue // of another prefix that begins like ours, or dropped meanwhile
		}
		if err != nil {
			return nil, err
		}
		out = append(out, retrieval.VersionInfo{Stamp: m.Stamp, Name: name, InUse: name == inUse})
	}
	slices.SortFunc(out, func(a, b retrieval.VersionInfo) int {
		if a.InUse != b.InUse {
			return strings.Compare(fmt.Sprint(b.InUse), fmt.Sprint(a.InUse)) // true comes first
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out, nil
}

// inUse follows the alias.
func (s *Store) inUse(ctx context.Context) (name string, m mark, err error) {
	name, m, err = s.describe(ctx, s.opts.Prefix)
	if err == nil && (name == s.opts.Prefix || name != s.name(m.Stamp)) {
		err = fmt.Errorf("alias %s means collection %s: %w", s.opts.Prefix, name, retrieval.ErrForeign)
	}
	return name, m, err
}

// Open implements retrieval.Store. A version that is still being loaded is retrieval.ErrDown.
func (s *Store) Open(ctx context.Context, stamp retrieval.Stamp) (retrieval.Version, error) {
	v, err := s.open(ctx, stamp)
	if err != nil {
		return nil, fmt.Errorf("open index in Milvus: %w", err)
	}
	return v, nil
}

func (s *Store) open(ctx context.Context, stamp retrieval.Stamp) (*Version, error) {
	name, m, err := s.find(ctx, stamp)
	if err != nil {
		return nil, err
	}
	if !m.Sparse {
		if err := s.peek(ctx, name, m); err != nil {
			return nil, err
		}
	}
	return s.attach(ctx, name, m)
}

// find looks a version up, the one in use for the zero stamp.
func (s *Store) find(ctx context.Context, stamp retrieval.Stamp) (name string, m mark, err error) {
	if stamp == (retrieval.Stamp{}) {
		return s.inUse(ctx)
	}
	name, m, err = s.describe(ctx, s.name(stamp))
	if err == nil && m.Stamp != stamp {
		err = fmt.Errorf("collection %s was built as %+v: %w", name, m.Stamp, retrieval.ErrStamp)
	}
	return name, m, err
}

// Create implements retrieval.Store.
func (s *Store) Create(ctx context.Context, stamp retrieval.Stamp) (retrieval.Version, error) {
	v, err := s.make(ctx, stamp)
	if err != nil {
		return nil, fmt.Errorf("create index in Milvus: %w", err)
	}
	return v, nil
}

func (s *Store) make(ctx context.Context, stamp retrieval.Stamp) (*Version, error) {
	if stamp.Dimension < 0 || stamp.Dimension > maxDimension || stamp == (retrieval.Stamp{}) {
		return nil, fmt.Errorf("stamp %+v: %w", stamp, kb.ErrInvalid)
	}
	name, m, err := s.find(ctx, stamp)
	if errors.Is(err, kb.ErrNotFound) || err == nil {
		if err = s.create(ctx, stamp); err != nil { // also where a crash left it without its indexes
			return nil, err
		}
		name, m, err = s.find(ctx, stamp)
	}
	if err != nil {
		return nil, err
	}
	return s.attach(ctx, name, m)
}

// maxDimension is the server's.
const maxDimension = 32768

// Use implements retrieval.Store.
func (s *Store) Use(ctx context.Context, stamp retrieval.Stamp) error {
	if err := s.use(ctx, stamp); err != nil {
		return fmt.Errorf("use index %s in Milvus: %w", s.name(stamp), err)
	}
	return nil
}

func (s *Store) use(ctx context.Context, stamp retrieval.Stamp) error {
	name, _, err := s.find(ctx, stamp)
	if err != nil {
		return err
	}
	// What was filled is sealed, so that the server makes its graph now and not when the segment is full.
	if err := s.slowly(ctx, func(ctx context.Context) error { return s.client.Flush(ctx, name, true) }); err != nil {
		return err
	}
	before, _, err := s.inUse(ctx)
	switch {
	case err == nil && before == name:
		return nil
	case err != nil && !errors.Is(err, kb.ErrNotFound):
		return err
	case err != nil:
		err = s.slowly(ctx, func(ctx context.Context) error { return s.client.CreateAlias(ctx, name, s.opts.Prefix) })
		if err == nil {
			return nil
		} // another process was first
	}
	return s.slowly(ctx, func(ctx context.Context) error { return s.client.AlterAlias(ctx, name, s.opts.Prefix) })
}

// Drop implements retrieval.Store.
func (s *Store) Drop(ctx context.Context, stamp retrieval.Stamp) error {
	if err := s.drop(ctx, stamp); err != nil {
		return fmt.Errorf("drop index %s in Milvus: %w", s.name(stamp), err)
	}
	return nil
}

func (s *Store) drop(ctx context.Context, stamp retrieval.Stamp) error {
	name, m, err := s.find(ctx, stamp)
	if errors.Is(err, kb.ErrNotFound) {
		return s.dropWords(ctx, stamp)
	}
	if err != nil {
		return err
	}
	inUse, _, err := s.inUse(ctx)
	if err == nil && inUse == name {
		return fmt.Errorf("it is in use: %w", kb.ErrInvalid)
	}
	if err != nil && !errors.Is(err, kb.ErrNotFound) {
		return err
	}
	err = s.slowly(ctx, func(ctx context.Context) error { return s.client.DropCollection(ctx, name) })
	if err != nil && !errors.Is(err, kb.ErrNotFound) {
		return err
	}
	return s.dropWords(ctx, m.Stamp)
}
