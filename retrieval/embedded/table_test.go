package embedded

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/kb"
)

// someKind returns encoded attributes of one of a few regions.
func someKind(r *rand.Rand) []byte {
	return encodeKind(kb.Attributes{Tenant: kb.DefaultTenant, Access: kb.AccessPublic, Region: fmt.Sprint(r.IntN(4))})
}

func someMark(t testing.TB, r *rand.Rand, table *table) mark {
	kind, err := table.kindOf(someKind(r))
	must(t, err)
	return mark{kind, 20240101 + r.Uint32N(28), 20250101 + r.Uint32N(28)}
}

// someScopes are scopes of places and days.
func someScopes() (all []kb.Scope) {
	for i, day := range []string{"", "2024-01-14", "2024-12-31", "2025-01-14"} {
		s := plainScope
		s.AsOf, s.Regions = kb.MustDate(day), []string{fmt.Sprint(i)}
		if i == 0 {
			s.Regions = nil
		}
		all = append(all, s)
	}
	return all
}

// TestTable compares a table under random changes with a map, and the kept sets of scopes with sets that
// are made anew.
func TestTable(t *testing.T) {
	r, table, want := rand.New(rand.NewPCG(5, 5)), newTable(), map[string]mark{}
	for step := range 20_000 {
		id := fmt.Sprintf("passage-%d", r.IntN(3000))
		slot, known := table.find([]byte(id))
		if _, ok := want[id]; ok != known {
			t.Fatalf("step %d: %s is there %v, found %v", step, id, ok, known)
		}
		m := someMark(t, r, table)
		switch {
		case !known:
			table.add([]byte(id), []byte("d"+id[:9]), row{size: 5}, m)
			want[id] = m
		case r.IntN(3) == 0:
			table.set(slot, []byte("other"), row{size: 5}, m)
			want[id] = m
		default:
			table.remove(slot)
			delete(want, id)
		}
		if step%500 == 0 {
			agreeScopes(t, table)
		}
	}
	if table.live != len(want) || table.bytes != int64(5*len(want)) || table.ids.used != len(want) {
		t.Errorf("%d live, %d bytes, %d found; want %d", table.live, table.bytes, table.ids.used, len(want))
	}
	for id, m := range want {
		slot, ok := table.find([]byte(id))
		if !ok || *table.marks.at(slot) != m || table.id(slot) != id {
			t.Fatalf("%s: found %v, %+v; want %+v", id, ok, *table.marks.at(slot), m)
		}
	}
}

func agreeScopes(t *testing.T, table *table) {
	t.Helper()
	for _, scope := range someScopes() {
		kept, anew := table.admitted(scope), table.admission(scope).set
		for len(kept) < len(anew) {
			kept = append(slices.Clone(kept), 0)
		}
		if d := cmp.Diff(anew, kept); d != "" {
			t.Fatalf("%+v (-anew +kept):\n%s", scope, d)
		}
	}
}

// TestScopesAreApart checks that the keys of different scopes differ, and that not more are kept than
// there is room for.
func TestScopesAreApart(t *testing.T) {
	var all []kb.Scope
	for _, names := range [][3]string{{"a", "b", ""}, {"a", "", "b"}, {"ab", "", ""}, {"", "ab", ""}} {
		for _, access := range [][]kb.Access{nil, {"r"}, {"r", "s"}} {
			for _, regions := range [][]string{nil, {"r"}, {"s"}, {"r", "s"}, {"rs"}} {
				all = append(all, kb.Scope{Tenant: names[0], Zone: names[1], Audience: names[2], Access: access, Regions: regions})
			}
		}
	}
	keys, table := map[string]bool{}, newTable()
	for _, s := range all {
		keys[string(appendScope(nil, s))] = true
		table.admitted(s)
	}
	if len(keys) != len(all) {
		t.Errorf("%d keys of %d scopes", len(keys), len(all))
	}
	for i := range 200 {
		table.admitted(kb.Scope{Tenant: fmt.Sprint(i)})
	}
	if n := len(table.scopes.byKey); n != mostScopes {
		t.Errorf("%d scopes kept, want %d", n, mostScopes)
	}
}

// BenchmarkScope measures a scope that is asked for again, one that is not, and the change of a slot
// with all scopes kept.
func BenchmarkScope(b *testing.B) {
	const slots = 1_000_000
	r, t := rand.New(rand.NewPCG(5, 5)), newTable()
	for range slots {
		t.marks.append(someMark(b, r, t))
	}
	scope := someScopes()[1]
	b.Run("again", func(b *testing.B) {
		for b.Loop() {
			t.admitted(scope)
		}
	})
	b.Run("new", func(b *testing.B) {
		for b.Loop() {
			t.admission(scope)
		}
	})
	for i := range mostScopes {
		s := scope
		s.AsOf = s.AsOf.Add(0, 0, i)
		t.admitted(s)
	}
	b.Run("change", func(b *testing.B) {
		for i := uint32(0); b.Loop(); i++ {
			t.scopes.update(i%slots, *t.marks.at(i % slots))
		}
	})
}
