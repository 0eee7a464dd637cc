package pgvector

import (
	"context"
	"fmt"
	"sync"
	"time"

	"xiaoyue/kb"
)

// Scopes of fewer passages than small are searched exactly by vector: that is faster than a graph most of
// whose vectors are outside, and finds everything. Those of fewer than smallest are scored whole by words.
const (
	small    = 4000
	smallest = 500
)

// What is known of a scope is asked again after a while; scopes are few, as regions and days are.
const (
	sizesLast = 30 * time.Second
	mostSizes = 1000
)

// sizes remembers of scopes how many passages of a version they hold. The zero value knows none.
type sizes struct {
	mu sync.Mutex // guards the rest
	by map[string]size
}

type size struct {
	passages int // at most small
	graph    bool
	asked    time.Time
}

func (s *sizes) known(scope string, now time.Time) (found size, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok = s.by[scope]
	return found, ok && now.Sub(found.asked) < sizesLast
}

func (s *sizes) learn(scope string, found size) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by == nil || len(s.by) >= mostSizes {
		s.by = map[string]size{}
	}
	s.by[scope] = found
}

// size returns how many passages a scope holds, small meaning that many or more, and whether there is a
// graph of the vectors.
func (v *Version) size(ctx context.Context, scope kb.Scope) (passages int, graph bool, err error) {
	now := time.Now()
	name := fmt.Sprintf("%q", []any{scope.Tenant, scope.Access, scope.Regions, scope.Zone, scope.Audience, scope.AsOf.String()})
	if s, ok := v.sizes.known(name, now); ok {
		return s.passages, s.graph, nil
	}
	var with arguments
	condition := inside(scope, &with)
	index := with.add(v.store.schema + "." + graphIndex + v.key)
	s := size{asked: now}
	err = v.store.pool.QueryRow(ctx, v.sql("select (select count(*) from (select from passages_K p where "+condition+" limit ")+
		with.add(small)+") c), coalesce((select indisvalid from pg_index where indexrelid = to_regclass("+index+")), false)",
		with...).Scan(&s.passages, &s.graph)
	if err != nil {
		return 0, false, err
	}
	v.sizes.learn(name, s)
	return s.passages, s.graph, nil
}
