// Package embedded is the index that needs no server: a folder of versions (Store), searched in memory.
//
// What an index acknowledged lies in a journal, an append-only file of checksummed records; what a
// search needs is a function of the journal: a table of passages with their attributes, the inverted
// index of package lexical, and codes of the vectors (package flat). A dense search scans the codes and
// scores some sixty candidates exactly, with vectors mapped from the journal. The scope of a request
// becomes a set of slots that both searches look at while they run.
//
// A checkpoint beside the journal is all of that as it lies in memory. Opening maps it, privately and
// writable, and replays what the journal has behind it, so that the time to open does not grow with the
// number of passages. What was mapped unread is compared with its checksums behind (inspect.go).
//
// Why not SQLite: the catalog is the durable truth and the index can be rebuilt from it, so that
// the index needs neither queries nor transactions over several tables; an append is one write and
// one sync. That is faster than rows (docs/measurements.md), and damage is always found.
//
// One process writes to a folder; any number may open it read-only and see it as it was then.
// Nothing but the inspection runs in the background: the Put that makes a checkpoint or a compaction due
// does it.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded/journal"
)

// Index implements retrieval.Index, retrieval.TermStats and retrieval.VectorKeeper.
type Index struct {
	dir      string
	config   *config
	readOnly bool
	lock     *os.File // nil: read-only, or the lock of the store is enough

	writing   sync.Mutex // held by whoever changes the index, before mu
	published bool       // the generation is the one in use, not one that is being built
	patience  int64      // size of the journal below which no compaction is tried

	mu         sync.RWMutex // guards what follows and what it points to
	generation int
	journal    *journal.Journal
	state      *state
	spoiled    error // damage that was found
	over       error // why nothing goes on any more; nil: it is open

	inspection atomic.Pointer[inspection] // of what was mapped at opening; nil: none is needed
}

var (
	_ retrieval.Index        = (*Index)(nil)
	_ retrieval.TermStats    = (*Index)(nil)
	_ retrieval.VectorKeeper = (*Index)(nil)
	_ retrieval.Inspected    = (*Index)(nil)
)

// Open opens the index in a folder, and makes an empty one where there is none unless it is to be
// read only. Errors: kb.ErrLocked where another process writes to it, retrieval.ErrStamp where it
// was built otherwise, retrieval.ErrCorrupt where it is damaged. Tools and tests that need one index for
// a while use it; who keeps versions uses a Store.
func Open(dir string, opts *Options) (*Index, error) {
	x, err := open(dir, opts)
	if err != nil {
		return nil, fmt.Errorf("open index %s: %w", dir, err)
	}
	return x, nil
}

func open(dir string, opts *Options) (*Index, error) {
	x, err := prepare(dir, opts)
	if err != nil {
		return nil, err
	}
	err = x.settle(context.Background())
	if errors.Is(err, kb.ErrNotFound) && !x.readOnly {
		err = x.begin()
	}
	if err != nil {
		return nil, errors.Join(err, x.unlock())
	}
	return x, nil
}

// prepare returns an index without content that holds the lock unless it is read-only.
func prepare(dir string, opts *Options) (*Index, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	x := &Index{dir: dir, config: c, readOnly: opts != nil && opts.ReadOnly}
	if x.readOnly {
		return x, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, typed(err)
	}
	x.lock, err = lock(dir)
	return x, err
}

// settle finds the generation in use and reads it. None is kb.ErrNotFound.
func (x *Index) settle(ctx context.Context) error {
	const attempts = 5 // a writer may replace the generation while we open it
	for try := 1; ; try++ {
		c, err := readCurrent(x.dir)
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("no index there: %w", kb.ErrNotFound)
		}
		if err != nil {
			return err
		}
		if err := x.agree(c.Stamp); err != nil {
			return err
		}
		err = x.read(ctx, c.Generation)
		if err == nil {
			return nil
		}
		if again, _ := readCurrent(x.dir); !x.readOnly || try == attempts || again.Generation == c.Generation {
			return err
		}
	}
}

// agree compares the stamp of the folder with the one wanted; the zero stamp takes the folder's.
func (x *Index) agree(found retrieval.Stamp) error {
	if x.config.stamp == (retrieval.Stamp{}) {
		x.config.stamp = found
	}
	if found != x.config.stamp {
		return fmt.Errorf("%w: it has %+v, wanted %+v", retrieval.ErrStamp, found, x.config.stamp)
	}
	return nil
}

// begin makes the first generation and puts it to use.
func (x *Index) begin() (err error) {
	if err := x.grow(); err != nil {
		return err
	}
	return x.publish()
}

// grow starts an empty generation.
func (x *Index) grow() (err error) {
	x.generation, x.journal, err = newGeneration(x.dir)
	x.state = newState(x.config)
	return err
}

func (x *Index) folder() string { return generationPath(x.dir, x.generation) }

// publish makes the generation of x the one in use and drops all others.
func (x *Index) publish() error {
	c := current{Format: format, Generation: x.generation, Stamp: x.config.stamp}
	if err := writeCurrent(x.dir, c); err != nil {
		return err
	}
	x.published = true
	dropOthers(x.dir, x.generation)
	return nil
}

// read opens a generation.
func (x *Index) read(ctx context.Context, generation int) error {
	r, err := replay(ctx, generationPath(x.dir, generation), x.config, x.readOnly, true)
	if err != nil {
		return err
	}
	x.generation, x.journal, x.state, x.published = generation, r.journal, r.state, true
	if !x.readOnly {
		dropOthers(x.dir, generation)
	}
	x.inspect(r.inspection)
	return nil
}

// Stats implements retrieval.Index.
func (x *Index) Stats(ctx context.Context) (retrieval.Stats, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if err := x.ready(ctx); err != nil {
		return retrieval.Stats{}, fmt.Errorf("stats of index: %w", err)
	}
	return retrieval.Stats{Stamp: x.config.stamp, Passages: x.state.table.live, Vectors: x.state.vectors}, nil
}

// ready reports why a call under mu cannot go on.
func (x *Index) ready(ctx context.Context) error {
	switch {
	case x.over != nil:
		return x.over
	case x.spoiled != nil:
		return x.spoiled
	}
	return ctx.Err()
}

// usable reports why a call that holds writing cannot go on.
func (x *Index) usable(ctx context.Context) error {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.ready(ctx)
}
