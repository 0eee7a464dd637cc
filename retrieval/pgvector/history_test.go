package pgvector

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// The history of a store that tests interrupt: step n is the same whoever makes it, so that after any
// number of steps it is known what must be there.

// place is what should be there: the passages of the first version, the versions beside it, the one in
// use.
type place struct {
	passages map[string]retrieval.Entry
	beside   bool
	inUse    string // embedder of its stamp; empty: none
}

const historyDimension = 32

func firstStamp() retrieval.Stamp {
	return retrieval.Stamp{Embedder: "first", Dimension: historyDimension}
}
func secondStamp() retrieval.Stamp {
	return retrieval.Stamp{Embedder: "second", Dimension: historyDimension}
}

func (p place) clone() place { return place{maps.Clone(p.passages), p.beside, p.inUse} }

// step is a change of a store, and of what should be there.
type step struct {
	put     []retrieval.Entry
	delete  []string
	version string // use first, create, use second, drop
}

// stepOf returns step n of the history.
func stepOf(n int) step {
	r := rand.New(rand.NewPCG(uint64(n), 5))
	id := func() string { return fmt.Sprintf("p%02d", r.IntN(60)) }
	switch n % 12 {
	case 8:
		return step{version: "create"}
	case 9:
		return step{version: "use second"}
	case 10:
		return step{version: "use first"}
	case 11:
		return step{version: "drop"}
	case 2, 5, 7:
		return step{delete: []string{id(), id(), id(), id()}}
	}
	var s step
	for range 8 {
		e := public(id(), fmt.Sprintf("w%02dq", r.IntN(20)), fmt.Sprintf("w%02dq w%02dq 越州", r.IntN(20), r.IntN(20)))
		e.Region = []string{"", "339902", "339903"}[r.IntN(3)]
		if r.IntN(4) > 0 {
			e.Vector = make([]float32, historyDimension)
			for i := range e.Vector {
				e.Vector[i] = float32(r.NormFloat64())
			}
		}
		s.put = append(s.put, e)
	}
	return s
}

// apply makes a step in the model.
func (s step) apply(p place) place {
	p = p.clone()
	for _, e := range s.put {
		p.passages[e.ID] = e
	}
	for _, id := range s.delete {
		delete(p.passages, id)
	}
	switch s.version {
	case "create":
		p.beside = true
	case "use second":
		p.inUse = "second"
	case "use first":
		p.inUse = "first"
	case "drop":
		p.beside = false
	}
	return p
}

// do makes a step in a store.
func (s step) do(ctx context.Context, store *Store, v retrieval.Version) error {
	switch s.version {
	case "create":
		_, err := store.Create(ctx, secondStamp())
		return err
	case "use second":
		return store.Use(ctx, secondStamp())
	case "use first":
		return store.Use(ctx, firstStamp())
	case "drop":
		return store.Drop(ctx, secondStamp())
	}
	if len(s.put) > 0 {
		return v.Put(ctx, s.put)
	}
	return v.Delete(ctx, s.delete)
}

// differs says how a store differs from what should be there; empty: it does not.
func (p place) differs(ctx context.Context, store *Store, v retrieval.Version) (string, error) {
	all, err := store.Versions(ctx)
	if err != nil {
		return "", err
	}
	got := place{}
	for _, one := range all {
		got.beside = got.beside || one.Stamp == secondStamp()
		if one.InUse {
			got.inUse = one.Stamp.Embedder
		}
	}
	if got.beside != p.beside || got.inUse != p.inUse {
		return fmt.Sprintf("a second version: %v, in use %q; want %v, %q", got.beside, got.inUse, p.beside, p.inUse), nil
	}
	stats, err := v.Stats(ctx)
	vectors := 0
	for _, e := range p.passages {
		if len(e.Vector) > 0 {
			vectors++
		}
	}
	if err != nil || stats.Passages != len(p.passages) || stats.Vectors != vectors {
		return fmt.Sprintf("%d passages, %d vectors; want %d, %d", stats.Passages, stats.Vectors, len(p.passages), vectors), err
	}
	return p.differsFound(ctx, v)
}

// differsFound compares searches, by all words in two scopes and by vector.
func (p place) differsFound(ctx context.Context, v retrieval.Version) (string, error) {
	for word := range 20 {
		req := retrieval.Request{Text: fmt.Sprintf("w%02dq", word), Scope: everyone(), Limit: 100}
		req.Vector = make([]float32, historyDimension)
		req.Vector[word] = 1
		if word%2 == 0 {
			req.Scope.Regions = []string{"339902"}
		}
		found, err := v.Search(ctx, req)
		if err != nil {
			return "", err
		}
		var words, vectors []string
		for id, e := range p.passages {
			if !req.Scope.Admits(e.Attributes) {
				continue
			}
			if slices.Contains(strings.Fields(e.Title+" "+e.Text), req.Text) {
				words = append(words, id)
			}
			if len(e.Vector) > 0 {
				vectors = append(vectors, id)
			}
		}
		for _, pair := range [][2][]string{{words, idsOf(found.Lexical)}, {vectors, idsOf(found.Dense)}} {
			slices.Sort(pair[0])
			if d := cmp.Diff(pair[0], pair[1], cmpopts.EquateEmpty()); d != "" {
				return req.Text + " (-want +got):\n" + d, nil
			}
		}
	}
	return "", nil
}

func idsOf(all []retrieval.Match) []string {
	ids := make([]string, len(all))
	for i, m := range all {
		ids[i] = m.ID
	}
	slices.Sort(ids)
	return ids
}

// begin makes the first version of a history and puts it to use.
func begin(t *testing.T, s *Store) (retrieval.Version, place) {
	t.Helper()
	v, err := s.Create(t.Context(), firstStamp())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Use(t.Context(), firstStamp()); err != nil {
		t.Fatal(err)
	}
	return v, place{passages: map[string]retrieval.Entry{}, inUse: "first"}
}

// settle compares a store with what should be there, where the last step may have been made or not, and
// returns what is there and whether it was made.
func settle(t *testing.T, s *Store, v retrieval.Version, before place, last step) (place, bool) {
	t.Helper()
	if err := v.Delete(t.Context(), []string{"never there"}); err != nil { // waits for a writer that is still at it
		t.Fatal(err)
	}
	after := last.apply(before)
	made, err := after.differs(t.Context(), s, v)
	if err != nil {
		t.Fatal(err)
	}
	if made == "" {
		consistent(t, v.(*Version))
		return after, true
	}
	d, err := before.differs(t.Context(), s, v)
	if err != nil || d != "" {
		t.Fatalf("neither what was before the last step nor what is after it: %v\nbefore: %s\nafter: %s", err, d, made)
	}
	consistent(t, v.(*Version))
	return before, false
}

// consistent checks the tables of a version against each other.
func consistent(t *testing.T, v *Version) {
	t.Helper()
	for name, query := range map[string]string{
		"document frequencies": `select count(*) from terms_K t left join
			(select unnest(terms) as term, count(*) as n from forward_K group by 1) f using (term) where t.df <> coalesce(f.n, 0)`,
		"postings without passage": `select count(*) from (select term, unnest(slots) from postings_K
			except select unnest(terms), slot from forward_K) d`,
		"passages without postings": `select count(*) from (select unnest(terms), slot from forward_K
			except select term, unnest(slots) from postings_K) d`,
		"forward lists": `select count(*) from passages_K p full join forward_K f using (slot) where p.slot is null or f.slot is null`,
		"vectors":       `select count(*) from passages_K p full join vectors_K v using (slot) where p.slot is null or p.waits <> (v.slot is null)`,
		"counts": `select count(*) from versions where key = '` + v.key + `' and (passages, length) <>
			(select count(*), coalesce(sum(length), 0) from passages_K)`,
	} {
		var wrong int
		if err := v.store.pool.QueryRow(context.Background(), v.sql(query)).Scan(&wrong); err != nil || wrong != 0 {
			t.Errorf("%s: %d rows are wrong, %v", name, wrong, err)
		}
	}
}

// TestHistory makes some of the history without interruption.
func TestHistory(t *testing.T) {
	s := freshStore(t)
	v, there := begin(t, s)
	for n := range 60 {
		last := stepOf(n)
		err := last.do(t.Context(), s, v)
		if last.version == "drop" && errors.Is(err, kb.ErrInvalid) {
			t.Fatal(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		var made bool
		if there, made = settle(t, s, v, there, last); !made && last.delete == nil {
			t.Fatalf("step %d was not made", n)
		}
	}
}
