package pgvector

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// Put implements retrieval.Index. One transaction takes the whole batch. Words that did not change are
// not segmented again, a vector that did not change is not put into the graph again.
func (v *Version) Put(ctx context.Context, entries []retrieval.Entry) error {
	for i := range entries {
		if err := check(&entries[i], v.stamp.Dimension); err != nil {
			return fmt.Errorf("pgvector: put passage %.80q: %w", entries[i].ID, err)
		}
	}
	if len(entries) == 0 {
		return ctx.Err()
	}
	var w *writer
	err := pgx.BeginFunc(ctx, v.store.pool, func(tx pgx.Tx) (err error) {
		if w, err = v.begin(ctx, tx); err != nil {
			return err
		}
		return w.put(latestOf(entries))
	})
	if err != nil {
		return v.failed(ctx, fmt.Sprintf("put %d passages in", len(entries)), err)
	}
	if w.inUse {
		v.grow(ctx, w.vectors)
	}
	return nil
}

// Delete implements retrieval.Index.
func (v *Version) Delete(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return ctx.Err()
	}
	err := pgx.BeginFunc(ctx, v.store.pool, func(tx pgx.Tx) error {
		w, err := v.begin(ctx, tx)
		if err != nil {
			return err
		}
		return w.remove(storables(ids))
	})
	return v.failed(ctx, fmt.Sprintf("delete %d passages from", len(ids)), err)
}

// latestOf leaves of entries with the same ID the last.
func latestOf(entries []retrieval.Entry) []*retrieval.Entry {
	at := make(map[string]int, len(entries))
	out := make([]*retrieval.Entry, 0, len(entries))
	for i := range entries {
		e := &entries[i]
		if j, ok := at[e.ID]; ok {
			out[j] = e
			continue
		}
		at[e.ID] = len(out)
		out = append(out, e)
	}
	return out
}

// writer is a change of a version: it holds the version's row, so that writers follow each other, and
// the counts that the row will have.
type writer struct {
	*Version
	ctx                       context.Context
	tx                        pgx.Tx
	passages, vectors, length int64
	nextSlot, nextTerm        int32
	inUse                     bool
	terms                     changes
}

// begin takes the row of a version. A version that was dropped is kb.ErrNotFound.
func (v *Version) begin(ctx context.Context, tx pgx.Tx) (*writer, error) {
	w := &writer{Version: v, ctx: ctx, tx: tx}
	row := tx.QueryRow(ctx, `select passages, vectors, length, next_slot, next_term, exists (select from in_use u where u.key = v.key)
		from versions v where key = $1 for no key update`, v.key)
	err := row.Scan(&w.passages, &w.vectors, &w.length, &w.nextSlot, &w.nextTerm, &w.inUse)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, kb.ErrNotFound
	}
	return w, err
}

// known is a passage as it is stored.
type known struct {
	slot   int32
	words  string
	length int32
	waits  bool
}

// stored returns the passages of a batch that are there already, by ID.
func (w *writer) stored(ids []string) (map[string]known, error) {
	rows, err := w.tx.Query(w.ctx, w.sql("select id, slot, words, length, waits from passages_K where id = any($1)"), ids)
	if err != nil {
		return nil, err
	}
	out := map[string]known{}
	var id string
	var words []byte
	var k known
	_, err = pgx.ForEachRow(rows, []any{&id, &k.slot, &words, &k.length, &k.waits}, func() error {
		k.words = string(words)
		out[id] = k
		return nil
	})
	return out, err
}

// put writes passages, of which no two have the same ID.
func (w *writer) put(entries []*retrieval.Entry) error {
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	have, err := w.stored(ids)
	if err != nil {
		return err
	}
	var p columns
	var reworded []int32
	for _, e := range entries {
		old, isKnown := have[e.ID]
		passage, changed := w.passage(e, old, isKnown)
		if changed && isKnown {
			reworded = append(reworded, passage.slot)
		}
		if isKnown && !old.waits && passage.waits {
			p.unembedded = append(p.unembedded, passage.slot)
		}
		p.add(e, passage)
	}
	if err := w.forget(reworded); err != nil {
		return err
	}
	if err := w.number(); err != nil {
		return err
	}
	b := &pgx.Batch{}
	w.queueTerms(b)
	w.queuePassages(b, &p)
	w.queueCounts(b)
	return w.tx.SendBatch(w.ctx, b).Close()
}

// passage returns how an entry will be stored, and whether its words are new. It counts what changes.
func (w *writer) passage(e *retrieval.Entry, old known, isKnown bool) (now known, changed bool) {
	now = known{slot: old.slot, words: string(digest(e)), length: old.length, waits: len(e.Vector) == 0}
	if !isKnown {
		now.slot = w.nextSlot
		w.nextSlot++
		w.passages++
	}
	if changed = !isKnown || old.words != now.words; changed {
		terms := w.store.segmenter.Passage(e.Title, e.Text)
		now.length = int32(len(terms)) + 1 // as package lexical counts
		w.length += int64(now.length - old.length)
		w.terms.add(now.slot, terms)
	}
	w.vectors += count(!now.waits) - count(isKnown && !old.waits)
	return now, changed
}

func count(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func (w *writer) remove(ids []string) error {
	rows, err := w.tx.Query(w.ctx, w.sql("delete from passages_K where id = any($1) returning slot, length, waits"), ids)
	if err != nil {
		return err
	}
	var slots []int32
	var k known
	_, err = pgx.ForEachRow(rows, []any{&k.slot, &k.length, &k.waits}, func() error {
		slots = append(slots, k.slot)
		w.passages--
		w.length -= int64(k.length)
		w.vectors -= count(!k.waits)
		return nil
	})
	if err != nil || len(slots) == 0 {
		return err
	}
	if err := w.forget(slots); err != nil {
		return err
	}
	b := &pgx.Batch{}
	w.queueTerms(b)
	if w.stamp.Dimension > 0 {
		b.Queue(w.sql("delete from vectors_K where slot = any($1)"), slots)
	}
	w.queueCounts(b)
	return w.tx.SendBatch(w.ctx, b).Close()
}

func (w *writer) queueCounts(b *pgx.Batch) {
	b.Queue(`update versions set passages = $2, vectors = $3, length = $4, next_slot = $5, next_term = $6 where key = $1`,
		w.key, w.passages, w.vectors, w.length, w.nextSlot, w.nextTerm)
}

// sorted returns the keys of a map in order, so that all writers touch rows in one order.
func sorted[K int32 | int64, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
