package catalog_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"xiaoyue/kb"
	"xiaoyue/kb/catalog"
)

// smallDisk mounts a disk of 4 MiB.
func smallDisk(t *testing.T) string {
	t.Helper()
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=4m"); err != nil {
		if os.Getenv("CI") != "" && !testing.Short() {
			t.Fatalf("mounting a small disk: %v", err)
		}
		t.Skipf("mounting a small disk needs root: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return disk
}

// TestFullDisk fills a small disk: the catalog says so, keeps what it acknowledged, and goes on
// when there is room again.
func TestFullDisk(t *testing.T) {
	disk := smallDisk(t)
	ballast := filepath.Join(disk, "ballast")
	if err := os.WriteFile(ballast, bytes.Repeat([]byte("x"), 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	f := openFixture(t, catalog.Options{Dir: filepath.Join(disk, "data")})
	put := 0
	for ; put < 1000; put++ {
		d, passages := crashDocument(put, 1)
		_, _, err := f.PutDocument(t.Context(), d, passages)
		if err == nil {
			continue
		}
		wantError(t, err, kb.ErrFull)
		break
	}
	if put == 0 || put == 1000 {
		t.Fatalf("the disk was full after %d documents", put)
	}
	keys, err := f.Keys(t.Context(), tenant, "test")
	if err != nil || len(keys) != put {
		t.Errorf("%d documents of %d, %v", len(keys), put, err)
	}
	fill(t, filepath.Join(disk, "rest"))
	_, err = catalog.Open(t.Context(), catalog.Options{Dir: filepath.Join(disk, "another")})
	wantError(t, err, kb.ErrFull)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	d, passages := crashDocument(put, 1)
	f.put(t, d, passages)
	if err := f.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestLoadOnFullDisk loads what does not fit: it says so and leaves the room as it was.
func TestLoadOnFullDisk(t *testing.T) {
	f := openFixture(t, catalog.Options{Dir: t.TempDir()})
	for n := range 400 {
		d, passages := crashDocument(n, 2)
		f.put(t, d, passages)
	}
	place := catalog.Options{Dir: filepath.Join(smallDisk(t), "data")}
	large := dump(t, f.Catalog, true)
	_, err := catalog.Load(t.Context(), place, large.Schema, large.tables())
	wantError(t, err, kb.ErrFull)
	small := openFixture(t, catalog.Options{Dir: t.TempDir()})
	small.settle(t)
	load(t, place, dump(t, small.Catalog, true))
}

// fill takes what is left of a disk.
func fill(t *testing.T, path string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for err == nil {
		_, err = file.Write(make([]byte, 4096))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}
