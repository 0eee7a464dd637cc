package embedded

import (
	"errors"
	"io/fs"
)

// Close makes a checkpoint where opening would else have much to do again, and releases the folder.
func (x *Index) Close() error {
	if x.overdue() {
		x.awaitInspection() // or processes that live shorter than it would never make a checkpoint
	}
	x.endInspection()
	x.writing.Lock()
	defer x.writing.Unlock()
	if x.isOver() != nil {
		return nil
	}
	if x.worthSaving() {
		if err := x.guard(func() error { x.checkpoint(); return nil }); err != nil {
			x.config.log.Warn("no checkpoint when closing the index", "folder", x.dir, "error", err)
		}
	}
	return x.end(fs.ErrClosed)
}

func (x *Index) worthSaving() bool { return x.inspected() && x.behind(closeAfter, closeBytes) }

// behind reports whether at least so many passages or bytes are in no checkpoint.
func (x *Index) behind(passages int, bytes int64) bool {
	return !x.readOnly && x.published && x.Damage() == nil &&
		(x.state.segmented >= passages || x.journal.Size()-x.state.saved >= bytes)
}

// overdue reports whether a checkpoint would have been made but for the inspection.
func (x *Index) overdue() bool {
	x.writing.Lock()
	defer x.writing.Unlock()
	return x.isOver() == nil && x.behind(checkpointAfter, checkpointBytes)
}

// abandon closes an index whose files are about to go; later calls give the reason.
func (x *Index) abandon(why error) error {
	x.endInspection()
	x.writing.Lock()
	defer x.writing.Unlock()
	if x.isOver() != nil {
		return nil
	}
	return x.end(why)
}

// end releases everything; the caller holds writing.
func (x *Index) end(why error) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	err := errors.Join(x.journal.Close(), x.unlock())
	if x.state.mapped != nil {
		err = errors.Join(err, unmap(x.state.mapped))
	}
	x.over, x.state = why, nil
	return err
}

// isOver reports why the index is closed, nil where it is open.
func (x *Index) isOver() error {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.over
}

func (x *Index) unlock() error {
	if x.lock == nil {
		return nil
	}
	return x.lock.Close()
}
