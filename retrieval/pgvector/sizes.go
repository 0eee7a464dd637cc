package pgvector

import (
	"context"
	"fmt"
	"sync"
	"time"

	"xiaoyue/kb"
)

// A scope of so few passages is searched exactly: that is faster than a graph most of whose vectors are
// outside, and finds everything.
const smallScope = 4000

// What is known of a scope is asked again after a while; scopes are few, as regions and days are.
const (
	sizesLast = 30 * time.Second
	mostSizes = 1000
)

// sizes remembers of scopes how a version is to be searched by vector. The zero value knows none.
type sizes struct {
	mu sync.Mutex // guards the rest
	by map[string]size
}

type size struct {
	exact bool
	asked time.Time
}

func (s *sizes) known(scope string, now time.Time) (exact, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.by[scope]
	return found.exact, ok && now.Sub(found.asked) < sizesLast
}

func (s *sizes) learn(scope string, exact bool, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by == nil || len(s.by) >= mostSizes {
		s.by = map[string]size{}
	}
	s.by[scope] = size{exact, now}
}

// exactly reports whether a search by vector is to look at every vector in scope: where there is no
// graph, where the scope is small, and where more is wanted than a graph can give.
func (v *Version) exactly(ctx context.Context, scope kb.Scope, limit int) (bool, error) {
	if limit > mostBreadth/2 {
		return true, nil
	}
	now := time.Now()
	name := fmt.Sprintf("%q", []any{scope.Tenant, scope.Access, scope.Regions, scope.Zone, scope.Audience, scope.AsOf.String()})
	if exact, ok := v.sizes.known(name, now); ok {
		return exact, nil
	}
	var with arguments
	condition := inside(scope, &with)
	graph := with.add(v.store.schema + "." + graphIndex + v.key)
	count := v.sql("(select count(*) from (select from passages_K p where "+condition+" limit ") + with.add(smallScope) + ") c)"
	var exact bool
	err := v.store.pool.QueryRow(ctx, "select not coalesce((select indisvalid from pg_index where indexrelid = to_regclass("+
		graph+")), false) or "+count+" < "+with.add(smallScope), with...).Scan(&exact)
	if err == nil {
		v.sizes.learn(name, exact, now)
	}
	return exact, err
}
