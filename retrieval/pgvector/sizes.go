package pgvector

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"xiaoyue/kb"
)

// Scopes are counted up to counted passages. Those of fewer than smallest are scored whole by words.
const (
	counted  = 20_000
	smallest = 300
)

// What a search by vector takes of the server's processor, in microseconds as measured on 100,000 passages:
// an exact one by passage in scope; one in the graph at least, and by vector that it visits.
const (
	exactCost = 2.5
	graphCost = 1500
	visitCost = 12
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
	passages int // in scope, at most counted
	all      int
	graph    bool // there is one
	asked    time.Time
}

// exactly reports whether a search by vector is to look at every vector in scope: where there is no graph,
// where more is wanted than it can give, and where it would visit many vectors for each one in scope.
func (s size) exactly(limit int) bool {
	if !s.graph || limit > mostBreadth/2 {
		return true
	}
	if s.passages >= counted || s.passages == 0 {
		return s.passages == 0
	}
	visits := float64(limit) * float64(s.all) / float64(s.passages)
	return float64(s.passages)*exactCost < graphCost+visits*visitCost
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

// size counts the passages of a scope, from memory where it was done lately.
func (v *Version) size(ctx context.Context, scope kb.Scope) (size, error) {
	now := time.Now()
	name := fmt.Sprintf("%q", []any{scope.Tenant, scope.Access, scope.Regions, scope.Zone, scope.Audience, scope.AsOf.String()})
	if s, ok := v.sizes.known(name, now); ok {
		return s, nil
	}
	var with arguments
	condition := inside(scope, &with)
	index := with.add(v.table(graphIndex))
	s := size{asked: now}
	err := v.store.pool.QueryRow(ctx, v.sql("select (select count(*) from (select from passages_K p where "+condition+" limit ")+
		with.add(counted)+") c), passages, coalesce((select indisvalid from pg_index where indexrelid = to_regclass("+index+
		")), false) from versions where key = "+with.add(v.key), with...).Scan(&s.passages, &s.all, &s.graph)
	if errors.Is(err, pgx.ErrNoRows) {
		err = kb.ErrNotFound
	}
	if err != nil {
		return s, err
	}
	v.sizes.learn(name, s)
	return s, nil
}
