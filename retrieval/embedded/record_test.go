package embedded

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/segment"
)

// FuzzRecord decodes arbitrary bytes: no panic, and whatever is a put can be applied to a state.
func FuzzRecord(f *testing.F) {
	e := plain("a", "居住证 补办", []float32{1, 2})
	e.Audience, e.Validity.From = []string{"企业", "个人"}, kb.MustDate("2025-03-01")
	b, err := encodePut(&e, 2)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(encodeDelete("a"))
	words, err := segment.New(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decode(b, 2)
		if err != nil || len(b) > 1<<12 {
			return
		}
		s := newState(&config{stamp: stamp(2), segmenter: words})
		if err := s.apply(&r, 0, len(b), nil); err == nil && !r.remove {
			s.table.admitted(plainScope)
		}
	})
}

// FuzzCheckpoint writes arbitrary bytes over the sections of a checkpoint: whatever is called before
// the inspection finds the damage gives a result or an error.
func FuzzCheckpoint(f *testing.F) {
	dir := f.TempDir()
	x := mustOpen(f, dir, &Options{Stamp: stamp(2)})
	must(f, x.Put(f.Context(), []retrieval.Entry{
		plain("a", "身份证", []float32{1, 0}), plain("b", "居住证", []float32{0, 1}), plain("c", "社保卡", nil),
	}))
	x.checkpoint()
	must(f, x.Delete(f.Context(), []string{"a"}))
	must(f, x.Close())
	path := filepath.Join(dir, "g000001", checkpointName)
	whole, err := os.ReadFile(path)
	must(f, err)
	for at := 0; at < len(whole)-headSize; at += page / 4 {
		f.Add(uint32(at), []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})
	}
	f.Fuzz(func(t *testing.T, at uint32, b []byte) {
		damaged := slices.Clone(whole)
		copy(damaged[headSize+int(at)%(len(damaged)-headSize):], b)
		must(t, os.WriteFile(path, damaged, 0o600))
		c, err := newConfig(&Options{Stamp: stamp(2)})
		must(t, err)
		c.inspectAtOnce = 0
		r, err := replay(t.Context(), filepath.Dir(path), c, true, true)
		if err != nil {
			return
		}
		x := &Index{config: c, journal: r.journal, state: r.state, readOnly: true}
		x.inspection.Store(&inspection{done: make(chan struct{})}) // never done
		defer func() { must(t, r.close()) }()
		x.Search(t.Context(), retrieval.Request{Text: "居住证", Vector: []float32{1, 0}, Scope: plainScope, Limit: 9})
		x.Vectors(t.Context(), []string{"a", "b", "c"})
		x.Unembedded(t.Context(), 2)
		x.guard(func() error {
			changes, err := x.changes(t.Context(), [][]byte{encodeDelete("b"), encodeDelete("c")})
			for i := range changes {
				err = errors.Join(err, x.state.apply(&changes[i].record, 0, 0, nil))
			}
			return err
		})
	})
}

func TestRecord(t *testing.T) {
	e := plain("a", "文本", []float32{3, 4})
	e.Region, e.Zone, e.Audience = "339902", "镜湖新区", []string{"企业", ""}
	e.Validity = kb.Validity{From: kb.MustDate("2025-03-01")}
	b, err := encodePut(&e, 2)
	must(t, err)
	r, err := decode(b, 2)
	must(t, err)
	a, err := decodeKind(r.kind)
	must(t, err)
	got := retrieval.Entry{
		ID: string(r.id), DocID: string(r.doc), Title: string(r.title), Text: string(r.text),
		Vector: make([]float32, 2), Attributes: a,
	}
	readVector(got.Vector, r.vector)
	want := e
	want.Vector, want.Validity = []float32{.6, .8}, kb.Validity{}
	if d := cmp.Diff(want, got, cmp.Comparer(func(a, b kb.Date) bool { return a == b })); d != "" {
		t.Error(d)
	}
	if r.from != 20250301 || r.until != math.MaxUint32 {
		t.Errorf("from %d until %d", r.from, r.until)
	}
}

// TestOpeningWithoutCheckpoint compares what a checkpoint gives with what the whole journal gives.
func TestOpeningWithoutCheckpoint(t *testing.T) {
	dir := small(t)
	with, err := contents(t, dir)
	must(t, err)
	must(t, os.Remove(filepath.Join(dir, "g000001", checkpointName)))
	without, err := contents(t, dir)
	must(t, err)
	if d := cmp.Diff(with.Dense, without.Dense); d != "" {
		t.Error(d)
	}
	if len(without.Lexical) != 2 || len(with.Lexical) != 2 || with.Lexical[0].ID != without.Lexical[0].ID {
		t.Errorf("%v, %v", with.Lexical, without.Lexical)
	}
}
