package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"testing"

	"xiaoyue/kb/backup"
	"xiaoyue/retrieval"
)

// FuzzVector reads records of unknown origin: what is accepted is written the same.
func FuzzVector(f *testing.F) {
	f.Add(appendVector(nil, "p1", []float32{1, -2}), 2)
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, 1)
	f.Add([]byte{}, 0)
	f.Fuzz(func(t *testing.T, record []byte, dimension int) {
		if dimension < 1 || dimension > 4096 {
			return
		}
		id, vector, err := parseVector(record, dimension)
		if err != nil {
			if !errors.Is(err, backup.ErrDamaged) {
				t.Errorf("error %v", err)
			}
			return
		}
		again := appendVector(nil, id, vector)
		if id2, vector2, err := parseVector(again, dimension); err != nil || id2 != id || !bytes.Equal(again, appendVector(nil, id2, vector2)) {
			t.Errorf("%q is read otherwise the second time: %v", id, err)
		}
	})
}

func TestPartsThatLie(t *testing.T) {
	stamp := retrieval.Stamp{Embedder: "m@1", Dimension: 3}
	honest, err := json.Marshal(stamp)
	if err != nil {
		t.Fatal(err)
	}
	huge, err := json.Marshal(retrieval.Stamp{Dimension: 1 << 40})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		part backup.Part
		want error
	}{
		{"as it should be", backup.Part{Name: indexParts + stamp.Key(), About: honest}, nil},
		{"another name", backup.Part{Name: indexParts + "0123456789", About: honest}, backup.ErrDamaged},
		{"a huge dimension", backup.Part{Name: indexParts + retrieval.Stamp{Dimension: 1 << 40}.Key(), About: huge}, backup.ErrDamaged},
		{"no stamp", backup.Part{Name: indexParts + stamp.Key(), About: json.RawMessage(`[]`)}, backup.ErrDamaged},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := stampOfPart(c.part); !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
		})
	}
}

// broken is an index that cannot be read any more.
type broken struct{ retrieval.VectorKeeper }

func (broken) Vectors(context.Context, []string) ([][]float32, error) { return nil, retrieval.ErrDown }

// TestIndexLostDuringBackup loses the index after the part of its vectors was begun: the backup is whole without.
func TestIndexLostDuringBackup(t *testing.T) {
	conf := modelFolder(t, servers{})
	from, err := conf.backedCatalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	path := filepath.Join(t.TempDir(), "b.tar")
	w, err := backup.Create(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	stamp := retrieval.Stamp{Embedder: "m@1", Dimension: 3}
	if err := w.Begin(indexParts+stamp.Key(), backup.Blocks, stamp); err != nil {
		t.Fatal(err)
	}
	unread, _ := writeVectors(t.Context(), from, broken{}, w, func(int) { t.Error("a page was reported") })
	if !errors.Is(unread, retrieval.ErrDown) {
		t.Errorf("the index is lost: %v", unread)
	}
	if err := leftOut(t.Context(), unread, terminal{nil, io.Discard, io.Discard}); err != nil {
		t.Errorf("the backup does not go on: %v", err)
	}
	if _, err := w.Commit(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	r, err := backup.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if p, ok := r.Manifest().Part(indexParts + stamp.Key()); !ok || p.Records != 0 {
		t.Errorf("part %+v, %v", p, ok)
	}
}
