package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/kb"
)

// sample is what the tests write: the records by part.
func sample() map[string][][]byte {
	noise := make([]byte, 3000)
	source := rand.NewChaCha8([32]byte{})
	_, _ = source.Read(noise)
	return map[string][][]byte{
		"catalog/documents": {[]byte(`["越州",1]`), {}, []byte("\r"), bytes.Repeat([]byte("越"), 5000)},
		"catalog/empty":     nil,
		"index/0123456789":  {noise, {}, []byte("\n\x00")},
	}
}

func kindOf(part string) Kind {
	if strings.HasPrefix(part, "index") {
		return Blocks
	}
	return Lines
}

// put writes the sample's parts in the order of their names.
func put(w *Writer, parts map[string][][]byte) error {
	for _, name := range []string{"catalog/documents", "catalog/empty", "index/0123456789"} {
		if err := w.Begin(name, kindOf(name), map[string]int{"n": len(parts[name])}); err != nil {
			return err
		}
		for _, r := range parts[name] {
			if err := w.Put(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// written makes a file of the sample.
func written(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "b.tar")
	w, err := Create(path, &Options{Program: "test", Now: func() time.Time { return time.Unix(1e9, 0) }})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := put(w, sample()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(t.Context(), "all"); err != nil {
		t.Fatal(err)
	}
	return path
}

func all(t testing.TB, r *Reader, part string) [][]byte {
	t.Helper()
	var records [][]byte
	for b, err := range r.Records(t.Context(), part) {
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, bytes.Clone(b))
	}
	return records
}

func TestWrittenIsRead(t *testing.T) {
	path := written(t)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	r, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for name, want := range sample() {
		got := all(t, r, name)
		if diff := cmp.Diff(want, got, cmp.Comparer(bytes.Equal)); diff != "" {
			t.Errorf("part %s -want +got:\n%.500s", name, diff)
		}
		if p, ok := r.Manifest().Part(name); !ok || p.Records != int64(len(want)) {
			t.Errorf("part %s: %+v", name, p)
		}
	}
	for _, err := range r.Records(t.Context(), "catalog/none") {
		if !errors.Is(err, kb.ErrNotFound) {
			t.Errorf("a part that is not there: %v", err)
		}
	}
	if m := r.Manifest(); m.Program != "test" || string(m.About) != `"all"` || !m.CreatedAt.Equal(time.Unix(1e9, 0)) {
		t.Errorf("manifest %+v", m)
	}
}

// TestManyMembers writes more than one member a part, and text that shrinks like a trap.
func TestManyMembers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "b.tar")
	w, err := Create(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	record := bytes.Repeat([]byte("x"), chunkBytes/3+1)
	for _, part := range []string{"catalog/a", "index/b"} {
		if err := w.Begin(part, kindOf(part), nil); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			if err := w.Put(record); err != nil {
				t.Fatal(err)
			}
		}
	}
	m, err := w.Commit(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, p := range m.Parts {
		if got := all(t, r, p.Name); len(p.Members) != 3 || len(got) != 5 || !bytes.Equal(got[4], record) {
			t.Errorf("part %s: %d members, %d records", p.Name, len(p.Members), len(got))
		}
	}
}

func TestNames(t *testing.T) {
	path := written(t)
	before, _ := os.ReadFile(path)
	if _, err := Create(path, nil); !errors.Is(err, ErrExists) {
		t.Errorf("a file of that name: %v", err)
	}
	w, err := Create(path, &Options{Overwrite: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Create(path, &Options{Overwrite: true}); !errors.Is(err, ErrExists) {
		t.Errorf("two at once: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Errorf("what was given up replaced the file: %v", err)
	}
	if _, err := os.Stat(path + ".part"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was given up is still there: %v", err)
	}
	if w, err = Create(path, &Options{Overwrite: true}); err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := w.Commit(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.ReadFile(path); bytes.Equal(before, after) {
		t.Error("the file was not replaced")
	}
}

func TestWriterRefuses(t *testing.T) {
	for name, misuse := range map[string]func(w *Writer) error{
		"a record before a part": func(w *Writer) error { return w.Put(nil) },
		"a path for a part":      func(w *Writer) error { return w.Begin("../a", Lines, nil) },
		"a part twice":           func(w *Writer) error { return errors.Join(w.Begin("a", Lines, nil), w.Begin("a", Lines, nil)) },
		"a line break":           func(w *Writer) error { return errors.Join(w.Begin("a", Lines, nil), w.Put([]byte("\n"))) },
		"too long a record":      func(w *Writer) error { return errors.Join(w.Begin("a", Blocks, nil), w.Put(make([]byte, maxRecord+1))) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "b.tar")
			w, err := Create(path, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			if err := misuse(w); !errors.Is(err, kb.ErrInvalid) {
				t.Errorf("error %v", err)
			}
			if _, err := w.Commit(t.Context(), nil); err == nil {
				t.Error("a file with a hole was committed")
			}
			if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("it has its name: %v", err)
			}
		})
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, written(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// TestChangedAfterOpening changes a byte behind a reader's back.
func TestChangedAfterOpening(t *testing.T) {
	path := written(t)
	r, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	content, _ := os.ReadFile(path)
	content[r.offsets["catalog/documents/000000.jsonl.gz"]+20] ^= 1
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, err := range r.Records(t.Context(), "catalog/documents") {
		if !errors.Is(err, ErrDamaged) || !strings.Contains(fmt.Sprint(err), "catalog/documents/000000") {
			t.Errorf("error %v", err)
		}
	}
}
