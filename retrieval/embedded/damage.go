package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded/journal"
)

var (
	errCheckpoint = errors.New("checkpoint is damaged")
	errSpoiled    = errors.New("damage was found") // earlier
)

// corrupt turns the errors of damaged files into that of the contract.
func corrupt(err error) error {
	for _, damage := range []error{journal.ErrDamaged, errFormat, errCheckpoint} {
		if errors.Is(err, damage) {
			return fmt.Errorf("%w: %w", retrieval.ErrCorrupt, err)
		}
	}
	return err
}

// spoil makes every later call fail because of damage that was found.
func (x *Index) spoil(why error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.spoiled != nil || x.over != nil {
		return
	}
	x.spoiled = fmt.Errorf("%w: %w", errSpoiled, corrupt(why))
	x.config.log.Error("index is damaged", "folder", x.dir, "error", why)
	if errors.Is(why, errCheckpoint) && !x.readOnly {
		os.Remove(filepath.Join(x.folder(), checkpointName))
	}
}

// Damage implements retrieval.Inspected.
func (x *Index) Damage() error {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.spoiled
}

// guard runs f, in which a page of a mapped file that cannot be read is damage and not the end of the
// process. The same holds for whatever goes wrong over bytes that are not inspected yet. Damage that f
// meets spoils the index.
func (x *Index) guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = x.fault(r)
		} else if errors.Is(err, retrieval.ErrCorrupt) && !errors.Is(err, errSpoiled) {
			x.spoil(err)
		}
	}()
	return f()
}

func (x *Index) fault(r any) error {
	e, ok := r.(runtime.Error)
	_, address := r.(interface{ Addr() uintptr })
	if !ok || !address && x.inspected() {
		panic(r)
	}
	err := fmt.Errorf("%w: %w", errCheckpoint, e)
	x.spoil(err)
	return corrupt(err)
}

// heal reads a damaged index again from its journal alone.
func (x *Index) heal(ctx context.Context) error {
	x.writing.Lock()
	defer x.writing.Unlock()
	r, err := replay(ctx, x.folder(), x.config, x.readOnly, false)
	if err != nil {
		return err
	}
	x.config.log.Info("index healed from its journal", "folder", x.dir)
	return x.goOver(&Index{generation: x.generation, journal: r.journal, state: r.state})
}

// healed waits for the inspection to heal the index, or does so itself, and returns the damage that is
// left.
func (x *Index) healed(ctx context.Context) error {
	if x.Damage() == nil {
		return nil
	}
	if n := x.inspection.Load(); n != nil {
		select {
		case <-n.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if x.Damage() == nil {
		return nil
	}
	err := x.heal(ctx)
	if err == nil {
		x.inspection.Store(nil)
	}
	return err
}

// renew lets an index begin anew without content.
func (x *Index) renew() error {
	x.endInspection()
	x.writing.Lock()
	defer x.writing.Unlock()
	next := &Index{dir: x.dir, config: x.config}
	if err := next.begin(); err != nil {
		return err
	}
	x.inspection.Store(nil)
	return x.goOver(next)
}
