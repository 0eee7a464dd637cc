// Package indextest is the suite that every back end of retrieval.Index passes: the rules of the
// contract by name, agreement with a brute-force search, and random operations compared with a
// model that holds everything in a map.
//
// It does not measure speed or ranking quality, and it knows no back end.
package indextest

import (
	"testing"

	"xiaoyue/retrieval"
)

// Dimension is that of the vectors of the suite.
const Dimension = 32

// Backend is what the suite needs of an implementation, and in what it is allowed to differ.
type Backend struct {
	// New returns an empty index of Dimension. The suite closes it.
	New func(t *testing.T) retrieval.Index
	// Reopen closes an index made by New and opens what it held; nil where nothing is kept.
	Reopen func(t *testing.T, x retrieval.Index) retrieval.Index
	// Recall is the least share of the true neighbours found among 2,000 vectors; zero: all of them.
	Recall float64
	// Tolerance is the error allowed in a cosine; zero: 1e-5.
	Tolerance float64
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
	s := &suite{b}
	for _, rule := range []struct {
		name  string
		check func(*testing.T, *suite)
	}{
		{"empty", empty},
		{"put replaces", putReplaces},
		{"last of a batch wins", lastWins},
		{"vector later", vectorLater},
		{"delete", deletes},
		{"order and ties", ties},
		{"limits", limits},
		{"scope", scopes},
		{"tenants", tenants},
		{"hostile questions", hostileQuestions},
		{"bad entries", badEntries},
		{"slices are not shared", slicesNotShared},
		{"cancellation", cancellation},
		{"reopening", reopening},
		{"large batch", largeBatch},
		{"brute force", bruteForce},
		{"term statistics", termStatistics},
		{"vector keeper", vectorKeeper},
		{"concurrency", concurrency},
		{"random operations", randomOperations},
	} {
		t.Run(rule.name, func(t *testing.T) { rule.check(t, s) })
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
