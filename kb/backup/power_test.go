package backup

import (
	"path/filepath"
	"testing"

	"xiaoyue/retrieval/indextest/powercut"
)

// TestPowerCut cuts the power as soon as a file has its name.
func TestPowerCut(t *testing.T) {
	disk := powercut.New(t, 32)
	path := filepath.Join(disk.Dir(), "b.tar")
	w, err := Create(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := put(w, sample()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	disk.Cut()
	r, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}
