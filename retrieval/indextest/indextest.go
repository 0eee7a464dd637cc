// Package indextest is the suite that every back end of retrieval.Index and every retrieval.Store
// passes: the rules of the contract by name, agreement with a brute-force search, and random operations
// compared with a model that holds everything in a map. What a back end can do beyond the contract, or
// cannot do of it, it declares; a declared ability whose rules did not run is a failure.
//
// It also makes the synthetic passages that benchmarks of all back ends share (Corpus). It does not
// measure speed or ranking quality, and it knows no back end.
package indextest

import (
	"flag"
	"slices"
	"strings"
	"testing"

	"xiaoyue/retrieval"
)

// Dimension is that of the vectors of the suite.
const Dimension = 32

// Ability is something that not every back end can do.
type Ability string

// The abilities.
const (
	Durable   Ability = "durable"         // what was put is there after reopening
	Exact     Ability = "exact"           // a search that wants everything in scope gets all of it
	Ties      Ability = "ties by ID"      // of equal scores the lowest IDs are found, also at the cut
	Terms     Ability = "term statistics" // retrieval.TermStats
	Keeper    Ability = "vector keeper"   // retrieval.VectorKeeper
	Sharing   Ability = "sharing"         // of a store: several processes may have it open and change it
	Switching Ability = "switching"       // of a store: Use changes the version in use
)

// Backend is what the suite needs of an implementation, and in what it is allowed to differ.
type Backend struct {
	// New returns an empty index of Dimension. The suite closes it.
	New func(t *testing.T) retrieval.Index
	// Reopen closes an index made by New and opens what it held; needed for Durable.
	Reopen func(t *testing.T, x retrieval.Index) retrieval.Index
	// Can are the abilities that it declares.
	Can []Ability
	// Recall is the least share of the true neighbours found among 2,000 vectors; zero: all of them.
	Recall float64
	// Tolerance is the error allowed in a cosine; zero: 1e-5.
	Tolerance float64
	// Steps is the length of the random history; zero: 400, with -short 100.
	Steps int
}

// rule is one rule of a suite over subjects of type S.
type rule[S any] struct {
	name  string
	needs Ability // empty: every back end keeps it
	check func(*testing.T, S)
}

// suite is a back end under test.
type suite struct{ Backend }

// Run checks a back end against all rules.
func Run(t *testing.T, b Backend) {
	if b.Recall == 0 {
		b.Recall = 1
	}
	if b.Tolerance == 0 {
		b.Tolerance = 1e-5
	}
	check(t, b.Can, &suite{b}, []rule[*suite]{
		{"empty", "", empty},
		{"put replaces", "", putReplaces},
		{"last of a batch wins", "", lastWins},
		{"vector later", "", vectorLater},
		{"delete", "", deletes},
		{"order and ties", Ties, ties},
		{"limits", "", limits},
		{"scope", Exact, scopes},
		{"tenants", "", tenants},
		{"hostile questions", "", hostileQuestions},
		{"bad entries", "", badEntries},
		{"slices are not shared", "", slicesNotShared},
		{"cancellation", "", cancellation},
		{"reopening", Durable, reopening},
		{"large batch", Exact, largeBatch},
		{"brute force", "", bruteForce},
		{"term statistics", Terms, termStatistics},
		{"vector keeper", Keeper, vectorKeeper},
		{"concurrency", "", concurrency},
		{"random operations", Exact, randomOperations},
	})
}

// check runs the rules as tests of their own, and fails where a declared ability was not tried.
func check[S any](t *testing.T, can []Ability, subject S, rules []rule[S]) {
	tried := map[Ability]bool{}
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			if r.needs != "" && !slices.Contains(can, r.needs) {
				t.Skipf("the back end does not declare %q", r.needs)
			}
			r.check(t, subject)
			tried[r.needs] = !t.Skipped()
		})
	}
	if strings.Contains(flag.Lookup("test.run").Value.String(), "/") {
		return // some rules only were asked for
	}
	for _, a := range can {
		if !tried[a] && slices.ContainsFunc(rules, func(r rule[S]) bool { return r.needs == a }) {
			t.Errorf("%q is declared, and no rule of it ran", a)
		}
	}
}

// open returns an empty index that is closed after the test.
func (s *suite) open(t *testing.T) *client {
	t.Helper()
	x := s.New(t)
	c := &client{Index: x, t: t, suite: s, model: model{}}
	t.Cleanup(func() {
		if err := c.Index.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return c
}

func (s *suite) can(a Ability) bool { return slices.Contains(s.Can, a) }
