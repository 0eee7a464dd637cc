package milvus

import (
	"context"
	"fmt"
	"unicode/utf8"

	"xiaoyue/retrieval"
)

// The room of one write: what the server takes at once, and what is then visible as a whole.
const (
	maxRows  = 4096
	maxBytes = 16 << 20
)

// Put implements retrieval.Index.
func (v *Version) Put(ctx context.Context, entries []retrieval.Entry) error {
	rows := make([]row, 0, len(entries))
	at := make(map[string]int, len(entries))
	for i := range entries {
		r, err := v.row(&entries[i])
		if err != nil {
			return fmt.Errorf("put in index %s: passage %q: %w", v.name, entries[i].ID, err)
		}
		if n, again := at[r.ID]; again {
			rows[n] = r // the last of a batch wins
			continue
		}
		at[r.ID] = len(rows)
		rows = append(rows, r)
	}
	if err := v.put(ctx, entries, rows); err != nil {
		return fmt.Errorf("put %d passages in index %s: %w", len(entries), v.name, err)
	}
	return nil
}

// put writes the words first, where they lie apart: a passage that is found by its vector is then also
// found by its words, and a write that ended between them is heard of and repeated.
func (v *Version) put(ctx context.Context, entries []retrieval.Entry, rows []row) error {
	if len(rows) == 0 {
		return ctx.Err()
	}
	if c, apart := v.words.(companion); apart {
		if err := c.put(ctx, entries); err != nil {
			return err
		}
	}
	return v.write(ctx, func(ctx context.Context) error {
		for len(rows) > 0 {
			n := together(rows)
			if err := v.upsert(ctx, rows[:n]); err != nil {
				return err
			}
			rows = rows[n:]
		}
		return nil
	})
}

// together is how many of the first rows one call takes.
func together(rows []row) int {
	bytes := 0
	for i := range rows {
		bytes += rows[i].bytes()
		if i == maxRows || i > 0 && bytes > maxBytes {
			return i
		}
	}
	return len(rows)
}

// write runs the calls of a change and waits until the server shows them.
func (v *Version) write(ctx context.Context, f func(context.Context) error) error {
	if err := f(ctx); err != nil {
		return err
	}
	return v.settle(ctx)
}

// settle waits until the server shows every write acknowledged so far, and makes later searches see them.
func (v *Version) settle(ctx context.Context) error {
	stamp, err := v.store.now(ctx)
	if err != nil {
		return err
	}
	if err := v.await(ctx, stamp); err != nil {
		return err
	}
	v.shared.raise(stamp)
	return nil
}

// upsert writes rows in one call.
func (v *Version) upsert(ctx context.Context, rows []row) error {
	columns := v.columns(rows)
	return v.slowly(ctx, func(ctx context.Context) error {
		_, err := v.store.client.Upsert(ctx, v.name, "", columns...)
		return err
	})
}

// remove deletes rows in one call.
func (v *Version) remove(ctx context.Context, ids []string) error {
	expr := fieldID + " in " + list(ids)
	return v.slowly(ctx, func(ctx context.Context) error { return v.store.client.Delete(ctx, v.name, "", expr) })
}

// Delete implements retrieval.Index.
func (v *Version) Delete(ctx context.Context, ids []string) error {
	if err := v.delete(ctx, ids); err != nil {
		return fmt.Errorf("delete %d passages from index %s: %w", len(ids), v.name, err)
	}
	return nil
}

func (v *Version) delete(ctx context.Context, ids []string) error {
	known := make([]string, 0, len(ids)) // what can be there
	for _, id := range ids {
		if id != "" && len(stored(id)) <= maxID && utf8.ValidString(id) {
			known = append(known, id)
		}
	}
	if len(known) == 0 {
		return ctx.Err()
	}
	if c, apart := v.words.(companion); apart {
		if err := c.delete(ctx, known); err != nil {
			return err
		}
	}
	return v.write(ctx, func(ctx context.Context) error {
		for len(known) > 0 {
			n := min(len(known), maxRows)
			if err := v.remove(ctx, known[:n]); err != nil {
				return err
			}
			known = known[n:]
		}
		return nil
	})
}
