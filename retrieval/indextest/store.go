package indextest

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// Place is what the suite needs of an implementation of retrieval.Store.
type Place struct {
	// New returns a store over a place where nothing is. The suite closes nothing of it.
	New func(t *testing.T) retrieval.Store
	// Again returns another store over the place of one that New returned, as another process would
	// have it: beside the first where the store is Sharing, else after closing it.
	Again func(t *testing.T, s retrieval.Store) retrieval.Store
	// Can are the abilities that it declares: Sharing, Switching.
	Can []Ability
}

// RunStore checks a store against the rules of retrieval.Store.
func RunStore(t *testing.T, p Place) {
	check(t, p.Can, &p, []rule[*Place]{
		{"nothing there", "", nothingThere},
		{"create", "", creates},
		{"use", Switching, uses},
		{"versions are apart", "", versionsApart},
		{"drop", Switching, drops},
		{"filling goes on", "", fillingGoesOn},
		{"again", "", again},
		{"seen by others", Sharing, seenByOthers},
		{"several create at once", Sharing, createdAtOnce},
	})
}

// stampOf returns a stamp whose model has a name and whose vectors a dimension.
func stampOf(name string, dimension int) retrieval.Stamp {
	return retrieval.Stamp{Embedder: name, Dimension: dimension, Segmenter: "test", Splitter: "test"}
}

func nothingThere(t *testing.T, p *Place) {
	at := &place{p.New(t), t}
	at.versions(nil)
	for _, s := range []retrieval.Stamp{{}, stampOf("a", 8)} {
		_, err := at.Open(t.Context(), s)
		at.fails("open", err, kb.ErrNotFound)
	}
	at.fails("use", at.Use(t.Context(), stampOf("a", 8)), kb.ErrNotFound)
	if err := at.Drop(t.Context(), stampOf("a", 8)); err != nil {
		t.Errorf("drop what is not there: %v", err)
	}
}

func creates(t *testing.T, p *Place) {
	at := &place{p.New(t), t}
	a := stampOf("a", 8)
	at.put(at.create(a), "1", "2")
	at.versions(nil, a)
	at.holds(a, a, "1", "2")
	_, err := at.Open(t.Context(), retrieval.Stamp{})
	at.fails("open the one in use", err, kb.ErrNotFound)
	_, err = at.Open(t.Context(), stampOf("a", 9))
	at.fails("open with another dimension", err, kb.ErrNotFound)
}

func uses(t *testing.T, p *Place) {
	at := &place{p.New(t), t}
	a, b := stampOf("a", 8), stampOf("b", 16)
	at.put(at.create(a), "1")
	at.use(a)
	at.versions(&a)
	at.holds(retrieval.Stamp{}, a, "1")
	at.put(at.create(b), "2", "3")
	at.versions(&a, b)
	at.holds(retrieval.Stamp{}, a, "1")
	for range 2 { // what is in use already can be put to use
		at.use(b)
		at.versions(&b, a)
		at.holds(retrieval.Stamp{}, b, "2", "3")
		at.holds(a, a, "1")
	}
	at.use(a)
	at.holds(retrieval.Stamp{}, a, "1")
}

// versionsApart writes to one version and looks at the others, of which one is lexical only.
func versionsApart(t *testing.T, p *Place) {
	at := &place{p.New(t), t}
	a, b, words := stampOf("a", 8), stampOf("b", 8), stampOf("", 0)
	at.put(at.create(a), "1")
	at.put(at.create(b), "2")
	w := at.create(words)
	if err := w.Put(t.Context(), []retrieval.Entry{public("3", "w01q", nil)}); err != nil {
		t.Fatal(err)
	}
	at.close(w)
	v := at.open(a)
	if err := v.Delete(t.Context(), []string{"2", "3"}); err != nil {
		t.Fatal(err)
	}
	at.fails("put", v.Put(t.Context(), []retrieval.Entry{public("4", "w01q", axis(0, 0)[:9])}), retrieval.ErrDimension)
	at.close(v)
	at.holds(a, a, "1")
	at.holds(b, b, "2")
	at.holds(words, words, "3")
}

func drops(t *testing.T, p *Place) {
	at := &place{p.New(t), t}
	a, b := stampOf("a", 8), stampOf("b", 8)
	at.put(at.create(a), "1")
	at.put(at.create(b), "2")
	at.use(a)
	at.fails("drop the one in use", at.Drop(t.Context(), a), kb.ErrInvalid)
	for range 2 {
		if err := at.Drop(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		at.versions(&a)
	}
	_, err := at.Open(t.Context(), b)
	at.fails("open what was dropped", err, kb.ErrNotFound)
	at.fails("use what was dropped", at.Use(t.Context(), b), kb.ErrNotFound)
	at.holds(retrieval.Stamp{}, a, "1")
	at.close(at.create(b)) // the same name again, empty
	at.holds(b, b)
}

// fillingGoesOn leaves a filling half done and begins again.
func fillingGoesOn(t *testing.T, p *Place) {
	at := &place{p.New(t), t}
	a := stampOf("a", 8)
	at.put(at.create(a), "1")
	at.put(at.create(a), "2", "3")
	at.holds(a, a, "1", "2", "3")
}

// again comes back to a place as another process does.
func again(t *testing.T, p *Place) {
	first := &place{p.New(t), t}
	a := stampOf("a", 8)
	first.put(first.create(a), "1")
	if slices.Contains(p.Can, Switching) {
		first.use(a)
	}
	at := &place{p.Again(t, first.Store), t}
	at.holds(a, a, "1")
	if slices.Contains(p.Can, Switching) {
		at.versions(&a)
		at.holds(retrieval.Stamp{}, a, "1")
	}
}

// seenByOthers changes a place through one store and looks at it through another.
func seenByOthers(t *testing.T, p *Place) {
	one := &place{p.New(t), t}
	other := &place{p.Again(t, one.Store), t}
	a, b := stampOf("a", 8), stampOf("b", 16)
	one.put(one.create(a), "1")
	one.use(a)
	other.versions(&a)
	other.holds(retrieval.Stamp{}, a, "1")
	other.put(other.create(b), "2")
	one.versions(&a, b)
	other.use(b)
	one.holds(retrieval.Stamp{}, b, "2")
	if err := one.Drop(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	other.versions(&b)
	_, err := other.Open(t.Context(), a)
	other.fails("open what another dropped", err, kb.ErrNotFound)
}

func createdAtOnce(t *testing.T, p *Place) {
	one := &place{p.New(t), t}
	stores := []retrieval.Store{one.Store, p.Again(t, one.Store), p.Again(t, one.Store)}
	a := stampOf("a", 8)
	var wait sync.WaitGroup
	for i, s := range stores {
		wait.Go(func() {
			v, err := s.Create(t.Context(), a)
			if err != nil {
				t.Errorf("create: %v", err)
				return
			}
			if err := v.Put(t.Context(), []retrieval.Entry{public(fmt.Sprint(i), "w01q", axis(0, 0)[:8])}); err != nil {
				t.Errorf("put: %v", err)
			}
			if err := v.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
	wait.Wait()
	one.versions(nil, a)
	one.holds(a, a, "0", "1", "2")
}
