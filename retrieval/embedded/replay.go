package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

	"xiaoyue/retrieval/embedded/journal"
)

// replayed is a generation read into memory.
type replayed struct {
	state      *state
	journal    *journal.Journal
	inspection *inspection // still to be made; nil: every byte was checked
}

// replay reads a generation: the checkpoint where there is one that can be used, and the journal behind
// it. Without trust, nothing but the journal is believed.
func replay(ctx context.Context, folder string, c *config, readOnly, trust bool) (*replayed, error) {
	j, err := journal.Open(folder, readOnly)
	if err != nil {
		return nil, corrupt(err)
	}
	r := &replayed{journal: j}
	if trust {
		r.start(ctx, folder, c)
	}
	if r.state == nil {
		r.state = newState(c)
	}
	err = r.finish(ctx)
	if err == nil {
		return r, nil
	}
	err = errors.Join(corrupt(err), r.close())
	if trust && errors.Is(err, errCheckpoint) {
		c.log.Warn("checkpoint of index not used, reading all of its journal", "folder", folder, "reason", err)
		return replay(ctx, folder, c, readOnly, false)
	}
	return nil, err
}

// start begins with the checkpoint. One that cannot be used is told and left aside.
func (r *replayed) start(ctx context.Context, folder string, c *config) {
	var s *state
	var h head
	var f *os.File
	err := readable(func() (err error) {
		s, h, f, err = load(folder, c, r.journal.ID())
		return err
	})
	if err == nil && s != nil {
		r.state, r.inspection = s, &inspection{head: h, checkpoint: f, journal: r.journal}
		err = r.check(ctx)
	}
	if err != nil {
		c.log.Warn("checkpoint of index not used, reading all of its journal", "folder", folder, "reason", err)
	}
}

// check inspects a small index at once. A damaged checkpoint is let go, the journal tells its own damage.
func (r *replayed) check(ctx context.Context) error {
	n := r.inspection
	if n.size() > r.state.config.inspectAtOnce {
		return nil
	}
	err := inspectCheckpoint(ctx, n.checkpoint, &n.head)
	if err == nil {
		return nil
	}
	err = errors.Join(err, n.checkpoint.Close(), unmap(r.state.mapped))
	r.state, r.inspection = nil, nil
	return err
}

// readable runs f over mapped bytes that nobody has looked at: what goes wrong is damage of the checkpoint.
func readable(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		r := recover()
		if e, ok := r.(runtime.Error); ok {
			err = fmt.Errorf("%w: %w", errCheckpoint, e)
		} else if r != nil {
			panic(r)
		}
	}()
	return f()
}

// finish replays the journal, from the checkpoint on where there is one.
func (r *replayed) finish(ctx context.Context) error {
	apply := func() error { return r.apply(ctx) }
	if r.inspection != nil {
		return readable(apply)
	}
	return apply()
}

func (r *replayed) apply(ctx context.Context) error {
	err := r.journal.Replay(r.state.saved, func(rec journal.Record) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		change, err := decode(rec.Data, r.state.config.stamp.Dimension)
		if err != nil {
			return fmt.Errorf("record at %d: %w", rec.Offset, err)
		}
		return r.state.apply(&change, rec.Offset, len(rec.Data), nil)
	})
	if err != nil || r.inspection == nil || r.inspection.size() > r.state.config.inspectAtOnce {
		return err
	}
	n := r.inspection
	r.inspection = nil
	return errors.Join(n.journal.Verify(ctx, n.head.position), n.checkpoint.Close())
}

// close gives up what was read.
func (r *replayed) close() error {
	err := r.journal.Close()
	if r.inspection != nil {
		err = errors.Join(err, r.inspection.checkpoint.Close())
	}
	if r.state.mapped != nil {
		err = errors.Join(err, unmap(r.state.mapped))
	}
	return err
}
