package pgvector

import (
	"context"
	"fmt"
)

// The graph (HNSW): links per vector, and candidates while it is built and searched.
const (
	graphLinks   = 16
	graphBuild   = 128
	leastBreadth = 100
	mostBreadth  = 1000 // that pgvector allows
)

// breadth is how many candidates a search in the graph keeps for so many matches.
func breadth(limit int) int { return min(max(leastBreadth, limit+limit/4), mostBreadth) }

// buildGraph builds the graph over the vectors of a version, where there are enough and none is. It is
// built concurrently: writing and searching go on meanwhile, exactly until it is there.
func (v *Version) buildGraph(ctx context.Context) error {
	var vectors int
	var there, whole bool
	err := v.store.pool.QueryRow(ctx, `select v.vectors, i.indexrelid is not null, coalesce(i.indisvalid, false)
		from versions v left join pg_index i on i.indexrelid = to_regclass($2) where v.key = $1
		union all select 0, true, true limit 1`, v.key, v.store.schema+"."+graphIndex+v.key).Scan(&vectors, &there, &whole)
	if err != nil || vectors < v.store.graphFrom || whole || v.stamp.Dimension == 0 {
		return err
	}
	if there { // a building was interrupted
		if _, err := v.store.pool.Exec(ctx, v.sql("drop index concurrently if exists graph_K")); err != nil {
			return err
		}
	}
	v.store.log.Info("building the graph of the vectors", "version", v.key, "vectors", vectors)
	_, err = v.store.pool.Exec(ctx, v.sql(fmt.Sprintf(
		"create index concurrently if not exists graph_K on vectors_K using hnsw (vector halfvec_ip_ops) with (m = %d, ef_construction = %d)",
		graphLinks, graphBuild)))
	return err
}
