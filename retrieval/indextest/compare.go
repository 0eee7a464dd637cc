package indextest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// scopes compares random scopes over hostile attribute values with kb.Scope.Admits.
func scopes(t *testing.T, s *suite) {
	x, from := s.open(t), newSource(1)
	var batch []retrieval.Entry
	for i := range 300 {
		batch = append(batch, from.entry(fmt.Sprintf("p%03d", i)))
	}
	x.put(batch...)
	for range 150 {
		x.agree(from.word(), from.vector(), from.scope())
	}
	for _, day := range someDays {
		all := kb.Scope{Tenant: kb.DefaultTenant, Access: someAccess, AsOf: kb.MustDate(day)}
		x.agree(from.word(), from.vector(), all)
	}
}

func tenants(t *testing.T, s *suite) {
	x := s.open(t)
	for i, tenant := range append(someTenants, "", "Default", "default ") {
		e := public(fmt.Sprint(i), "w01q", axis(0, 0))
		e.Tenant = tenant
		x.put(e)
	}
	for _, tenant := range append(someTenants, "", "Default", "nobody") {
		scope := everyone()
		scope.Tenant = tenant
		x.agree("w01q", axis(0, .1), scope)
		scope.Access = nil
		x.agree("w01q", axis(0, .1), scope)
	}
}

func largeBatch(t *testing.T, s *suite) {
	const n = 3000
	x, from := s.open(t), newSource(2)
	batch := make([]retrieval.Entry, n)
	for i := range batch {
		batch[i] = from.entry(fmt.Sprintf("p%04d", i))
	}
	x.put(batch...)
	ids := make([]string, n/2)
	for i := range ids {
		ids[i] = batch[2*i].ID
	}
	x.delete(ids...)
	for range 5 {
		x.agree(from.word(), from.vector(), from.scope())
	}
}

// bruteForce compares the first matches among 2,000 vectors with an exact search.
func bruteForce(t *testing.T, s *suite) {
	const n, queries, limit = 2000, 60, 20
	x, from := s.open(t), newSource(3)
	batch := make([]retrieval.Entry, n)
	for i := range batch {
		batch[i] = from.entry(fmt.Sprintf("p%04d", i))
		batch[i].Vector = from.vector()
	}
	x.put(batch...)
	found, wanted := 0, 0
	for i := range queries {
		scope := kb.Scope{Tenant: pick(from, someTenants), Access: someAccess}
		if i%2 == 0 {
			scope = from.scope()
		}
		query := from.vector()
		truth := map[string]bool{}
		for _, m := range x.model.dense(query, scope, limit) {
			truth[m.ID] = true
		}
		got := x.search(retrieval.Request{Vector: query, Scope: scope, Limit: limit}).Dense
		x.wantOrder(got)
		if len(got) != len(truth) {
			t.Errorf("query %d: %d matches, want %d", i, len(got), len(truth))
		}
		wanted += len(truth)
		for _, m := range got {
			if truth[m.ID] {
				found++
			}
		}
	}
	if recall := float64(found) / float64(wanted); recall < s.Recall {
		t.Errorf("recall %.4f, want at least %.4f", recall, s.Recall)
	}
}

// concurrency lets writers and readers work at once. Each writer owns its passages and must see
// what it wrote.
func concurrency(t *testing.T, s *suite) {
	x := s.open(t)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			if err := busy(t.Context(), x.Index, worker); err != nil {
				t.Errorf("worker %d: %v", worker, err)
			}
		})
	}
	wg.Wait()
	if stats, err := x.Stats(t.Context()); err != nil || stats.Passages != 4*10 {
		t.Errorf("%d passages left, %v; want 40", stats.Passages, err)
	}
}

func busy(ctx context.Context, x retrieval.Index, worker int) error {
	word := fmt.Sprintf("w%02dq", worker)
	for i := range 20 {
		id := fmt.Sprintf("%d-%02d", worker, i)
		if err := x.Put(ctx, []retrieval.Entry{public(id, word, axis(worker, float32(i)/20))}); err != nil {
			return err
		}
		req := retrieval.Request{Text: word, Vector: axis(worker, 0), Scope: everyone(), Limit: 100}
		found, err := x.Search(ctx, req)
		if err != nil {
			return err
		}
		if want := i + 1 - i/2; len(found.Lexical) != want {
			return fmt.Errorf("after %d puts: %d found, want %d", i+1, len(found.Lexical), want)
		}
		if i%2 == 0 {
			continue
		}
		if err := x.Delete(ctx, []string{id}); err != nil {
			return err
		}
	}
	if _, err := x.Stats(ctx); err != nil {
		return errors.New("stats: " + err.Error())
	}
	return nil
}

// randomOperations compares an index with the model after every step of a random history.
func randomOperations(t *testing.T, s *suite) {
	steps := cmp.Or(s.Steps, 400)
	if testing.Short() {
		steps = min(steps, 100)
	}
	x, from := s.open(t), newSource(4)
	id := func() string { return fmt.Sprintf("p%02d", from.IntN(50)) }
	for step := range steps {
		switch what := from.IntN(10); {
		case what < 6:
			batch := make([]retrieval.Entry, 1+from.IntN(4))
			for i := range batch {
				batch[i] = from.entry(id())
			}
			x.put(batch...)
		case what < 9:
			x.delete(id(), id())
		case s.can(Durable) && step%3 == 0:
			x.Index = s.Reopen(t, x.Index)
		}
		x.agree(from.word(), from.vector(), from.scope())
		if t.Failed() {
			t.Fatalf("after step %d", step)
		}
	}
}
