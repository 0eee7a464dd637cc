package pgvector

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// TestFullDisk fills the small disk of a server: the store says so, keeps what it acknowledged, and goes
// on when there is room again.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	p := startPostmaster(t)
	disk := filepath.Join(p.folder, "small")
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=24m"); err != nil {
		if os.Getenv("CI") != "" && !testing.Short() {
			t.Fatalf("mounting a small disk: %v", err)
		}
		t.Skipf("mounting a small disk needs root: %v", err)
	}
	t.Cleanup(func() {
		p.kill()
		if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	ballast, space := filepath.Join(disk, "ballast"), filepath.Join(disk, "space")
	if err := os.WriteFile(ballast, bytes.Repeat([]byte("x"), 8<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(space, 0o700); err != nil {
		t.Fatal(err)
	}
	if p.as != nil {
		for _, path := range []string{disk, space} {
			if err := os.Chown(path, int(p.as.Uid), int(p.as.Gid)); err != nil {
				t.Fatal(err)
			}
		}
	}
	extend(t, p.dsn())
	execute(t, p.dsn(), "create tablespace small location '"+space+"'", "create database small tablespace small")
	s := openStore(t, Options{DSN: fmt.Sprintf("postgres://postgres@127.0.0.1:%d/small?sslmode=disable", p.port)})
	v := create(t, s, 0)
	put := 0
	for ; put < 200; put++ {
		if err := v.Put(t.Context(), manyWords(put)); err != nil {
			if !errors.Is(err, kb.ErrFull) {
				t.Fatalf("batch %d: %v, want %v", put, err, kb.ErrFull)
			}
			break
		}
	}
	if put == 0 || put == 200 {
		t.Fatalf("the disk was full after %d batches", put)
	}
	stats, err := v.Stats(t.Context())
	if err != nil || stats.Passages != put*len(manyWords(0)) {
		t.Errorf("%d passages after %d batches, %v", stats.Passages, put, err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := v.Put(t.Context(), manyWords(put)); err != nil {
		t.Error(err)
	}
}

// manyWords is a batch of passages without a common word.
func manyWords(n int) []retrieval.Entry {
	var batch []retrieval.Entry
	for i := range 50 {
		text := ""
		for word := range 60 {
			text += fmt.Sprintf("w%dq%dq%dq ", n, i, word)
		}
		batch = append(batch, public(fmt.Sprintf("%d-%d", n, i), "", text))
	}
	return batch
}
