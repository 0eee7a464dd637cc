package embedded

import (
	"context"
	"errors"
	"fmt"

	"xiaoyue/retrieval"
)

// ahead is the number of passages of a batch whose words are segmented before searches have to
// wait; larger batches segment the rest while they hold the index, to bound the memory.
const ahead = 1024

// Put implements retrieval.Index. The whole batch becomes visible in one step; batches of up to a
// thousand passages keep searches waiting for milliseconds only. A full disk is kb.ErrFull, an
// entry that cannot be indexed kb.ErrInvalid or retrieval.ErrDimension; the index stays usable.
func (x *Index) Put(ctx context.Context, entries []retrieval.Entry) error {
	records := make([][]byte, len(entries))
	for i := range entries {
		var err error
		if records[i], err = encodePut(&entries[i], x.config.stamp.Dimension); err != nil {
			return fmt.Errorf("put in index: %w", err)
		}
	}
	if err := x.guard(func() error { return x.change(ctx, records) }); err != nil {
		return fmt.Errorf("put %d passages in index: %w", len(entries), err)
	}
	return nil
}

// Delete implements retrieval.Index.
func (x *Index) Delete(ctx context.Context, ids []string) error {
	records := make([][]byte, len(ids))
	for i, id := range ids {
		records[i] = encodeDelete(id)
	}
	if err := x.guard(func() error { return x.change(ctx, records) }); err != nil {
		return fmt.Errorf("delete %d passages from index: %w", len(ids), err)
	}
	return nil
}

// change makes records durable, then visible.
func (x *Index) change(ctx context.Context, records [][]byte) error {
	x.writing.Lock()
	defer x.writing.Unlock()
	if err := x.writable(ctx); err != nil {
		return err
	}
	changes, err := x.changes(ctx, records)
	if err != nil || len(changes) == 0 {
		return err
	}
	if err := x.commit(ctx, changes); err != nil {
		return err
	}
	x.maintain(ctx)
	return nil
}

func (x *Index) writable(ctx context.Context) error {
	if err := x.usable(ctx); err != nil {
		return err
	}
	if x.readOnly {
		return fmt.Errorf("opened read-only: %w", errors.ErrUnsupported)
	}
	return nil
}

// change is a record with what was made of it before searches have to wait.
type change struct {
	slot   uint32 // of a record that is moved
	data   []byte
	record record
	terms  []string
}

// changes prepares records and leaves out the deletion of what is not there.
func (x *Index) changes(ctx context.Context, records [][]byte) ([]change, error) {
	out := make([]change, 0, len(records))
	put := map[string]bool{} // in this batch
	for _, data := range records {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r, err := decode(data, x.config.stamp.Dimension)
		if err != nil {
			return nil, err
		}
		slot, known := x.state.table.find(r.id)
		if r.remove {
			if known || put[string(r.id)] {
				out = append(out, change{data: data, record: r})
			}
			continue
		}
		put[string(r.id)] = true
		c := change{data: data, record: r}
		if same := known && x.state.table.rows.at(slot).words == r.digest(); !same && len(out) < ahead {
			c.terms = x.config.segmenter.Passage(string(r.title), string(r.text))
		}
		out = append(out, c)
	}
	return out, nil
}

// commit writes changes to the journal and then makes them visible. The changes come from decoding
// what encodePut made, so that nothing can fail in between but a programmer.
func (x *Index) commit(ctx context.Context, changes []change) error {
	offsets, err := x.append(ctx, changes)
	if err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for i := range changes {
		c := &changes[i]
		if err := x.state.apply(&c.record, offsets[i], len(c.data), c.terms); err != nil {
			return err
		}
	}
	return nil
}

func (x *Index) append(ctx context.Context, changes []change) ([]int64, error) {
	data := make([][]byte, len(changes))
	for i := range changes {
		data[i] = changes[i].data
	}
	return x.journal.Append(ctx, data)
}
