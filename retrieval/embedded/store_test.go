package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/indextest"
)

func mustStore(t testing.TB, dir string, opts *Options) *Store {
	t.Helper()
	s, err := NewStore(dir, opts)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func TestStoreSuite(t *testing.T) {
	indextest.RunStore(t, indextest.Place{
		Can: []indextest.Ability{indextest.Switching},
		New: func(t *testing.T) retrieval.Store { return mustStore(t, filepath.Join(t.TempDir(), "index"), nil) },
		Again: func(t *testing.T, s retrieval.Store) retrieval.Store {
			must(t, s.(*Store).Close())
			return mustStore(t, s.(*Store).dir, nil)
		},
	})
}

// found returns the IDs that a version finds for 居住证, sorted by its own order.
func found(t *testing.T, v retrieval.Version) (ids []string) {
	t.Helper()
	got, err := v.Search(t.Context(), retrieval.Request{Text: "居住证", Scope: plainScope, Limit: 100})
	must(t, err)
	for _, m := range got.Lexical {
		ids = append(ids, m.ID)
	}
	return ids
}

// TestReleased opens the folder that the first release wrote, read-only and for writing, puts
// another version beside it to use and drops it.
func TestReleased(t *testing.T) {
	dir := t.TempDir()
	must(t, os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "format-1"))))
	reader := mustStore(t, dir, &Options{ReadOnly: true})
	s := mustStore(t, dir, nil)
	for name, store := range map[string]*Store{"reader": reader, "writer": s} {
		for _, asked := range []retrieval.Stamp{{}, stamp(8)} {
			v, err := store.Open(t.Context(), asked)
			must(t, err)
			stats, err := v.Stats(t.Context())
			if want := (retrieval.Stats{Stamp: stamp(8), Passages: 28, Vectors: 18}); stats != want || err != nil {
				t.Errorf("%s: %+v, %v; want %+v", name, stats, err, want)
			}
			if n := len(found(t, v)); n != 28 {
				t.Errorf("%s: found %d, want 28", name, n)
			}
			must(t, v.Close())
		}
	}
	v, err := s.Create(t.Context(), stamp(8)) // the one that is there
	must(t, err)
	must(t, v.Put(t.Context(), []retrieval.Entry{plain("new", "居住证", nil)}))
	must(t, v.Close())
	if err := s.Drop(t.Context(), stamp(8)); !errors.Is(err, kb.ErrInvalid) {
		t.Errorf("drop what is in use: %v", err)
	}
	v, err = s.Create(t.Context(), stamp(2))
	must(t, err)
	must(t, v.Close())
	want := []retrieval.VersionInfo{{Stamp: stamp(8), Name: ".", InUse: true}, {Stamp: stamp(2), Name: "v-" + stamp(2).Key()}}
	wantVersions(t, reader, want...)
	must(t, s.Use(t.Context(), stamp(2)))
	must(t, s.Drop(t.Context(), stamp(8)))
	want[1].InUse = true
	wantVersions(t, reader, want[1])
	wantNames(t, dir, "lock", "use", want[1].Name)
}

func wantVersions(t *testing.T, s *Store, want ...retrieval.VersionInfo) {
	t.Helper()
	got, err := s.Versions(t.Context())
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("versions: %v (-want +got):\n%s", err, d)
	}
}

func wantNames(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("in the folder (-want +got):\n%s", d)
	}
}

// TestShared opens a version twice: what one puts the other finds, and the first to close does not
// close it for the other.
func TestShared(t *testing.T) {
	s := mustStore(t, t.TempDir(), nil)
	a, err := s.Create(t.Context(), stamp(2))
	must(t, err)
	b, err := s.Open(t.Context(), stamp(2))
	must(t, err)
	must(t, a.Put(t.Context(), []retrieval.Entry{plain("a", "居住证", nil)}))
	for range 2 {
		must(t, a.Close())
	}
	if d := cmp.Diff([]string{"a"}, found(t, b)); d != "" {
		t.Error(d)
	}
	must(t, s.Drop(t.Context(), stamp(2)))
	if _, err := b.Stats(t.Context()); !errors.Is(err, kb.ErrNotFound) {
		t.Errorf("after it was dropped: %v", err)
	}
	must(t, b.Close())
}

// TestReadersBeside has a reader follow a writer that swaps and drops.
func TestReadersBeside(t *testing.T) {
	dir := t.TempDir()
	writer, reader := mustStore(t, dir, nil), mustStore(t, dir, &Options{ReadOnly: true})
	if _, err := NewStore(dir, nil); !errors.Is(err, kb.ErrLocked) {
		t.Errorf("second writer: %v", err)
	}
	var before retrieval.Version
	for round := range 3 {
		v, err := writer.Create(t.Context(), stamp(2+round))
		must(t, err)
		must(t, v.Put(t.Context(), []retrieval.Entry{plain(fmt.Sprint(round), "居住证", nil)}))
		must(t, writer.Use(t.Context(), stamp(2+round)))
		if round > 0 {
			must(t, writer.Drop(t.Context(), stamp(1+round)))
			if d := cmp.Diff([]string{fmt.Sprint(round - 1)}, found(t, before)); d != "" {
				t.Errorf("reader of a dropped version: %s", d)
			}
			must(t, before.Close())
		}
		before, err = reader.Open(t.Context(), retrieval.Stamp{})
		must(t, err)
		if d := cmp.Diff([]string{fmt.Sprint(round)}, found(t, before)); d != "" {
			t.Error(d)
		}
		must(t, v.Close())
	}
	must(t, before.Close())
	_, create := reader.Create(t.Context(), stamp(9))
	for name, err := range map[string]error{
		"create": create, "use": reader.Use(t.Context(), stamp(4)), "drop": reader.Drop(t.Context(), stamp(3)),
	} {
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s read-only: %v", name, err)
		}
	}
}

// TestForeign finds things that are not ours under the names that a store uses.
func TestForeign(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	if _, err := NewStore(file, nil); !errors.Is(err, retrieval.ErrForeign) {
		t.Errorf("a file in place of the folder: %v", err)
	}
	s := mustStore(t, t.TempDir(), nil)
	must(t, os.WriteFile(s.path("v-"+stamp(2).Key()), []byte("theirs"), 0o600))
	must(t, os.WriteFile(s.path("notes.txt"), []byte("theirs"), 0o600))
	must(t, os.Mkdir(s.path(useName), 0o700))
	_, create := s.Create(t.Context(), stamp(2))
	_, open := s.Open(t.Context(), stamp(2))
	_, used := s.Open(t.Context(), retrieval.Stamp{})
	v, err := s.Create(t.Context(), stamp(3))
	must(t, err)
	must(t, v.Close())
	use := s.Use(t.Context(), stamp(3))
	for name, err := range map[string]error{"create": create, "open": open, "open the one in use": used, "use": s.Use(t.Context(), stamp(2)), "use another": use} {
		if !errors.Is(err, retrieval.ErrForeign) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(s.path("notes.txt")); err != nil {
		t.Error(err)
	}
}

// TestDamagedVersions damages versions: they are listed, can be dropped, and begin anew.
func TestDamagedVersions(t *testing.T) {
	s := mustStore(t, t.TempDir(), nil)
	for _, dimension := range []int{2, 3, 4} {
		v, err := s.Create(t.Context(), stamp(dimension))
		must(t, err)
		must(t, v.Put(t.Context(), []retrieval.Entry{plain("a", "居住证", nil)}))
		must(t, v.Close())
	}
	must(t, s.Use(t.Context(), stamp(2)))
	name := func(dimension int) string { return "v-" + stamp(dimension).Key() }
	for _, path := range []string{name(2) + "/current", name(3) + "/g000001/log", name(4) + "/current"} {
		must(t, os.WriteFile(s.path(path), []byte("damaged"), 0o600))
	}
	for _, asked := range []retrieval.Stamp{{}, stamp(2), stamp(3), stamp(4)} {
		if _, err := s.Open(t.Context(), asked); !errors.Is(err, retrieval.ErrCorrupt) {
			t.Errorf("open %+v: %v", asked, err)
		}
	}
	all, err := s.Versions(t.Context())
	if len(all) != 3 || err != nil || all[0] != (retrieval.VersionInfo{Stamp: stamp(2), Name: name(2), InUse: true}) {
		t.Errorf("%+v, %v", all, err)
	}
	must(t, s.Drop(t.Context(), stamp(3)))
	must(t, s.Drop(t.Context(), retrieval.Stamp{})) // that of dimension 4
	v, err := s.Create(t.Context(), stamp(2))
	must(t, err)
	if ids := found(t, v); len(ids) > 0 {
		t.Errorf("begun anew with %v", ids)
	}
	must(t, v.Close())
	wantVersions(t, s, all[0])
	must(t, os.WriteFile(s.path(useName), []byte("damaged"), 0o600))
	if _, err := s.Open(t.Context(), retrieval.Stamp{}); !errors.Is(err, retrieval.ErrCorrupt) {
		t.Errorf("open with a damaged pointer: %v", err)
	}
	if err := s.Drop(t.Context(), stamp(2)); !errors.Is(err, retrieval.ErrCorrupt) {
		t.Errorf("drop with a damaged pointer: %v", err)
	}
	must(t, s.Use(t.Context(), stamp(2)))
	wantVersions(t, s, all[0])
}

// TestLeftovers opens a folder in which changes were interrupted.
func TestLeftovers(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"v-0123456789.new", "v-0123456789.old", "v-0123456789.keep", "other.old"} {
		must(t, os.MkdirAll(filepath.Join(dir, name, "g000001"), 0o700))
	}
	s := mustStore(t, dir, nil)
	wantVersions(t, s, []retrieval.VersionInfo{}...)
	wantNames(t, dir, "lock", "other.old", "v-0123456789.keep")
}
