//go:build linux

package powercut

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestCut checks that the disk keeps what was synchronised and forgets the rest.
func TestCut(t *testing.T) {
	d := New(t, 32)
	for round := range 3 {
		synced, held := filepath.Join(d.Dir(), "synced"), filepath.Join(d.Dir(), "held back")
		content := bytes.Repeat([]byte{byte('a' + round)}, 100_000)
		write(t, synced, content, true)
		write(t, held, content, false)
		d.Cut()
		if got, err := os.ReadFile(synced); err != nil || !bytes.Equal(got, content) {
			t.Errorf("round %d, synchronised: %d bytes, %v", round, len(got), err)
		}
		if _, err := os.Stat(held); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("round %d, not synchronised: %v, want %v", round, err, fs.ErrNotExist)
		}
	}
}

func write(t *testing.T, path string, content []byte, sync bool) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(content); err != nil {
		t.Fatal(err)
	}
	if !sync {
		return
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil {
		t.Fatal(err)
	}
}
