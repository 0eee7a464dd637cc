// Package versions holds the versions of an index that one place has. It opens each version once, for
// whoever searches and whoever fills it, follows what this and other processes create there, put to use
// and drop, and searches the version in use: a question that has begun on one version ends on it, the
// next one goes to what is in use then. A place that cannot be reached holds nobody up: questions fail
// at once with retrieval.ErrDown while Run looks for it.
//
// It is no index, knows no back end, and writes nothing of its own accord.
package versions

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// Place is an opened store.
type Place interface {
	retrieval.Store
	io.Closer
}

// Options tune a Set; zero fields mean the defaults.
type Options struct {
	// Guard keeps the versions of a server from holding up questions; nil: the place is in this process.
	Guard *retrieval.GuardOptions
	// Searcher makes the searcher of a version that is put to use; nil: there is nobody who searches. It
	// is called off the way of questions.
	Searcher func(ctx context.Context, stamp retrieval.Stamp, v retrieval.Version) (retrieval.Searcher, error)
	// Whole reports why a version that is in use is not to be searched yet: it is filled anew after damage,
	// and would find too little without saying so. nil: every one is whole. It is asked in every look; where
	// that is kb.ErrUnavailable, what is searched stays.
	Whole func(ctx context.Context, stamp retrieval.Stamp) error
	// Own is the stamp of the running configuration. A set that searches that version goes on with it
	// until it is dropped, whatever is put to use: its embedder fits no other one.
	Own    retrieval.Stamp
	Poll   time.Duration // pause between two looks, 2 s
	Limit  time.Duration // deadline of a look, 15 s
	Logger *slog.Logger  // slog.Default
}

// Set is the versions of one place. It implements retrieval.Store, with versions that are shared: to
// close one gives it back. It also implements retrieval.Searcher over the version in use. Its methods
// may be called concurrently.
type Set struct {
	connect func(context.Context) (Place, error)
	opts    Options

	changing sync.Mutex // held by whoever connects, opens or closes, before mu

	mu       sync.Mutex // guards the rest, never held while waiting
	place    Place      // nil: it was never reached
	open     map[retrieval.Stamp]*shared
	leaving  []*shared          // dropped, perhaps still searched
	current  *shared            // the one that is searched; nil: none
	searcher retrieval.Searcher // of current
	why      error              // there is no current one
	closed   bool
}

var (
	_ retrieval.Store    = (*Set)(nil)
	_ retrieval.Searcher = (*Set)(nil)
)

// errUnseen is why nothing is searched before the first look.
var errUnseen = errors.New("the place of the index was not looked at yet")

// New returns the set of a place, which connect opens. Nothing is connected to before the first Look.
func New(connect func(context.Context) (Place, error), opts *Options) *Set {
	s := &Set{connect: connect, open: map[retrieval.Stamp]*shared{}, why: errUnseen}
	if opts != nil {
		s.opts = *opts
	}
	if s.opts.Poll <= 0 {
		s.opts.Poll = 2 * time.Second
	}
	if s.opts.Limit <= 0 {
		s.opts.Limit = 15 * time.Second
	}
	if s.opts.Logger == nil {
		s.opts.Logger = slog.Default()
	}
	return s
}

// Look brings the set up to date with its place.
func (s *Set) Look(ctx context.Context) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	return s.look(ctx)
}

func (s *Set) look(ctx context.Context) error {
	list, err := s.list(ctx)
	if err != nil {
		s.search(nil, nil, err)
		return err
	}
	s.forget(list)
	if s.opts.Searcher != nil {
		return s.follow(ctx, list)
	}
	return nil
}

// list connects, where that never succeeded, lets go of damaged versions, and lists what is there.
func (s *Set) list(ctx context.Context) ([]retrieval.VersionInfo, error) {
	s.mu.Lock()
	place, closed := s.place, s.closed
	s.mu.Unlock()
	if closed {
		return nil, fs.ErrClosed
	}
	if place == nil {
		var err error
		if place, err = s.connect(ctx); err != nil {
			return nil, err
		}
		s.mu.Lock()
		s.place = place
		s.mu.Unlock()
	}
	s.expel()
	return place.Versions(ctx)
}

// follow changes over to the version that is to be searched.
func (s *Set) follow(ctx context.Context, list []retrieval.VersionInfo) error {
	stamp, ok := s.chosen(list)
	if !ok {
		err := errors.New("no version of the index is in use yet")
		s.search(nil, nil, err)
		return nil
	}
	if s.opts.Whole != nil {
		err := s.opts.Whole(ctx, stamp)
		switch {
		case err == nil:
		case ctx.Err() != nil, errors.Is(err, kb.ErrUnavailable): // nobody can tell
			s.search(nil, nil, err)
			return err
		default:
			s.set(nil, nil, err)
			return nil
		}
	}
	s.mu.Lock()
	same := s.current != nil && s.current == s.open[stamp]
	s.mu.Unlock()
	if same {
		return nil
	}
	v, err := s.obtain(ctx, stamp)
	if err == nil {
		var searcher retrieval.Searcher
		if searcher, err = s.opts.Searcher(ctx, stamp, v); err == nil {
			s.search(v, searcher, nil)
			return nil
		}
	}
	s.search(nil, nil, err)
	return err
}

// chosen returns the stamp of the version to search: the one in use, or the own one that is searched already.
func (s *Set) chosen(list []retrieval.VersionInfo) (retrieval.Stamp, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range list {
		if s.current != nil && v.Stamp == s.opts.Own && s.current == s.open[v.Stamp] {
			return v.Stamp, true
		}
	}
	if len(list) > 0 && list[0].InUse {
		return list[0].Stamp, true
	}
	return retrieval.Stamp{}, false
}

// search makes a version the one that is searched. Without one, what is searched stays, as long as it
// is there: a fault of the place says nothing about it.
func (s *Set) search(v *shared, searcher retrieval.Searcher, why error) {
	s.mu.Lock()
	stays := v == nil && s.current != nil && s.current == s.open[s.current.stamp]
	s.mu.Unlock()
	if !stays {
		s.set(v, searcher, why)
	}
}

func (s *Set) set(v *shared, searcher retrieval.Searcher, why error) {
	if v != nil {
		if g, ok := v.Version.(*retrieval.Guard); ok {
			g.Recount()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current, s.searcher, s.why = v, searcher, why
}

// Run looks at the place again and again until the context ends.
func (s *Set) Run(ctx context.Context) {
	failed := false
	for {
		limit, cancel := context.WithTimeout(ctx, s.opts.Limit)
		err := s.Look(limit)
		cancel()
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failed:
			s.opts.Logger.Error("the place of the index fails, answers do without it", "err", err)
		case err == nil && failed:
			s.opts.Logger.Info("the place of the index is back")
		}
		failed = err != nil
		select {
		case <-ctx.Done():
			return
		case <-time.After(s.opts.Poll):
		}
	}
}

// Search implements retrieval.Searcher.
func (s *Set) Search(ctx context.Context, q retrieval.Query) (retrieval.Result, error) {
	s.mu.Lock()
	v, searcher, why := s.current, s.searcher, s.why
	if v != nil {
		v.users++
	}
	s.mu.Unlock()
	if v == nil {
		return retrieval.Result{}, fmt.Errorf("search: %w: %w", retrieval.ErrDown, why)
	}
	defer s.release(v)
	return searcher.Search(ctx, q)
}

// Current returns the stamp of the version that is searched, or why there is none or it does not answer.
func (s *Set) Current() (retrieval.Stamp, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil {
		return retrieval.Stamp{}, s.why
	}
	if g, ok := s.current.Version.(*retrieval.Guard); ok {
		return s.current.stamp, g.Down()
	}
	return s.current.stamp, nil
}

// Close closes every version and the place. Whoever searches or has borrowed a version ends before.
func (s *Set) Close() error {
	s.changing.Lock()
	defer s.changing.Unlock()
	s.mu.Lock()
	all, place := s.leaving, s.place
	for _, v := range s.open {
		all = append(all, v)
	}
	s.open, s.leaving, s.place, s.closed = map[retrieval.Stamp]*shared{}, nil, nil, true
	s.current, s.searcher, s.why = nil, nil, fs.ErrClosed
	s.mu.Unlock()
	var errs []error
	for _, v := range all {
		errs = append(errs, v.Version.Close())
	}
	if place != nil {
		errs = append(errs, place.Close())
	}
	return errors.Join(errs...)
}
