package pgvector

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// The graph (HNSW): links per vector, and candidates while it is built and searched.
const (
	graphLinks   = 16
	graphBuild   = 128
	leastBreadth = 100
	mostBreadth  = 1000 // that pgvector allows
)

// mostBuildMemory is the most memory that the server is asked to build a graph in, in kilobytes.
const mostBuildMemory = 2 << 20

// graphPause is how long no graph is tried after one could not be built.
const graphPause = 10 * time.Minute

// graphLock is the first half of the advisory lock under which a graph is built; the second is of the
// version.
const graphLock = 1482246979

// breadth is how many candidates a search in the graph keeps for so many matches.
func breadth(limit int) int { return min(max(leastBreadth, limit+limit/2), mostBreadth) }

// graph is what a Version knows of its graph.
type graph struct {
	mu     sync.Mutex // guards the rest
	whole  bool
	failed time.Time
}

// due reports whether a version in use with so many vectors lacks its graph.
func (g *graph) due(vectors int64, from int, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return vectors >= int64(from) && !g.whole && now.Sub(g.failed) > graphPause
}

func (g *graph) learn(err error, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.whole = err == nil; !g.whole {
		g.failed = now
	}
}

// grow builds the graph of a version that is in use and has grown without one. The passages that made it
// due are stored already, so that a failure is no failure of theirs: searches stay exact, and slow.
func (v *Version) grow(ctx context.Context, vectors int64) {
	if !v.graph.due(vectors, v.store.graphFrom, time.Now()) {
		return
	}
	err := v.buildGraph(ctx)
	v.graph.learn(err, time.Now())
	if err != nil {
		v.store.log.Warn("the graph of the vectors could not be built; searches compare all of them", "version", v.key, "err", err)
	}
}

// buildGraph builds the graph over the vectors of a version, where there are enough and none is, and
// waits for another process that does. It is built concurrently: writing and searching go on meanwhile,
// exactly until it is there.
func (v *Version) buildGraph(ctx context.Context) error {
	if v.stamp.Dimension == 0 {
		return nil
	}
	return v.store.pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		for { // to wait inside the server would keep the one that builds from ending
			var mine bool
			if err := c.QueryRow(ctx, "select pg_try_advisory_lock($1, hashtext($2))", graphLock, v.table("")).Scan(&mine); err != nil {
				return err
			}
			if mine {
				break
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(200 * time.Millisecond):
			}
		}
		defer func() { // a connection that broke has given the lock back
			_, _ = c.Exec(context.WithoutCancel(ctx), "select pg_advisory_unlock($1, hashtext($2))", graphLock, v.table(""))
		}()
		return v.buildGraphOn(ctx, c)
	})
}

// table is the full name of a table or index of a version.
func (v *Version) table(prefix string) string { return v.store.schema + "." + prefix + v.key }

func (v *Version) buildGraphOn(ctx context.Context, c *pgxpool.Conn) error {
	var vectors int
	var there, whole bool
	err := c.QueryRow(ctx, `select coalesce((select vectors from versions where key = $1), 0), to_regclass($2) is not null,
		coalesce((select indisvalid from pg_index where indexrelid = to_regclass($2)), false)`,
		v.key, v.table(graphIndex)).Scan(&vectors, &there, &whole)
	if err != nil || vectors < v.store.graphFrom || whole {
		return err
	}
	if there { // a building was interrupted
		if _, err := c.Exec(ctx, v.sql("drop index concurrently if exists graph_K")); err != nil {
			return err
		}
	}
	return v.build(ctx, c, vectors)
}

// build builds the graph, faster where it fits into memory: a vector and its links of two bytes a dimension
// and some hundred more.
func (v *Version) build(ctx context.Context, c *pgxpool.Conn, vectors int) error {
	v.store.log.Info("building the graph of the vectors", "version", v.key, "vectors", vectors)
	need := min(int64(vectors)*int64(2*v.stamp.Dimension+600)>>10, mostBuildMemory)
	const room = `select set_config('maintenance_work_mem', greatest(setting::bigint, $1)::text, false)
		from pg_settings where name = 'maintenance_work_mem'`
	if _, err := c.Exec(ctx, room, need); err != nil {
		return err
	}
	defer func() {
		_, _ = c.Exec(context.WithoutCancel(ctx), "reset maintenance_work_mem; reset max_parallel_maintenance_workers")
	}()
	build := v.sql(fmt.Sprintf(
		"create index concurrently graph_K on vectors_K using hnsw (vector halfvec_ip_ops) with (m = %d, ef_construction = %d)",
		graphLinks, graphBuild))
	_, err := c.Exec(ctx, build)
	if sqlState(err) != "53100" { // disk_full
		return err
	}
	// Or too little shared memory, of which containers have 64 MB: one process alone needs none.
	if _, err := c.Exec(ctx, v.sql("drop index concurrently if exists graph_K")); err != nil {
		return err
	}
	if _, err := c.Exec(ctx, "set max_parallel_maintenance_workers = 0"); err != nil {
		return err
	}
	_, err = c.Exec(ctx, build)
	return err
}
