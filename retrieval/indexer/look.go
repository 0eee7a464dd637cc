package indexer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// look opens what the store has, closes what it no longer has, makes the version of the running
// configuration where there is none, and drops those that nobody needs.
func (x *Indexer) look(ctx context.Context) error {
	if err := x.opts.Lead(ctx); err != nil {
		return err
	}
	if err := x.reopen(ctx); err != nil {
		return err
	}
	if err := x.create(ctx); err != nil {
		return err
	}
	for _, v := range x.versions {
		note, err := x.note(ctx, noteFill, v.info.Stamp)
		if err != nil {
			return err
		}
		v.filled, v.stuck = note == filledNote, false
	}
	if x.unreadable && x.inUse() != nil {
		if err := x.store.Drop(ctx, retrieval.Stamp{}); err != nil {
			return fmt.Errorf("drop damaged versions of the index: %w", err)
		}
	}
	return x.retire(ctx)
}

// reopen makes the list of versions that of the store. Where damage was found, the version is opened again.
func (x *Indexer) reopen(ctx context.Context) error {
	list, err := x.store.Versions(ctx)
	if err != nil {
		return fmt.Errorf("versions of the index: %w", err)
	}
	old := x.versions
	x.versions, x.unreadable = nil, false
	for _, info := range list {
		if info.Stamp == (retrieval.Stamp{}) { // damaged so that nobody knows what it was
			x.unreadable = true
			continue
		}
		at := slices.IndexFunc(old, func(v *version) bool { return v.info.Stamp == info.Stamp })
		if at >= 0 && !old[at].damaged() {
			old[at].info = info
			x.versions, old = append(x.versions, old[at]), slices.Delete(old, at, at+1)
			continue
		}
		v, openErr := x.open(ctx, info)
		if openErr != nil {
			err = errors.Join(err, openErr)
		} else if v != nil {
			x.versions = append(x.versions, v)
		}
	}
	for _, v := range old {
		err = errors.Join(err, v.Close())
	}
	return err
}

// damaged reports whether damage was found in a version since it was opened.
func (v *version) damaged() bool {
	i, ok := v.Version.(retrieval.Inspected)
	return ok && i.Damage() != nil
}

// open opens a version. A damaged one is left out: create begins it anew where it is wanted.
func (x *Indexer) open(ctx context.Context, info retrieval.VersionInfo) (*version, error) {
	v, err := x.store.Open(ctx, info.Stamp)
	damaged := errors.Is(err, retrieval.ErrCorrupt) || errors.Is(err, retrieval.ErrStamp)
	if damaged && !info.InUse && info.Stamp != x.stamp {
		x.opts.Logger.Warn("a damaged version of the index is dropped", "version", info.Name, "err", err)
		return nil, x.drop(ctx, info.Stamp)
	}
	if damaged {
		x.opts.Logger.Warn("a damaged version of the index is filled anew from the catalog", "version", info.Name, "err", err)
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open version %s of the index: %w", info.Name, err)
	}
	return &version{Version: v, info: info}, nil
}

// create makes the version of the running configuration where there is none.
func (x *Indexer) create(ctx context.Context) error {
	stamp := x.target()
	if slices.ContainsFunc(x.versions, func(v *version) bool { return v.info.Stamp == stamp }) {
		return nil
	}
	revision, err := x.source.Revision(ctx)
	if err != nil {
		return err
	}
	note := newMark
	if revision == 0 { // whatever comes leaves a job
		note = filledNote
	}
	if err := x.setNote(ctx, noteFill, stamp, note); err != nil {
		return err
	}
	v, err := x.store.Create(ctx, stamp)
	if err != nil {
		return fmt.Errorf("create version %s of the index: %w", stamp.Key(), err)
	}
	if err := v.Close(); err != nil {
		return err
	}
	x.opts.Logger.Info("a version of the index is filled", "version", stamp.Key(), "embedder", stamp.Embedder)
	if err := x.reopen(ctx); err != nil || x.inUse() != nil || revision > 0 {
		return err
	}
	if err := x.store.Use(ctx, stamp); err != nil {
		return fmt.Errorf("put version %s of the index to use: %w", stamp.Key(), err)
	}
	return x.reopen(ctx)
}

// retire drops versions that neither are in use nor are to be, a while after that was first seen.
func (x *Indexer) retire(ctx context.Context) error {
	for _, v := range slices.Clone(x.versions) {
		since, err := x.note(ctx, noteRetire, v.info.Stamp)
		if err != nil {
			return err
		}
		switch at, _ := time.Parse(time.RFC3339, since); {
		case x.wanted(v) && since != "":
			err = x.setNote(ctx, noteRetire, v.info.Stamp, "")
		case x.wanted(v):
		case at.IsZero():
			err = x.setNote(ctx, noteRetire, v.info.Stamp, x.opts.Now().UTC().Format(time.RFC3339))
		case x.opts.Now().Sub(at) >= x.opts.Grace:
			x.versions = slices.DeleteFunc(x.versions, func(one *version) bool { return one == v })
			if err = v.Close(); err == nil {
				err = x.drop(ctx, v.info.Stamp)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (x *Indexer) drop(ctx context.Context, stamp retrieval.Stamp) error {
	err := x.store.Drop(ctx, stamp)
	if errors.Is(err, kb.ErrLocked) { // a question is still in it: next time
		return nil
	}
	if err != nil {
		return fmt.Errorf("drop version %s of the index: %w", stamp.Key(), err)
	}
	x.opts.Logger.Info("a version of the index that nobody needs is dropped", "version", stamp.Key())
	return errors.Join(x.setNote(ctx, noteRetire, stamp, ""), x.setNote(ctx, noteFill, stamp, ""))
}

// Notes about a version: how far it is filled, and since when nobody needs it. Without a note about
// filling a version is filled in place, with what it has; newMark stands before how far one has come
// that began empty.
const (
	noteFill   = "fill"
	noteRetire = "retire"
	filledNote = "filled"
	newMark    = "new:"
)

// Renew has a version filled once more, in place, with the vectors that it has. One that does not hold the
// whole catalog yet goes on from where it is.
func Renew(ctx context.Context, notes Notes, place string, stamp retrieval.Stamp) error {
	switch err := Whole(ctx, notes, place, stamp); {
	case errors.Is(err, ErrFilling):
		return nil
	case err != nil:
		return err
	}
	return notes.SetState(ctx, noteName(place, noteFill, stamp), "")
}

// ErrFilling says that a version holds only a part of the catalog so far.
var ErrFilling = errors.New("the index is being filled from the catalog")

// Whole returns ErrFilling while a version that began empty does not hold the whole catalog.
func Whole(ctx context.Context, notes Notes, place string, stamp retrieval.Stamp) error {
	note, err := notes.State(ctx, noteName(place, noteFill, stamp))
	switch {
	case errors.Is(err, kb.ErrNotFound):
		return nil
	case err == nil && strings.HasPrefix(note, newMark):
		return ErrFilling
	}
	return err
}

func noteName(place, what string, stamp retrieval.Stamp) string {
	return "index:" + place + ":" + what + ":" + stamp.Key()
}

func (x *Indexer) note(ctx context.Context, what string, stamp retrieval.Stamp) (string, error) {
	value, err := x.source.State(ctx, noteName(x.opts.Name, what, stamp))
	if errors.Is(err, kb.ErrNotFound) {
		return "", nil
	}
	return value, err
}

func (x *Indexer) setNote(ctx context.Context, what string, stamp retrieval.Stamp, value string) error {
	return x.source.SetState(ctx, noteName(x.opts.Name, what, stamp), value)
}
