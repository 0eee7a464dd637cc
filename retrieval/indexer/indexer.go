// Package indexer keeps the versions of an index in step with the catalog: it works off the jobs that
// changes leave behind, fills a new version from the catalog, embeds what has no vector yet, and puts
// the new version to use when it is whole.
//
// Passages become findable lexically at once and by vectors as embedding gets to them, so that new
// knowledge never waits for a slow embedder and a missing one costs nothing but the dense search. A
// version is filled behind the one in use, which goes on answering. Every job is applied to every
// version, and deleted only when all have acknowledged its passages; a crash repeats it. How far a
// filling has come is noted in the catalog, so that the next process goes on there.
//
// It decides neither where an index is nor who may write to it: one process at a time does, see Options.
package indexer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"xiaoyue/inference"
	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// Progress tells how far embedding has come in a version.
type Progress struct {
	Stamp    retrieval.Stamp
	Embedded int // passages with a vector
	Passages int
}

// Options tune an Indexer; zero fields mean the defaults.
type Options struct {
	// Embedder returns what embeds for a version, nil where nothing does now; nil: no version is embedded.
	Embedder func(retrieval.Stamp) inference.Embedder
	// Lead reports whether this process still is the one that writes; it is asked before every batch.
	// nil: it always is.
	Lead func(context.Context) error
	// Donor has vectors that a version which is filled takes over, of the same stamp; nil: it keeps its own.
	Donor retrieval.VectorKeeper
	Name  string        // of the place, in notes of the catalog; empty: "index"
	Batch int           // passages embedded and written at once, 16
	Poll  time.Duration // pause between looks for new jobs, 500 ms
	// Grace is how long a version that is no longer in use stays for those who still search it, 10 min.
	Grace time.Duration
	Now   func() time.Time // time.Now
	// Report is told after every batch of embedding, or of copying from a donor; nil: nobody.
	Report func(Progress)
	Logger *slog.Logger
}

// Indexer is the one writer of the versions of a store. Its methods are not to be called concurrently.
type Indexer struct {
	source   Source
	store    retrieval.Store
	stamp    retrieval.Stamp
	opts     Options
	versions []*version // what the store had at the last look, the one in use first

	unreadable bool // the store has damaged versions without a stamp
}

// version is one of the store, open.
type version struct {
	retrieval.Version
	info   retrieval.VersionInfo
	filled bool // holds what the catalog has, jobs apart
	stuck  bool // its embedder failed; not tried again before the next look
}

// New returns the indexer of a store whose versions are to become one of a stamp, that of the running
// configuration. A stamp without embedder is content with the version in use. Nil options are legal.
func New(source Source, store retrieval.Store, stamp retrieval.Stamp, opts *Options) *Indexer {
	o := Options{}
	if opts != nil {
		o = *opts
	}
	if o.Embedder == nil {
		o.Embedder = func(retrieval.Stamp) inference.Embedder { return nil }
	}
	if o.Lead == nil {
		o.Lead = func(context.Context) error { return nil }
	}
	if o.Report == nil {
		o.Report = func(Progress) {}
	}
	if o.Name == "" {
		o.Name = "index"
	}
	if o.Batch <= 0 {
		o.Batch = 16
	}
	if o.Poll <= 0 {
		o.Poll = 500 * time.Millisecond
	}
	if o.Grace <= 0 {
		o.Grace = 10 * time.Minute
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return &Indexer{source: source, store: store, stamp: stamp, opts: o}
}

// Drain works off all jobs, fills and embeds everything that waits, and puts a version to use that has
// become whole.
func (x *Indexer) Drain(ctx context.Context) error { return x.drain(ctx, true) }

// DrainWords is Drain without embedding: afterwards every passage is found by its words.
func (x *Indexer) DrainWords(ctx context.Context) error { return x.drain(ctx, false) }

// Prepare makes sure that there is a version for the running configuration, without filling it. Over an
// empty catalog, where no version is in use, it is put to use at once.
func (x *Indexer) Prepare(ctx context.Context) error { return x.look(ctx) }

func (x *Indexer) drain(ctx context.Context, embed bool) error {
	if err := x.look(ctx); err != nil {
		return err
	}
	for {
		more, err := x.round(ctx, embed)
		if err != nil || !more {
			return err
		}
	}
}

// Close gives back what the indexer has open.
func (x *Indexer) Close() error {
	var errs []error
	for _, v := range x.versions {
		errs = append(errs, v.Close())
	}
	x.versions = nil
	return errors.Join(errs...)
}

// jobsARound is how many jobs are worked off before filling and embedding get their turn.
const jobsARound = 64

// round does a little of everything that is to be done and reports whether there is more.
func (x *Indexer) round(ctx context.Context, embed bool) (more bool, err error) {
	done, err := x.jobs(ctx, jobsARound)
	if err != nil {
		return false, err
	}
	for _, v := range x.versions {
		if x.wanted(v) && !v.filled {
			return true, x.fill(ctx, v)
		}
	}
	if err := x.begin(ctx); err != nil {
		return false, err
	}
	if embed {
		n, err := x.embedAny(ctx)
		if err != nil || n > 0 {
			return n > 0, err
		}
		if err := x.change(ctx); err != nil {
			return false, err
		}
	}
	return done == jobsARound, nil
}

// inUse returns the version in use; nil: none is.
func (x *Indexer) inUse() *version {
	if len(x.versions) > 0 && x.versions[0].info.InUse {
		return x.versions[0]
	}
	return nil
}

// target returns the stamp that is to be in use.
func (x *Indexer) target() retrieval.Stamp {
	if v := x.inUse(); v != nil && x.stamp.Embedder == "" {
		return v.info.Stamp
	}
	return x.stamp
}

// wanted reports whether a version is in use or is to be.
func (x *Indexer) wanted(v *version) bool { return v.info.InUse || v.info.Stamp == x.target() }

// begin puts the first version to use, once it has every passage's words.
func (x *Indexer) begin(ctx context.Context) error {
	if x.inUse() != nil {
		return nil
	}
	return x.use(ctx, x.target())
}

// change puts the version of the running configuration to use when every passage has its vector in it.
func (x *Indexer) change(ctx context.Context) error {
	at := slices.IndexFunc(x.versions, func(v *version) bool { return v.info.Stamp == x.target() })
	if at < 0 || x.versions[at].info.InUse || x.versions[at].stuck {
		return nil
	}
	v := x.versions[at]
	if v.info.Stamp.Embedder != "" {
		waiting, err := v.Unembedded(ctx, 1)
		if err != nil || len(waiting) > 0 {
			return err
		}
	}
	return x.use(ctx, v.info.Stamp)
}

func (x *Indexer) use(ctx context.Context, stamp retrieval.Stamp) error {
	if err := x.opts.Lead(ctx); err != nil {
		return err
	}
	if err := x.store.Use(ctx, stamp); err != nil {
		return fmt.Errorf("put version %s of the index to use: %w", stamp.Key(), err)
	}
	x.opts.Logger.Info("a version of the index is in use", "version", stamp.Key(), "embedder", stamp.Embedder)
	return x.look(ctx)
}

// The longest pauses between two tries, after a fault of a part that comes back by itself, and others.
const (
	maxPause  = time.Minute
	awayPause = 3 * time.Second
)

// Run drains whenever there is work, until the context ends or another process leads. A fault is
// logged and tried again after a growing pause: a full disk or a lost server ends when somebody mends it.
func (x *Indexer) Run(ctx context.Context) {
	pause := x.opts.Poll
	for {
		err := x.Drain(ctx)
		switch {
		case ctx.Err() != nil || x.opts.Lead(ctx) != nil:
			return
		case err == nil:
			pause = x.opts.Poll
		case errors.Is(err, retrieval.ErrDown):
			pause = min(2*pause, awayPause)
		default:
			pause = min(2*pause, maxPause)
		}
		if err != nil {
			x.opts.Logger.Warn("indexing is held up", "err", err, "again_in", pause, "full", errors.Is(err, kb.ErrFull))
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}
