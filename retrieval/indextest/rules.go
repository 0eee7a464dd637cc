package indextest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

func empty(t *testing.T, s *suite) {
	x := s.open(t)
	x.agree("w00q", axis(0, 0), everyone())
	x.put()
	x.delete()
	x.delete("never there")
	x.agree("w00q", axis(0, 0), everyone())
}

func putReplaces(t *testing.T, s *suite) {
	x := s.open(t)
	x.put(public("a", "w01q", axis(0, 0)), public("b", "w02q", axis(1, 0)))
	changed := public("a", "w03q", axis(2, 0))
	changed.DocID, changed.Region = "other", "339902"
	x.put(changed)
	for _, word := range []string{"w01q", "w02q", "w03q"} {
		x.agree(word, axis(2, .1), everyone())
	}
	x.agree("w03q", axis(2, .1), kb.Scope{Tenant: kb.DefaultTenant, Access: someAccess, Regions: []string{"339903", kb.Nation}})
	same := changed
	same.Region, same.Vector = "", axis(3, 0) // other attributes and vector, the same words
	x.put(same)
	x.agree("w03q", axis(3, .1), kb.Scope{Tenant: kb.DefaultTenant, Access: someAccess, Regions: []string{"339903", kb.Nation}})
}

func lastWins(t *testing.T, s *suite) {
	x := s.open(t)
	x.put(public("a", "w01q", axis(0, 0)), public("a", "w02q", nil), public("a", "w03q", axis(1, 0)))
	for _, word := range []string{"w01q", "w02q", "w03q"} {
		x.agree(word, axis(1, 0), everyone())
	}
}

func vectorLater(t *testing.T, s *suite) {
	x := s.open(t)
	e := public("a", "w01q 身份证", nil)
	x.put(e)
	x.agree("w01q", axis(0, 0), everyone())
	e.Vector = axis(0, .5)
	x.put(e)
	x.agree("w01q", axis(0, 0), everyone())
	e.Vector = nil
	x.put(e)
	x.agree("w01q", axis(0, 0), everyone())
}

func deletes(t *testing.T, s *suite) {
	x := s.open(t)
	x.put(public("a", "w01q", axis(0, 0)), public("b", "w01q", axis(1, 0)), public(`c'"\%`, "w01q", axis(2, 0)))
	for _, ids := range [][]string{{"b", "never there", "b"}, {`c'"\%`}, {"a"}, {"a"}} {
		x.delete(ids...)
		x.agree("w01q", axis(1, .5), everyone())
	}
	x.put(public("b", "w01q", axis(4, 0)))
	x.agree("w01q", axis(1, .5), everyone())
}

// ties puts many equal passages in an order that is not that of their IDs.
func ties(t *testing.T, s *suite) {
	const n = 300
	x := s.open(t)
	var entries []retrieval.Entry
	for i := range n {
		entries = append(entries, public(fmt.Sprintf("p%03d", i*7%n), "w01q w02q", axis(0, 0)))
	}
	x.put(entries...)
	x.put(public("z", "w01q", axis(0, .01)))
	for _, limit := range []int{1, 7, 50, n, n + 10} {
		found := x.search(retrieval.Request{Text: "w02q", Vector: axis(0, 0), Scope: everyone(), Limit: limit})
		for i := range min(limit, n) {
			want := fmt.Sprintf("p%03d", i)
			if found.Lexical[i].ID != want || found.Dense[i].ID != want {
				t.Fatalf("limit %d, rank %d of equals: %s by words, %s by vector, want %s",
					limit, i+1, found.Lexical[i].ID, found.Dense[i].ID, want)
			}
		}
	}
}

func limits(t *testing.T, s *suite) {
	x := s.open(t)
	for i := range 5 {
		x.put(public(fmt.Sprint(i), "w01q", axis(i, .3)))
	}
	for limit, want := range map[int]int{1: 1, 4: 4, 5: 5, 6: 5, 1 << 30: 5} {
		found := x.search(retrieval.Request{Text: "w01q", Vector: axis(0, 0), Scope: everyone(), Limit: limit})
		if len(found.Lexical) != want || len(found.Dense) != want {
			t.Errorf("limit %d: %d by words, %d by vector, want %d", limit, len(found.Lexical), len(found.Dense), want)
		}
	}
	for _, limit := range []int{0, -1} {
		if _, err := x.Search(t.Context(), retrieval.Request{Text: "w01q", Scope: everyone(), Limit: limit}); !errors.Is(err, kb.ErrInvalid) {
			t.Errorf("limit %d: %v, want %v", limit, err, kb.ErrInvalid)
		}
	}
	if found := x.search(retrieval.Request{Text: "w01q", Scope: everyone(), Limit: 9}); len(found.Dense) > 0 {
		t.Error("found by vector without a vector")
	}
	if found := x.search(retrieval.Request{Vector: axis(0, 0), Scope: everyone(), Limit: 9}); len(found.Lexical) > 0 {
		t.Error("found by words without words")
	}
}

func hostileQuestions(t *testing.T, s *suite) {
	x := s.open(t)
	x.put(public("a", "w01q 居民身份证", axis(0, 0)))
	for _, text := range []string{
		`w01q" OR "1"="1`, "w01q'; drop table x; --", "w01q & | ! ( ) : * <->", "w01q \\ %_ {ts} $1 ?", "w01q \x00\xff\xfe", "w01q （“越州”）",
	} {
		if found := x.search(retrieval.Request{Text: text, Scope: everyone(), Limit: 3}); len(found.Lexical) != 1 {
			t.Errorf("%q: found %d, want 1", text, len(found.Lexical))
		}
	}
	for _, text := range []string{" ", "\n", "?!", `"`, "zzzz", "🙂"} {
		if found := x.search(retrieval.Request{Text: text, Scope: everyone(), Limit: 3}); len(found.Lexical) != 0 {
			t.Errorf("%q: found %d, want none", text, len(found.Lexical))
		}
	}
}

// badEntries checks that one bad entry keeps its whole batch out.
func badEntries(t *testing.T, s *suite) {
	x := s.open(t)
	x.put(public("a", "w01q", axis(0, 0)))
	nan, zero := axis(0, float32(math.NaN())), make([]float32, Dimension)
	for _, test := range []struct {
		name string
		bad  retrieval.Entry
		want error
	}{
		{"short vector", public("c", "w01q", axis(0, 0)[:Dimension-1]), retrieval.ErrDimension},
		{"long vector", public("c", "w01q", append(axis(0, 0), 1)), retrieval.ErrDimension},
		{"not a number", public("c", "w01q", nan), kb.ErrInvalid},
		{"no direction", public("c", "w01q", zero), kb.ErrInvalid},
		{"no ID", public("", "w01q", nil), kb.ErrInvalid},
	} {
		batch := []retrieval.Entry{public("b", "w01q", axis(1, 0)), test.bad}
		if err := x.Put(t.Context(), batch); !errors.Is(err, test.want) {
			t.Errorf("put, %s: %v, want %v", test.name, err, test.want)
		}
		x.agree("w01q", axis(0, .1), everyone())
		if test.bad.Vector == nil {
			continue
		}
		req := retrieval.Request{Vector: test.bad.Vector, Scope: everyone(), Limit: 1}
		if _, err := x.Search(t.Context(), req); !errors.Is(err, test.want) {
			t.Errorf("search, %s: %v, want %v", test.name, err, test.want)
		}
	}
}

func slicesNotShared(t *testing.T, s *suite) {
	x := s.open(t)
	e := public("a", "w01q", axis(0, 0))
	e.Audience = []string{"企业"}
	given := []retrieval.Entry{e}
	given[0].Vector, given[0].Audience = axis(0, 0), []string{"企业"}
	if err := x.Put(t.Context(), given); err != nil {
		t.Fatal(err)
	}
	x.model["a"] = e
	given[0].Vector[0], given[0].Audience[0] = -1, "个人"
	given[0] = public("b", "", nil)
	scope := everyone()
	scope.Audience = "企业"
	x.agree("w01q", axis(0, .1), scope)
	found := x.search(retrieval.Request{Text: "w01q", Vector: axis(0, .1), Scope: scope, Limit: 1})
	found.Dense[0], found.Lexical[0] = retrieval.Match{}, retrieval.Match{}
	x.agree("w01q", axis(0, .1), scope)
}

func cancellation(t *testing.T, s *suite) {
	x := s.open(t)
	x.put(public("a", "w01q", axis(0, 0)))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, search := x.Search(ended, retrieval.Request{Text: "w01q", Vector: axis(0, 0), Scope: everyone(), Limit: 1})
	_, stats := x.Stats(ended)
	for name, err := range map[string]error{
		"put":    x.Put(ended, []retrieval.Entry{public("b", "w01q", axis(0, 0))}),
		"delete": x.Delete(ended, []string{"a"}),
		"search": search,
		"stats":  stats,
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want %v", name, err, context.Canceled)
		}
	}
	x.agree("w01q", axis(0, .1), everyone())
}

func reopening(t *testing.T, s *suite) {
	x, from := s.open(t), newSource(11)
	for round := range 4 {
		for i := range 40 {
			x.put(from.entry(fmt.Sprintf("p%02d", (round*17+i)%60)))
		}
		x.delete(fmt.Sprintf("p%02d", round*3), fmt.Sprintf("p%02d", round*5+1))
		x.Index = s.Reopen(t, x.Index)
		for range 20 {
			x.agree(from.word(), from.vector(), from.scope())
		}
	}
}

func termStatistics(t *testing.T, s *suite) {
	x := s.open(t)
	stats, ok := x.Index.(retrieval.TermStats)
	if !ok {
		t.Fatalf("%T declares %q and is no retrieval.TermStats", x.Index, Terms)
	}
	x.put(public("a", "w01q w02q", nil), public("b", "w01q", nil), public("c", "w03q w03q", nil))
	df, passages, err := stats.Frequencies(t.Context(), []string{"w01q", "w03q", "w04q", "w02q"})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]int{2, 1, 0, 1}, df); d != "" || passages != 3 {
		t.Errorf("frequencies among %d passages (-want +got):\n%s", passages, d)
	}
}

func vectorKeeper(t *testing.T, s *suite) {
	x := s.open(t)
	keeper, ok := x.Index.(retrieval.VectorKeeper)
	if !ok {
		t.Fatalf("%T declares %q and is no retrieval.VectorKeeper", x.Index, Keeper)
	}
	x.put(public("c", "w01q", nil), public("a", "w01q", axis(0, 0)), public("d", "w01q", nil), public("b", "w01q", nil))
	x.put(public("d", "w01q", axis(2, 0)))
	x.delete("c")
	x.put(public("e", "w01q", nil), public("0", "w01q", nil))
	for limit, want := range map[int][]string{0: nil, 1: {"0"}, 2: {"0", "b"}, 9: {"0", "b", "e"}} {
		got, err := keeper.Unembedded(t.Context(), limit)
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" || err != nil {
			t.Errorf("without vector, limit %d: %v %s", limit, err, d)
		}
	}
	got, err := keeper.Vectors(t.Context(), []string{"d", "b", "never there", "a", "d", "c"})
	want := [][]float32{axis(2, 0), nil, nil, axis(0, 0), axis(2, 0), nil}
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateApprox(0, s.Tolerance)); d != "" || err != nil {
		t.Errorf("vectors: %v %s", err, d)
	}
}
