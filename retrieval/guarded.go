package retrieval

import (
	"context"
	"time"
)

// The calls of a Version, guarded.

// Put implements Index.
func (g *Guard) Put(ctx context.Context, entries []Entry) error {
	return g.call(ctx, g.opts.Write, func(ctx context.Context, v Version) error { return v.Put(ctx, entries) })
}

// Delete implements Index.
func (g *Guard) Delete(ctx context.Context, ids []string) error {
	return g.call(ctx, g.opts.Write, func(ctx context.Context, v Version) error { return v.Delete(ctx, ids) })
}

// Search implements Index.
func (g *Guard) Search(ctx context.Context, req Request) (found Candidates, err error) {
	err = g.call(ctx, g.opts.Search, func(ctx context.Context, v Version) (err error) {
		found, err = v.Search(ctx, req)
		return err
	})
	return found, err
}

// statsAge is how old the counts of Stats may be: every question asks for them, and counting costs a
// server more than searching.
const statsAge = time.Second

// Stats implements Index. Its counts may be a second old.
func (g *Guard) Stats(ctx context.Context) (s Stats, err error) {
	g.mu.Lock()
	s, fresh := g.stats, g.cause == nil && time.Since(g.counted) < statsAge
	g.mu.Unlock()
	if fresh {
		return s, ctx.Err()
	}
	err = g.call(ctx, g.opts.Search, func(ctx context.Context, v Version) (err error) {
		s, err = v.Stats(ctx)
		return err
	})
	if err == nil {
		g.mu.Lock()
		g.stats, g.counted = s, time.Now()
		g.mu.Unlock()
	}
	return s, err
}

// Recount has the next Stats count anew: what is put to use was filled a moment ago.
func (g *Guard) Recount() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.counted = time.Time{}
}

// Frequencies implements TermStats.
func (g *Guard) Frequencies(ctx context.Context, terms []string) (df []int, passages int, err error) {
	err = g.call(ctx, g.opts.Search, func(ctx context.Context, v Version) (err error) {
		df, passages, err = v.Frequencies(ctx, terms)
		return err
	})
	return df, passages, err
}

// Vectors implements VectorKeeper.
func (g *Guard) Vectors(ctx context.Context, ids []string) (vectors [][]float32, err error) {
	err = g.call(ctx, g.opts.Write, func(ctx context.Context, v Version) (err error) {
		vectors, err = v.Vectors(ctx, ids)
		return err
	})
	return vectors, err
}

// Unembedded implements VectorKeeper.
func (g *Guard) Unembedded(ctx context.Context, limit int) (ids []string, err error) {
	err = g.call(ctx, g.opts.Write, func(ctx context.Context, v Version) (err error) {
		ids, err = v.Unembedded(ctx, limit)
		return err
	})
	return ids, err
}

// Companion implements Companioned. What lies apart from a server that is away may still be there.
func (g *Guard) Companion() Index {
	g.mu.Lock()
	v := g.version
	g.mu.Unlock()
	return CompanionOf(v) // which may wait, unlike calls
}
