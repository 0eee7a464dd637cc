package embedded

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"golang.org/x/sys/unix"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// TestFullDisk fills a small file system: the put that does not fit fails as such and leaves
// nothing, what was there is still found, and after a deletion elsewhere writing goes on.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("needs the right to mount a small file system: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
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
