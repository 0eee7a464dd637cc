package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded/journal"
)

// Store implements retrieval.Store in a folder: each version is an index in a subfolder, and the file
// "use" names the one in use. An index that lies in the folder itself, as the first releases had it,
// is a version too and stays where it is.
//
// One process opens a folder for writing, any number beside it read-only, also while versions are
// created, swapped and dropped; who has a dropped version open goes on reading it. A version that is
// opened several times through one writing Store is one index in memory, which closes with the last.
type Store struct {
	dir      string
	config   *config // without a stamp
	readOnly bool
	lock     *os.File // nil: read-only

	mu     sync.Mutex // guards what follows, and changes of the folder
	opened map[string]*shared
	over   error // why nothing goes on any more
}

var _ retrieval.Store = (*Store)(nil)

// NewStore opens the versions in a folder, which is made where there is none unless the store is to be
// read-only. Options.Stamp means nothing here. Another writing process is kb.ErrLocked.
func NewStore(dir string, opts *Options) (*Store, error) {
	s, err := newStore(dir, opts)
	if err != nil {
		return nil, fmt.Errorf("open index store %s: %w", dir, err)
	}
	return s, nil
}

func newStore(dir string, opts *Options) (*Store, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	c.stamp = retrieval.Stamp{}
	s := &Store{dir: dir, config: c, readOnly: opts != nil && opts.ReadOnly, opened: map[string]*shared{}}
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		return nil, fmt.Errorf("not a folder: %w", retrieval.ErrForeign)
	}
	if s.readOnly {
		return s, nil
	}
	if err != nil {
		if err := makeFolder(dir); err != nil {
			return nil, err
		}
	}
	if s.lock, err = lock(dir); err != nil {
		return nil, err
	}
	s.tidy()
	return s, nil
}

// makeFolder makes a folder whose name is durable.
func makeFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return typed(err)
	}
	return typed(journal.SyncFolder(filepath.Dir(dir)))
}

// Close closes the versions that are still open and releases the folder.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over != nil {
		return nil
	}
	s.over = os.ErrClosed
	var errs []error
	for _, o := range s.opened {
		errs = append(errs, o.index.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}

// Versions implements retrieval.Store. A damaged version whose stamp cannot be read has the zero stamp.
func (s *Store) Versions(ctx context.Context) ([]retrieval.VersionInfo, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return nil, fmt.Errorf("versions of index store %s: %w", s.dir, err)
	}
	all, err := list(s.dir)
	if err != nil {
		return nil, fmt.Errorf("versions of index store %s: %w", s.dir, err)
	}
	return all, nil
}

// Open implements retrieval.Store.
func (s *Store) Open(ctx context.Context, stamp retrieval.Stamp) (retrieval.Version, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	const attempts = 5 // a writer may put another version to use and drop this one meanwhile
	for try := 1; ; try++ {
		if err := s.ready(ctx); err != nil {
			return nil, fmt.Errorf("open version in %s: %w", s.dir, err)
		}
		name, err := find(s.dir, stamp)
		if err == nil {
			var v retrieval.Version
			if v, err = s.share(ctx, name); err == nil {
				return v, nil
			}
		}
		if again, _ := find(s.dir, stamp); again == name || try == attempts {
			return nil, fmt.Errorf("open version %s in %s: %w", name, s.dir, err)
		}
	}
}

// Create implements retrieval.Store. A version that is damaged, or written in a form that this program
// does not know, begins anew without content, and stays in use if it was: until it is filled,
// searches find less. The zero stamp is kb.ErrInvalid.
func (s *Store) Create(ctx context.Context, stamp retrieval.Stamp) (retrieval.Version, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.create(ctx, stamp)
	if err != nil {
		return nil, fmt.Errorf("create version %s in %s: %w", stamp.Key(), s.dir, err)
	}
	return v, nil
}

func (s *Store) create(ctx context.Context, stamp retrieval.Stamp) (retrieval.Version, error) {
	if err := s.writable(ctx, stamp); err != nil {
		return nil, err
	}
	name, err := find(s.dir, stamp)
	if errors.Is(err, kb.ErrNotFound) {
		name, err = s.make(stamp)
	}
	if err != nil {
		return nil, err
	}
	v, err := s.share(ctx, name)
	if errors.Is(err, retrieval.ErrCorrupt) || errors.Is(err, retrieval.ErrStamp) {
		s.config.log.Warn("index begins anew", "folder", s.path(name), "why", err)
		if err := s.renew(name, stamp); err != nil {
			return nil, err
		}
		return s.share(ctx, name)
	}
	return v, err
}

// Use implements retrieval.Store.
func (s *Store) Use(ctx context.Context, stamp retrieval.Stamp) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.use(ctx, stamp); err != nil {
		return fmt.Errorf("use version %s in %s: %w", stamp.Key(), s.dir, err)
	}
	return nil
}

func (s *Store) use(ctx context.Context, stamp retrieval.Stamp) error {
	if err := s.writable(ctx, stamp); err != nil {
		return err
	}
	name, err := find(s.dir, stamp)
	if err != nil {
		return err
	}
	next := inUse{Format: format, Version: name, Stamp: stamp}
	if now, err := readUse(s.dir); err == nil && now == next {
		return nil
	}
	if err := writeSealed(s.dir, useName, next); err != nil {
		return foreign(s.dir, useName, err)
	}
	return nil
}

// Drop implements retrieval.Store. Whoever has the version open through this store is told
// kb.ErrNotFound from now on. The zero stamp means the damaged versions whose stamp cannot be read.
func (s *Store) Drop(ctx context.Context, stamp retrieval.Stamp) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.drop(ctx, stamp); err != nil {
		return fmt.Errorf("drop version %s in %s: %w", stamp.Key(), s.dir, err)
	}
	return nil
}

func (s *Store) drop(ctx context.Context, stamp retrieval.Stamp) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	if s.readOnly {
		return fmt.Errorf("opened read-only: %w", errors.ErrUnsupported)
	}
	names, err := s.named(stamp)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := s.remove(name); err != nil {
			return err
		}
	}
	return nil
}

// ready reports why a call cannot go on.
func (s *Store) ready(ctx context.Context) error {
	if s.over != nil {
		return s.over
	}
	return ctx.Err()
}

// writable reports why a version of a stamp cannot be made or changed.
func (s *Store) writable(ctx context.Context, stamp retrieval.Stamp) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	if s.readOnly {
		return fmt.Errorf("opened read-only: %w", errors.ErrUnsupported)
	}
	if stamp == (retrieval.Stamp{}) {
		return fmt.Errorf("no stamp: %w", kb.ErrInvalid)
	}
	return s.config.of(stamp).check()
}

func (s *Store) path(name string) string { return filepath.Join(s.dir, name) }
