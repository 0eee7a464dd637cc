package pgvector

import (
	"testing"

	"xiaoyue/kb"
)

// TestRemove takes a place away: while it holds a version it stays, and afterwards it can be made again.
func TestRemove(t *testing.T) {
	t.Parallel()
	s := freshStore(t)
	there := func() (yes bool) {
		t.Helper()
		if err := s.pool.QueryRow(t.Context(), "select to_regnamespace($1) is not null", s.schema).Scan(&yes); err != nil {
			t.Fatal(err)
		}
		return yes
	}
	v := create(t, s, 4)
	if err := s.Remove(t.Context()); err != nil || !there() {
		t.Fatalf("with a version in it: %v, still there %v", err, there())
	}
	if stats, err := v.Stats(t.Context()); err != nil || stats.Stamp != stampOf(4) {
		t.Errorf("the version that is left: %+v, %v", stats, err)
	}
	if err := s.Drop(t.Context(), stampOf(4)); err != nil {
		t.Fatal(err)
	}
	if err := s.Remove(t.Context()); err != nil || there() {
		t.Errorf("empty: %v, still there %v", err, there())
	}
	wantError(t, "remove again", s.Remove(t.Context()), kb.ErrNotFound)
	again := openStore(t, Options{DSN: server(t), Schema: s.schema})
	if list, err := again.Versions(t.Context()); err != nil || len(list) != 0 || !there() {
		t.Errorf("made again: %v, %v", list, err)
	}
}
