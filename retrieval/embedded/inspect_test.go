package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded/journal"
)

// unread is a store that never inspects at once.
func unread(t *testing.T, dir string, readOnly bool) *Store {
	t.Helper()
	s, err := newStore(dir, &Options{ReadOnly: readOnly})
	must(t, err)
	s.config.inspectAtOnce = 0
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

// mapped makes a store whose version in use has a checkpoint, and returns the file.
func mapped(t *testing.T) (dir, checkpoint string) {
	t.Helper()
	dir = t.TempDir()
	s, err := NewStore(dir, nil)
	must(t, err)
	v, err := s.Create(t.Context(), stamp(2))
	must(t, err)
	var batch []retrieval.Entry
	for i := range closeAfter {
		batch = append(batch, plain(fmt.Sprint(i), "居住证", []float32{1, float32(i)}))
	}
	must(t, v.Put(t.Context(), batch))
	must(t, v.Close())
	must(t, s.Use(t.Context(), stamp(2)))
	must(t, s.Close())
	return dir, filepath.Join(dir, "v-"+stamp(2).Key(), "g000001", checkpointName)
}

// flip damages a byte of a file.
func flip(t *testing.T, path string, at int) {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	b[at] ^= 1
	must(t, os.WriteFile(path, b, 0o600))
}

func indexOf(v retrieval.Version) *Index {
	if h, ok := v.(*handle); ok {
		return h.Index
	}
	return v.(*Index)
}

// TestInspection damages what opening does not read: it heals from the journal, and the damaged file is
// gone.
func TestInspection(t *testing.T) {
	dir, checkpoint := mapped(t)
	for _, readOnly := range []bool{true, false} {
		flip(t, checkpoint, headSize+2*page)
		s := unread(t, dir, readOnly)
		v, err := s.Open(t.Context(), retrieval.Stamp{})
		must(t, err)
		indexOf(v).awaitInspection()
		if n := len(found(t, v)); n != 100 {
			t.Errorf("read-only %v: found %d, want 100", readOnly, n)
		}
		_, err = os.Stat(checkpoint)
		if gone := errors.Is(err, os.ErrNotExist); gone == readOnly {
			t.Errorf("read-only %v: damaged checkpoint is gone %v", readOnly, gone)
		}
		must(t, v.Close())
		if readOnly {
			flip(t, checkpoint, headSize+2*page) // back
		}
	}
}

// TestJournalDamage damages what only the journal has: every call says so, and the version begins anew
// when it is created.
func TestJournalDamage(t *testing.T) {
	dir, checkpoint := mapped(t)
	flip(t, filepath.Join(filepath.Dir(checkpoint), "log"), 300)
	s := unread(t, dir, false)
	v, err := s.Open(t.Context(), retrieval.Stamp{})
	must(t, err)
	indexOf(v).awaitInspection()
	_, search := v.Search(t.Context(), retrieval.Request{Text: "居住证", Scope: plainScope, Limit: 9})
	put := v.Put(t.Context(), []retrieval.Entry{plain("new", "居住证", nil)})
	_, _, frequencies := v.Frequencies(t.Context(), []string{"居住证"})
	_, again := s.Open(t.Context(), stamp(2))
	for name, err := range map[string]error{"search": search, "put": put, "frequencies": frequencies, "open again": again} {
		if !errors.Is(err, retrieval.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w, err := s.Create(t.Context(), stamp(2))
	must(t, err)
	must(t, w.Put(t.Context(), []retrieval.Entry{plain("new", "居住证", nil)}))
	for _, x := range []retrieval.Version{v, w} {
		if d := cmp.Diff([]string{"new"}, found(t, x)); d != "" {
			t.Error(d)
		}
		must(t, x.Close())
	}
}

// TestVerify finds damage in each file that a whole index has.
func TestVerify(t *testing.T) {
	for name, damage := range map[string]func(checkpoint string){
		"none":       nil,
		"checkpoint": func(c string) { flip(t, c, headSize+1) },
		"head":       func(c string) { flip(t, c, 200) },
		"journal":    func(c string) { flip(t, filepath.Join(filepath.Dir(c), "log"), 300) },
	} {
		dir, checkpoint := mapped(t)
		s := mustStore(t, dir, nil)
		v, err := s.Open(t.Context(), stamp(2))
		must(t, err)
		if damage != nil {
			damage(checkpoint)
		}
		if err := indexOf(v).Verify(t.Context()); errors.Is(err, retrieval.ErrCorrupt) != (damage != nil) {
			t.Errorf("%s: %v", name, err)
		}
		must(t, v.Close())
	}
}

// TestTruncated cuts the files of an open index short: pages that are gone are damage, not a crash.
func TestTruncated(t *testing.T) {
	dir, checkpoint := mapped(t)
	s := unread(t, dir, true)
	v, err := s.Open(t.Context(), retrieval.Stamp{})
	must(t, err)
	indexOf(v).awaitInspection()
	must(t, os.Truncate(checkpoint, headSize))
	must(t, os.Truncate(filepath.Join(filepath.Dir(checkpoint), "log"), 100))
	if _, err := v.Search(t.Context(), retrieval.Request{Text: "居住证", Vector: []float32{1, 0}, Scope: plainScope, Limit: 9}); !errors.Is(err, retrieval.ErrCorrupt) {
		t.Errorf("search: %v", err)
	}
	must(t, v.Close())
}

// TestUnreadableCheckpoint opens an index whose checkpoint loses its pages before the journal behind it is
// replayed: that is an error, after which the journal alone is read, and no crash.
func TestUnreadableCheckpoint(t *testing.T) {
	dir, checkpoint := mapped(t)
	s := mustStore(t, dir, nil)
	v, err := s.Open(t.Context(), retrieval.Stamp{})
	must(t, err)
	must(t, v.Put(t.Context(), []retrieval.Entry{plain("new", "居住证", []float32{1, 0})}))
	must(t, v.Close())
	c := s.config.of(stamp(2))
	c.inspectAtOnce = 0
	j, err := journal.Open(filepath.Dir(checkpoint), true)
	must(t, err)
	r := &replayed{journal: j}
	r.start(t.Context(), filepath.Dir(checkpoint), c)
	if r.state == nil || r.state.saved == 0 {
		t.Fatal("the checkpoint is not used")
	}
	must(t, os.Truncate(checkpoint, headSize))
	if err := r.finish(t.Context()); !errors.Is(err, errCheckpoint) {
		t.Errorf("replay over pages that are gone: %v, want %v", err, errCheckpoint)
	}
	must(t, r.close())
}

// TestMappedChanges changes a mapped index in place, and opens it again with and without a checkpoint.
func TestMappedChanges(t *testing.T) {
	dir, checkpoint := mapped(t)
	before, err := os.ReadFile(checkpoint)
	must(t, err)
	var want []string
	for round := range 3 {
		s := unread(t, dir, false)
		v, err := s.Open(t.Context(), retrieval.Stamp{})
		must(t, err)
		must(t, v.Delete(t.Context(), []string{fmt.Sprint(7 + round), "never there"}))
		must(t, v.Put(t.Context(), []retrieval.Entry{
			plain(fmt.Sprint(100+round), "changedx", []float32{0, 1}), plain(fmt.Sprint("new", round), "changedx", nil),
		}))
		want = append(want, fmt.Sprint(100+round), fmt.Sprint("new", round))
		got, err := v.Search(t.Context(), retrieval.Request{Text: "changedx", Scope: plainScope, Limit: 1000})
		must(t, err)
		if len(got.Lexical) != len(want) {
			t.Errorf("round %d: %d found, want %d", round, len(got.Lexical), len(want))
		}
		stats, err := v.Stats(t.Context())
		if w := (retrieval.Stats{Stamp: stamp(2), Passages: closeAfter, Vectors: closeAfter - 1 - round}); stats != w || err != nil {
			t.Errorf("round %d: %+v, %v; want %+v", round, stats, err, w)
		}
		must(t, v.Close())
		must(t, s.Close())
	}
	after, err := os.ReadFile(checkpoint)
	must(t, err)
	if !cmp.Equal(before, after) {
		t.Error("changes of a mapped index reached the file")
	}
}

// TestWorkDuringInspection writes, searches and closes while the inspection may still be under way: what
// is overdue is saved nevertheless.
func TestWorkDuringInspection(t *testing.T) {
	dir, checkpoint := mapped(t)
	before, err := os.Stat(checkpoint)
	must(t, err)
	for round := range 4 {
		s := unread(t, dir, false)
		v, err := s.Open(t.Context(), retrieval.Stamp{})
		must(t, err)
		var wait sync.WaitGroup
		for worker := range 3 {
			wait.Go(func() {
				var batch []retrieval.Entry
				for i := range checkpointAfter / 8 {
					batch = append(batch, plain(fmt.Sprint(round, worker, i), "changedx", []float32{1, 1}))
				}
				if err := v.Put(t.Context(), batch); err != nil {
					t.Error(err)
				}
				if _, err := v.Search(t.Context(), retrieval.Request{Text: "居住证", Vector: []float32{1, 0}, Scope: plainScope, Limit: 9}); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		must(t, v.Close())
		must(t, s.Close())
	}
	after, err := os.Stat(checkpoint)
	must(t, err)
	if after.Size() <= before.Size() {
		t.Errorf("checkpoint of %d bytes, had %d before", after.Size(), before.Size())
	}
}
