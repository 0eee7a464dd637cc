package embedded

import (
	"math"
	"os"
	"path/filepath"
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

// FuzzCheckpoint reads arbitrary bytes as the table of a checkpoint.
func FuzzCheckpoint(f *testing.F) {
	t := newTable()
	kind, err := t.kindOf(encodeKind(kb.Attributes{Tenant: "t", Audience: []string{"企业"}}))
	if err != nil {
		f.Fatal(err)
	}
	t.add(row{id: "a", doc: "d", at: 40, size: 9}, mark{kind, 20250301, openEnd})
	t.add(row{id: "b", doc: "d", at: 90, size: 9}, mark{kind, 0, openEnd})
	t.remove(0)
	f.Add(t.append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		d := decoder{data: b}
		got := d.table()
		if d.bad {
			return
		}
		got.admitted(plainScope)
		second := decoder{data: got.append(nil)}
		if again := second.table(); second.done() != nil || len(again.rows) != len(got.rows) {
			t.Errorf("%d rows became %d", len(got.rows), len(again.rows))
		}
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
