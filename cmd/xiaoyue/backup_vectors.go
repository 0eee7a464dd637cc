package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"

	"xiaoyue/kb"
	"xiaoyue/kb/backup"
	"xiaoyue/kb/catalog"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/indexer"
)

// vectorPage is how many passages are read or written at once.
const vectorPage = 256

// backUpVectors writes the vectors of the version in use, those of passages that the catalog shows. A
// passage that changed since the catalog was read is left out when the backup is restored.
func (c config) backUpVectors(ctx context.Context, from *catalog.Catalog, w *backup.Writer, tty terminal) error {
	store, err := c.backedIndex(ctx, true)
	if err != nil {
		return leftOut(ctx, err, tty)
	}
	defer store.Close()
	v, err := store.Open(ctx, retrieval.Stamp{})
	if err != nil {
		return leftOut(ctx, err, tty)
	}
	defer v.Close()
	stats, err := v.Stats(ctx)
	if err != nil {
		return leftOut(ctx, err, tty)
	}
	if stats.Stamp.Dimension == 0 {
		return nil
	}
	if err := w.Begin(indexParts+stats.Stamp.Key(), backup.Blocks, stats.Stamp); err != nil {
		return err
	}
	bar := newProgress(tty.err, "备份向量")
	defer bar.end()
	unread, err := writeVectors(ctx, from, v, w, func(done int) { bar.at(done, stats.Passages) })
	if unread != nil {
		return leftOut(ctx, unread, tty)
	}
	return err
}

// writeVectors writes the vectors of all searchable passages into the part that was begun. Where the index cannot
// be read any more it says why and leaves the part as it is: restored, the rest is made again.
func writeVectors(ctx context.Context, from *catalog.Catalog, v retrieval.VectorKeeper, w *backup.Writer, report func(int)) (unread, err error) {
	var record []byte
	done := 0
	err = eachPage(ctx, from, func(page []kb.Passage) error {
		ids := passageIDs(page)
		var vectors [][]float32
		if vectors, unread = v.Vectors(ctx, ids); unread != nil {
			return unread
		}
		for i, vector := range vectors {
			if vector == nil {
				continue
			}
			record = appendVector(record[:0], ids[i], vector)
			if err := w.Put(record); err != nil {
				return err
			}
		}
		done += len(page)
		report(done)
		return nil
	})
	return unread, err
}

// leftOut lets a backup go on whose index cannot be read.
func leftOut(ctx context.Context, err error, tty terminal) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if !errors.Is(err, kb.ErrNotFound) {
		fmt.Fprintf(tty.err, "索引读不出来，备份里没有向量或缺一部分，恢复后会重新生成：%v\n", err)
	}
	return nil
}

// eachPage calls f with all searchable passages, page by page.
func eachPage(ctx context.Context, from *catalog.Catalog, f func([]kb.Passage) error) error {
	for mark := ""; ; {
		page, next, err := from.PassagesAfter(ctx, mark, vectorPage)
		if err == nil && len(page) > 0 {
			err = f(page)
		}
		if err != nil || next == "" {
			return err
		}
		mark = next
	}
}

func passageIDs(passages []kb.Passage) []string {
	ids := make([]string, len(passages))
	for i, p := range passages {
		ids[i] = p.ID
	}
	return ids
}

// appendVector appends a passage's vector as a record: length of the ID, ID, numbers.
func appendVector(record []byte, id string, vector []float32) []byte {
	record = binary.AppendUvarint(record, uint64(len(id)))
	record = append(record, id...)
	for _, x := range vector {
		record = binary.LittleEndian.AppendUint32(record, math.Float32bits(x))
	}
	return record
}

// parseVector reads a record of appendVector.
func parseVector(record []byte, dimension int) (id string, vector []float32, err error) {
	size, width := binary.Uvarint(record)
	if width <= 0 || size > uint64(len(record)-width) {
		return "", nil, fmt.Errorf("%w: ID of a vector", backup.ErrDamaged)
	}
	id, record = string(record[width:width+int(size)]), record[width+int(size):]
	if len(record) != 4*dimension {
		return "", nil, fmt.Errorf("%w: vector of %q has %d bytes for %d numbers", backup.ErrDamaged, id, len(record), dimension)
	}
	vector = make([]float32, dimension)
	for i := range vector {
		vector[i] = math.Float32frombits(binary.LittleEndian.Uint32(record[4*i:]))
	}
	return id, vector, nil
}

// maxDimension bounds what a manifest may say of its vectors.
const maxDimension = 1 << 16

// stampOfPart reads how the index was built whose vectors a part holds.
func stampOfPart(p backup.Part) (stamp retrieval.Stamp, err error) {
	if err := json.Unmarshal(p.About, &stamp); err != nil {
		return stamp, fmt.Errorf("%w: part %s: %w", backup.ErrDamaged, p.Name, err)
	}
	if p.Name != indexParts+stamp.Key() || stamp.Dimension < 1 || stamp.Dimension > maxDimension {
		return stamp, fmt.Errorf("%w: part %s is not what its name says", backup.ErrDamaged, p.Name)
	}
	return stamp, nil
}

// refill puts the vectors of a backup into the configured place of the index.
type refill struct {
	from  *backup.Reader
	into  *catalog.Catalog
	queue string // of the jobs of the place
	store retrieval.Store
	tty   terminal
}

// run fills the version of every part with its vectors and the passages of the catalog, and puts it to use
// where none is. Passages without a vector get theirs from serve, which also takes out what an index that
// was there before holds too much.
func (f refill) run(ctx context.Context) (vectors int, err error) {
	for _, p := range f.from.Manifest().Parts {
		if !strings.HasPrefix(p.Name, indexParts) {
			continue
		}
		stamp, err := stampOfPart(p)
		n := 0
		if err == nil {
			err = indexer.Renew(ctx, f.into, f.queue, stamp)
		}
		if err == nil {
			n, err = f.version(ctx, p, stamp)
		}
		if vectors += n; err != nil {
			return vectors, fmt.Errorf("restore %s: %w", p.Name, err)
		}
	}
	return vectors, nil
}

func (f refill) version(ctx context.Context, p backup.Part, stamp retrieval.Stamp) (n int, err error) {
	v, err := f.store.Create(ctx, stamp)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	if n, err = f.vectors(ctx, v, p, stamp.Dimension); err != nil {
		return n, err
	}
	if err := eachPage(ctx, f.into, func(page []kb.Passage) error { return putMissing(ctx, v, page) }); err != nil {
		return n, err
	}
	return n, useIfNone(ctx, f.store, stamp)
}

// vectors writes the vectors of a part and returns how many of them the catalog knows.
func (f refill) vectors(ctx context.Context, v retrieval.Version, p backup.Part, dimension int) (n int, err error) {
	bar := newProgress(f.tty.err, "恢复向量")
	defer bar.end()
	batch := map[string][]float32{}
	flush := func() error {
		written, err := putVectors(ctx, v, f.into, batch)
		n += written
		clear(batch)
		bar.at(n, int(p.Records))
		return err
	}
	for record, err := range f.from.Records(ctx, p.Name) {
		if err != nil {
			return n, err
		}
		id, vector, err := parseVector(record, dimension)
		if err != nil {
			return n, err
		}
		if batch[id] = vector; len(batch) < vectorPage {
			continue
		}
		if err := flush(); err != nil {
			return n, err
		}
	}
	return n, flush()
}

// putVectors writes passages with their vectors; what the catalog does not know is left out.
func putVectors(ctx context.Context, v retrieval.Version, into *catalog.Catalog, batch map[string][]float32) (int, error) {
	ids := make([]string, 0, len(batch))
	for id := range batch {
		ids = append(ids, id)
	}
	passages, err := into.Passages(ctx, ids)
	if err != nil || len(passages) == 0 {
		return 0, err
	}
	entries := make([]retrieval.Entry, len(passages))
	for i, p := range passages {
		entries[i] = indexer.EntryOf(p)
		entries[i].Vector = batch[p.ID]
	}
	return len(entries), v.Put(ctx, entries)
}

// putMissing writes those of a page that have no vector, so that they are found by their words.
func putMissing(ctx context.Context, v retrieval.Version, page []kb.Passage) error {
	vectors, err := v.Vectors(ctx, passageIDs(page))
	if err != nil {
		return err
	}
	var entries []retrieval.Entry
	for i, p := range page {
		if vectors[i] == nil {
			entries = append(entries, indexer.EntryOf(p))
		}
	}
	if len(entries) == 0 {
		return nil
	}
	return v.Put(ctx, entries)
}

func useIfNone(ctx context.Context, store retrieval.Store, stamp retrieval.Stamp) error {
	list, err := store.Versions(ctx)
	if err != nil || len(list) > 0 && list[0].InUse {
		return err
	}
	return store.Use(ctx, stamp)
}
