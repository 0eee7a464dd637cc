package embedded

import (
	"context"
	"errors"

	"xiaoyue/retrieval"
)

const (
	// checkpointAfter passages segmented since the last checkpoint, or bytes of the journal, or this
	// share of all, make another one due: they are what opening after a crash has to do again.
	checkpointAfter = 4096
	checkpointBytes = 64 << 20
	checkpointShare = 16
	// closeAfter passages or bytes make one due when the index is closed.
	closeAfter = 256
	closeBytes = 4 << 20
	// compactDead slots, or bytes of the journal, that are more than half of all make a compaction due.
	compactDead  = 4096
	compactBytes = 64 << 20
	// copyBytes is the size of the batches of a compaction.
	copyBytes = 8 << 20
)

// maintain does what the last change made due. Nothing is lost where it fails or ctx ends: it is
// tried again later.
func (x *Index) maintain(ctx context.Context) {
	t := x.state.table
	size := x.journal.Size()
	switch {
	case !x.published || !x.inspected():
	case size > x.patience && (t.crowded() || size > max(compactBytes, 2*t.bytes)):
		x.compact(ctx)
	case x.state.segmented >= max(checkpointAfter, t.live/checkpointShare),
		size-x.state.saved >= max(checkpointBytes, t.bytes/checkpointShare):
		x.checkpoint()
	}
}

// checkpoint saves the state. Searches go on meanwhile; changes wait, since the caller holds writing.
// What was mapped must have been inspected, or damage would get a right checksum.
func (x *Index) checkpoint() {
	x.state.segmented, x.state.saved = 0, x.journal.Size() // also where it fails: the next try is as far away
	if err := save(x.folder(), x.state, x.journal); err != nil {
		x.config.log.Warn("checkpoint of index failed, opening will take longer", "folder", x.dir, "error", err)
	}
}

// compact copies what is live to a new generation and goes over to it.
func (x *Index) compact(ctx context.Context) {
	before := x.journal.Size()
	if err := x.rewrite(ctx); err != nil {
		x.patience = before + compactBytes
		if err := corrupt(err); errors.Is(err, retrieval.ErrCorrupt) {
			x.spoil(err)
		}
		x.config.log.Warn("compaction of index failed, the old files stay in use", "folder", x.dir, "error", err)
		return
	}
	x.config.log.Info("index compacted", "folder", x.dir, "bytes_before", before, "bytes_after", x.journal.Size())
}

func (x *Index) rewrite(ctx context.Context) error {
	next := &Index{dir: x.dir, config: x.config}
	if err := next.grow(); err != nil {
		return err
	}
	err := next.copy(ctx, x)
	if err == nil {
		err = next.finish()
	}
	if err != nil {
		return errors.Join(err, next.discard())
	}
	return x.goOver(next)
}

// goOver has next go on in place of what x holds.
func (x *Index) goOver(next *Index) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	old, mapped := x.journal, x.state.mapped
	x.generation, x.journal, x.state, x.published = next.generation, next.journal, next.state, true
	x.spoiled, x.patience = nil, 0
	err := old.Close()
	if mapped != nil && next.state.mapped == nil {
		err = errors.Join(err, unmap(mapped))
	}
	return err
}

// finish checkpoints a generation that was built aside and puts it to use.
func (x *Index) finish() error {
	if err := save(x.folder(), x.state, x.journal); err != nil {
		return err
	}
	x.state.segmented, x.state.saved = 0, x.journal.Size()
	return x.publish()
}

// discard drops a generation that was built aside, unless it got into use all the same.
func (x *Index) discard() error {
	err := x.journal.Close()
	if c, unreadable := readCurrent(x.dir); unreadable == nil && c.Generation != x.generation {
		dropOthers(x.dir, c.Generation)
	}
	return err
}

// crowded reports whether so many slots are dead that searches suffer.
func (t *table) crowded() bool { return t.dead() > max(compactDead, t.live) }

// copy moves the live records of another index to the empty journal of x. Slots, words and codes
// stay as they are unless too many slots are dead; then all passages get new slots and their words
// are segmented again.
func (x *Index) copy(ctx context.Context, from *Index) error {
	renew := from.state.table.crowded()
	if !renew {
		x.state = from.state.fork()
	}
	var batch []change
	size := 0
	for slot := range uint32(from.state.table.rows.len()) {
		if !from.state.table.alive(slot) {
			continue
		}
		c, err := from.stored(slot)
		if err != nil {
			return err
		}
		batch, size = append(batch, c), size+len(c.data)
		if size < copyBytes {
			continue
		}
		if err := x.move(ctx, batch, renew); err != nil {
			return err
		}
		batch, size = batch[:0], 0
	}
	return x.move(ctx, batch, renew)
}

// move appends records, and indexes them anew or notes where they lie now.
func (x *Index) move(ctx context.Context, batch []change, renew bool) error {
	if renew {
		return x.commit(ctx, batch)
	}
	offsets, err := x.append(ctx, batch)
	for i := range offsets {
		x.state.table.rows.at(batch[i].slot).at = offsets[i]
	}
	return err
}

// stored reads the record of a live slot back.
func (x *Index) stored(slot uint32) (change, error) {
	r := x.state.table.rows.at(slot)
	data, err := x.journal.Record(r.at, int(r.size))
	if err != nil {
		return change{}, err
	}
	rec, err := decode(data, x.config.stamp.Dimension)
	return change{slot: slot, data: data, record: rec}, err
}
