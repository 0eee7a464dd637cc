package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// TestFullDisk fills a small file system: the put that does not fit fails as such and leaves
// nothing, what was there is still found, and after a deletion elsewhere writing goes on.
func TestFullDisk(t *testing.T) {
	dir := smallDisk(t)
	x := mustOpen(t, dir, &Options{Stamp: stamp(512)})
	r, n := rand.New(rand.NewPCG(1, 1)), 0
	var err error
	for ; err == nil && n < 10_000; n++ {
		vector := make([]float32, 512)
		for i := range vector {
			vector[i] = r.Float32()
		}
		err = x.Put(t.Context(), []retrieval.Entry{plain(fmt.Sprint(n), "居住证", vector)})
	}
	if !errors.Is(err, kb.ErrFull) {
		t.Fatalf("put %d: %v, want %v", n, err, kb.ErrFull)
	}
	n-- // the last one was refused
	count := func(when string) {
		t.Helper()
		found, err := x.Search(t.Context(), retrieval.Request{Text: "居住证", Scope: plainScope, Limit: 10_000})
		if err != nil || len(found.Lexical) != n {
			t.Errorf("%s: %d found, %v; want %d", when, len(found.Lexical), err, n)
		}
	}
	count("full")
	must(t, x.Close()) // has no room for a checkpoint
	x = mustOpen(t, dir, nil)
	count("reopened")
	x.compact(t.Context()) // has no room either
	count("compaction tried")
	must(t, unix.Mount("", dir, "", unix.MS_REMOUNT, "size=64m"))
	must(t, x.Put(t.Context(), []retrieval.Entry{plain("more", "居住证", nil)}))
	n++
	x.compact(t.Context())
	count("room again")
	if x.generation == 1 {
		t.Error("not compacted")
	}
	must(t, x.Close())
}

// smallDisk mounts a file system of four megabytes.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=4m")
	if err != nil && os.Getenv("CI") != "" && !testing.Short() {
		t.Fatalf("a small file system: %v", err)
	}
	if err != nil {
		t.Skipf("needs the right to mount a small file system: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// TestReadOnlyDisk opens a store on a disk that cannot be written: for writing it is refused, for
// reading it serves.
func TestReadOnlyDisk(t *testing.T) {
	dir := smallDisk(t)
	s, err := NewStore(filepath.Join(dir, "index"), nil)
	must(t, err)
	v, err := s.Create(t.Context(), stamp(2))
	must(t, err)
	must(t, v.Put(t.Context(), []retrieval.Entry{plain("a", "居住证", nil)}))
	must(t, v.Close())
	must(t, s.Use(t.Context(), stamp(2)))
	must(t, s.Close())
	must(t, unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""))
	for _, name := range []string{"index", "another"} {
		if _, err := NewStore(filepath.Join(dir, name), nil); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s for writing: %v, want %v", name, err, fs.ErrPermission)
		}
	}
	reader := mustStore(t, filepath.Join(dir, "index"), &Options{ReadOnly: true})
	v, err = reader.Open(t.Context(), retrieval.Stamp{})
	must(t, err)
	if d := cmp.Diff([]string{"a"}, found(t, v)); d != "" {
		t.Error(d)
	}
	must(t, v.Close())
	must(t, reader.Close())
}
