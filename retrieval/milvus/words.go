package milvus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// shared is what all Versions of one collection have in common in a process.
type shared struct {
	shown atomic.Uint64 // time stamp of the last write that the server showed
	users int           // open Versions; under Store.mu, as is words
	words retrieval.Version
}

// wordsStamp names the companion of a version. Each has its own: two versions that are filled apart would
// find each other's passages in a common one.
func wordsStamp(stamp retrieval.Stamp) retrieval.Stamp {
	return retrieval.Stamp{Segmenter: stamp.Segmenter, Splitter: stamp.Splitter + " beside " + stamp.Key()}
}

// peek reports a companion that is gone: the version has vectors and no words, and must be filled again.
func (s *Store) peek(ctx context.Context, name string, m mark) error {
	if s.opts.Words == nil {
		return nil // join says so
	}
	all, err := s.opts.Words.Versions(ctx)
	if err != nil {
		return fmt.Errorf("companion of words: %w", err)
	}
	if slices.ContainsFunc(all, func(v retrieval.VersionInfo) bool { return v.Stamp == wordsStamp(m.Stamp) }) {
		return nil
	}
	return fmt.Errorf("the companion has no words for %s: %w", name, retrieval.ErrCorrupt)
}

// join takes a share in what Versions of a collection have in common, and opens its companion for the first.
func (s *Store) join(ctx context.Context, name string, m mark) (*shared, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.shared[name]
	if c == nil {
		c = &shared{}
		c.shown.Store(1) // "eventually": whatever the server shows
		s.shared[name] = c
	}
	if c.words == nil && !m.Sparse {
		if s.opts.Words == nil { // made on a server before 2.4 that was upgraded since
			return nil, fmt.Errorf("words of %s lie in a companion, and none is configured: %w", name, retrieval.ErrStamp)
		}
		words, err := s.opts.Words.Create(ctx, wordsStamp(m.Stamp))
		if err != nil {
			return nil, fmt.Errorf("companion of words: %w", err)
		}
		c.words = words
	}
	c.users++
	return c, nil
}

// Companion implements retrieval.Companioned.
func (v *Version) Companion() retrieval.Index {
	v.store.mu.Lock()
	defer v.store.mu.Unlock()
	if v.shared.words == nil { // not a nil version in the interface
		return nil
	}
	return v.shared.words
}

// leave gives a share back; the last one closes the companion.
func (s *Store) leave(c *shared) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.users--
	if c.users > 0 || c.words == nil {
		return nil
	}
	words := c.words
	c.words = nil
	return words.Close()
}

func (s *Store) dropWords(ctx context.Context, stamp retrieval.Stamp) error {
	if s.opts.Words == nil {
		return nil
	}
	err := s.opts.Words.Drop(ctx, wordsStamp(stamp))
	if errors.Is(err, kb.ErrNotFound) {
		return nil
	}
	return err
}

// raise makes t the least time stamp that searches are to see.
func (c *shared) raise(t uint64) {
	for {
		now := c.shown.Load()
		if t <= now || c.shown.CompareAndSwap(now, t) {
			return
		}
	}
}
