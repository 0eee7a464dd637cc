package embedded

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"

	"xiaoyue/retrieval/embedded/journal"
)

// What opening maps unread is inspected behind: every section of the checkpoint and every record of
// the journal before its position against the checksums. Until that is done, no checkpoint and no
// compaction is made, for they would give damage a right checksum. Damage makes every later call
// retrieval.ErrCorrupt until the journal was read again, which holds everything: a damaged checkpoint
// heals by itself, a damaged journal stays damaged until the version is created anew.

// inspectAtOnce is the size up to which opening waits for the inspection: it takes some milliseconds.
const inspectAtOnce = 16 << 20

// inspection is a check that is under way or done.
type inspection struct {
	head       head
	checkpoint *os.File
	journal    *journal.Journal
	stop       context.CancelFunc
	done       chan struct{}
	err        error // valid when done: damage that did not heal, or that it was stopped
}

// size is the number of bytes to read.
func (n *inspection) size() int64 { return n.head.position + n.head.end() }

// run reads everything; it changes nothing.
func (n *inspection) run(ctx context.Context) error {
	if err := inspectCheckpoint(ctx, n.checkpoint, &n.head); err != nil {
		return err
	}
	return n.journal.Verify(ctx, n.head.position)
}

func inspectCheckpoint(ctx context.Context, f *os.File, h *head) error {
	buffer := make([]byte, 1<<20)
	for i, p := range h.parts {
		sum, r := uint32(0), io.NewSectionReader(f, p.at, p.size)
		for {
			if err := ctx.Err(); err != nil {
				return err
			}
			n, err := r.Read(buffer)
			sum = crc32.Update(sum, castagnoli(), buffer[:n])
			if err == io.EOF {
				break
			}
			if err != nil {
				return fmt.Errorf("%w: section %d: %w", errCheckpoint, i, err)
			}
		}
		if sum != p.sum {
			return fmt.Errorf("%w: section %d: wrong checksum", errCheckpoint, i)
		}
	}
	return nil
}

// inspect starts an inspection. It ends by itself or with endInspection.
func (x *Index) inspect(n *inspection) {
	if n == nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	n.stop, n.done = stop, make(chan struct{})
	x.inspection.Store(n)
	go func() {
		defer close(n.done)
		defer n.checkpoint.Close()
		if n.err = n.run(ctx); n.err != nil && ctx.Err() == nil {
			x.spoil(n.err)
			n.err = x.heal(ctx)
		}
	}()
}

// inspected reports whether everything mapped is known to be whole.
func (x *Index) inspected() bool {
	n := x.inspection.Load()
	if n == nil {
		return true
	}
	select {
	case <-n.done:
		return n.err == nil
	default:
		return false
	}
}

// awaitInspection waits for the result. It must not be called with a lock held.
func (x *Index) awaitInspection() {
	if n := x.inspection.Load(); n != nil {
		<-n.done
	}
}

// endInspection waits until nothing is inspected any more. It must not be called with a lock held.
func (x *Index) endInspection() {
	if n := x.inspection.Load(); n != nil {
		n.stop()
		<-n.done
	}
}

// Verify reads all files of the index and compares them with their checksums; damage is
// retrieval.ErrCorrupt. Changes wait meanwhile, searches do not.
func (x *Index) Verify(ctx context.Context) error {
	x.writing.Lock()
	defer x.writing.Unlock()
	if err := x.verify(ctx); err != nil {
		return fmt.Errorf("verify index %s: %w", x.dir, corrupt(err))
	}
	return nil
}

func (x *Index) verify(ctx context.Context) error {
	if err := x.usable(ctx); err != nil {
		return err
	}
	if err := x.journal.Verify(ctx, x.journal.Size()); err != nil {
		return err
	}
	f, err := os.Open(filepath.Join(x.folder(), checkpointName))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	h, err := readHead(f, x.journal.ID())
	if err != nil {
		return fmt.Errorf("%w: %w", errCheckpoint, err)
	}
	return inspectCheckpoint(ctx, f, &h)
}
