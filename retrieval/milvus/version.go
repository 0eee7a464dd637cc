package milvus

import (
	"context"
	"fmt"
	"io/fs"
	"sync/atomic"

	"github.com/milvus-io/milvus-sdk-go/v2/client"
	"github.com/milvus-io/milvus-sdk-go/v2/entity"

	"xiaoyue/retrieval"
)

// Version implements retrieval.Version over one collection.
type Version struct {
	store  *Store
	name   string // of the collection
	mark   mark
	shared *shared
	words  lexicon
	closed atomic.Bool
	loads  atomic.Bool // a load that a search found wanting is under way
}

var _ retrieval.Version = (*Version)(nil)

// lexicon ranks by words: a companion, or sparse vectors in the same collection.
type lexicon interface {
	search(ctx context.Context, req retrieval.Request) ([]retrieval.Match, error)
	retrieval.TermStats
}

// attach loads a collection, waits until it shows what was acknowledged before, and returns its Version.
func (s *Store) attach(ctx context.Context, name string, m mark) (*Version, error) {
	if err := s.load(ctx, name); err != nil {
		return nil, err
	}
	c, err := s.join(ctx, name, m)
	if err != nil {
		return nil, err
	}
	v := &Version{store: s, name: name, mark: m, shared: c}
	if m.Sparse {
		v.words = newSparse(v)
	} else {
		v.words = companion{c.words}
	}
	if err := v.settle(ctx); err != nil {
		v.Close()
		return nil, err
	}
	return v, nil
}

// Close implements retrieval.Index.
func (v *Version) Close() error {
	if v.closed.Swap(true) {
		return nil
	}
	return v.store.leave(v.shared)
}

// call runs f with a deadline. A collection that the server has not loaded is loaded behind, and is
// retrieval.ErrDown until it is.
func (v *Version) call(ctx context.Context, f func(context.Context) error) error {
	return v.guarded(ctx, v.store.call, f)
}

// slowly is call for what no question waits for.
func (v *Version) slowly(ctx context.Context, f func(context.Context) error) error {
	return v.guarded(ctx, v.store.slowly, f)
}

func (v *Version) guarded(ctx context.Context, run func(context.Context, func(context.Context) error) error, f func(context.Context) error) error {
	if v.closed.Load() {
		return fs.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	err := run(ctx, f)
	if notLoaded(err) && !v.loads.Swap(true) {
		v.store.wait.Go(func() {
			defer v.loads.Store(false)
			if err := v.store.load(v.store.life, v.name); err != nil {
				v.store.log.Warn("collection is not loaded yet", "collection", v.name, "err", err)
			}
		})
	}
	return err
}

// seen makes a query see every write up to a time stamp; 0 is now, 1 whatever the server shows.
func seen(stamp uint64) []client.SearchQueryOptionFunc {
	return []client.SearchQueryOptionFunc{
		client.WithSearchQueryConsistencyLevel(entity.ClCustomized), client.WithGuaranteeTimestamp(stamp),
	}
}

// await waits until the server shows what was written up to a time stamp.
func (v *Version) await(ctx context.Context, stamp uint64) error {
	return v.slowly(ctx, func(ctx context.Context) error {
		_, err := v.store.client.Query(ctx, v.name, nil, fieldID+` in [""]`, []string{counted}, seen(stamp)...)
		return err
	})
}

// query reads fields of the rows that match, at most limit where it is not 0.
func (v *Version) query(ctx context.Context, expr string, limit int, fields ...string) (rows client.ResultSet, err error) {
	opts := seen(v.shared.shown.Load())
	if limit > 0 {
		opts = append(opts, client.WithLimit(int64(limit)))
	}
	err = v.call(ctx, func(ctx context.Context) (err error) {
		rows, err = v.store.client.Query(ctx, v.name, nil, expr, fields, opts...)
		return err
	})
	return rows, err
}

// counted is the field of a query that counts.
const counted = "count(*)"

// count counts the rows that match.
func (v *Version) count(ctx context.Context, expr string) (int, error) {
	rows, err := v.query(ctx, expr, 0, counted)
	if err != nil {
		return 0, err
	}
	column := rows.GetColumn(counted)
	if column == nil {
		return 0, fmt.Errorf("the server counted nothing: %w", retrieval.ErrDown)
	}
	n, err := column.GetAsInt64(0)
	return int(n), err
}

// Stats implements retrieval.Index.
func (v *Version) Stats(ctx context.Context) (retrieval.Stats, error) {
	out := retrieval.Stats{Stamp: v.mark.Stamp}
	var err error
	if out.Passages, err = v.count(ctx, ""); err == nil && v.mark.Stamp.Dimension > 0 {
		out.Vectors, err = v.count(ctx, fieldEmbedded+" == true")
	}
	if err != nil {
		return retrieval.Stats{}, fmt.Errorf("stats of index %s: %w", v.name, err)
	}
	return out, nil
}

// Frequencies implements retrieval.TermStats.
func (v *Version) Frequencies(ctx context.Context, terms []string) (df []int, passages int, err error) {
	if df, passages, err = v.words.Frequencies(ctx, terms); err != nil {
		return nil, 0, fmt.Errorf("frequencies of %d terms in index %s: %w", len(terms), v.name, err)
	}
	return df, passages, nil
}
