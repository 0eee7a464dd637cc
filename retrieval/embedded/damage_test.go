package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

func plain(id, text string, vector []float32) retrieval.Entry {
	return retrieval.Entry{
		ID: id, DocID: "d", Title: "越州市", Text: text, Vector: vector,
		Attributes: kb.Attributes{Tenant: kb.DefaultTenant, Access: kb.AccessPublic},
	}
}

var plainScope = kb.Scope{Tenant: kb.DefaultTenant, Access: []kb.Access{kb.AccessPublic}}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// small makes an index with a checkpoint and further changes behind it.
func small(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	x := mustOpen(t, dir, &Options{Stamp: stamp(2)})
	must(t, x.Put(t.Context(), []retrieval.Entry{
		plain("a", "身份证", []float32{1, 0}), plain("b", "居住证", []float32{0, 1}), plain("c", "社保卡", nil),
	}))
	x.checkpoint()
	must(t, x.Delete(t.Context(), []string{"a"}))
	must(t, x.Put(t.Context(), []retrieval.Entry{plain("d", "居住证 补办", []float32{1, 1})}))
	must(t, x.journal.Close()) // no checkpoint at the end: as after a crash
	must(t, x.unlock())
	return dir
}

// contents searches a folder in both ways.
func contents(t *testing.T, dir string) (retrieval.Candidates, error) {
	x, err := Open(dir, &Options{Stamp: stamp(2)})
	if err != nil {
		return retrieval.Candidates{}, err
	}
	defer x.unlock()
	defer x.journal.Close()
	return x.Search(t.Context(), retrieval.Request{Text: "居住证", Vector: []float32{1, 0}, Scope: plainScope, Limit: 9})
}

// TestDamage damages every file in many ways: the index gives the right results or says that it is
// damaged or foreign.
func TestDamage(t *testing.T) {
	whole := small(t)
	want, err := contents(t, whole)
	must(t, err)
	r := rand.New(rand.NewPCG(1, 1))
	var files []string
	must(t, filepath.WalkDir(whole, func(path string, d fs.DirEntry, err error) error {
		if !d.IsDir() && d.Name() != lockName {
			name, _ := filepath.Rel(whole, path)
			files = append(files, name)
		}
		return err
	}))
	if len(files) != 4 {
		t.Fatalf("files %v, want 4", files)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			for range 60 {
				dir := t.TempDir()
				must(t, os.CopyFS(dir, os.DirFS(whole)))
				damage(t, filepath.Join(dir, name), r)
				got, err := contents(t, dir)
				if errors.Is(err, retrieval.ErrCorrupt) || errors.Is(err, retrieval.ErrStamp) {
					continue
				}
				if d := cmp.Diff(want, got); d != "" || err != nil {
					t.Fatalf("%v %s", err, d)
				}
			}
		})
	}
}

// damage flips bits, cuts, removes or doubles a file.
func damage(t *testing.T, path string, r *rand.Rand) {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	switch r.IntN(10) {
	case 0:
		must(t, os.Remove(path))
		return
	case 1, 2:
		b = b[:r.IntN(len(b))]
	case 3:
		b = slices.Concat(b, b)
	default:
		b[r.IntN(len(b))] ^= 1 << r.IntN(8)
	}
	must(t, os.WriteFile(path, b, 0o600))
}

func TestStampAndLock(t *testing.T) {
	dir := small(t)
	other := stamp(2)
	other.Segmenter = "another"
	for name, s := range map[string]retrieval.Stamp{"segmenter": other, "dimension": stamp(3)} {
		if _, err := Open(dir, &Options{Stamp: s}); !errors.Is(err, retrieval.ErrStamp) {
			t.Errorf("other %s: %v", name, err)
		}
	}
	x := mustOpen(t, dir, nil)
	if stats, err := x.Stats(t.Context()); err != nil || stats != (retrieval.Stats{Stamp: stamp(2), Passages: 3, Vectors: 2}) {
		t.Errorf("%+v, %v", stats, err)
	}
	if _, err := Open(dir, nil); !errors.Is(err, kb.ErrLocked) {
		t.Errorf("second writer: %v", err)
	}
	must(t, x.Close())
	must(t, x.Close())
	if _, err := x.Search(t.Context(), retrieval.Request{Limit: 1}); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("search after close: %v", err)
	}
	if err := x.Put(t.Context(), nil); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("put after close: %v", err)
	}
	must(t, mustOpen(t, dir, nil).Close())
	if _, err := Open(filepath.Join(dir, "nothing"), &Options{ReadOnly: true}); !errors.Is(err, kb.ErrNotFound) {
		t.Errorf("nothing to read: %v", err)
	}
}

// TestReadOnly reads beside a writer that changes, compacts and goes on.
func TestReadOnly(t *testing.T) {
	dir := small(t)
	writer := mustOpen(t, dir, &Options{Stamp: stamp(2)})
	defer writer.Close()
	reader := mustOpen(t, dir, &Options{ReadOnly: true})
	defer reader.Close()
	ask := retrieval.Request{Text: "居住证", Vector: []float32{1, 0}, Scope: plainScope, Limit: 9}
	before, err := reader.Search(t.Context(), ask)
	must(t, err)
	must(t, writer.Put(t.Context(), []retrieval.Entry{plain("new", "居住证", []float32{1, 0})}))
	must(t, writer.Delete(t.Context(), []string{"b"}))
	writer.compact(t.Context())
	after, err := reader.Search(t.Context(), ask)
	if d := cmp.Diff(before, after); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	if err := reader.Put(t.Context(), []retrieval.Entry{plain("x", "", nil)}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("put: %v", err)
	}
	late := mustOpen(t, dir, &Options{ReadOnly: true})
	defer late.Close()
	want, err := writer.Search(t.Context(), ask)
	must(t, err)
	got, err := late.Search(t.Context(), ask)
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
}

// TestCompaction checks that what is due is done by itself, and that nothing changes by it.
func TestCompaction(t *testing.T) {
	x := mustOpen(t, t.TempDir(), &Options{Stamp: stamp(2)})
	defer x.Close()
	for round := range 4 {
		var batch []retrieval.Entry
		for i := range compactDead {
			batch = append(batch, plain(fmt.Sprint(i), fmt.Sprintf("round%dx", round), []float32{1, float32(i)}))
		}
		must(t, x.Put(t.Context(), batch))
		for old := range round + 1 {
			found, err := x.Search(t.Context(), retrieval.Request{Text: fmt.Sprintf("round%dx", old), Scope: plainScope, Limit: 10 * compactDead})
			must(t, err)
			if want := map[bool]int{true: compactDead}[old == round]; len(found.Lexical) != want {
				t.Errorf("round %d: %d found of round %d, want %d", round, len(found.Lexical), old, want)
			}
		}
	}
	if x.generation < 2 || x.state.table.dead() > compactDead {
		t.Errorf("generation %d, %d dead", x.generation, x.state.table.dead())
	}
}

// TestDamageMetByCalls damages the journal behind an open index. Whatever call meets that keeps it in mind,
// and later calls fail.
func TestDamageMetByCalls(t *testing.T) {
	for name, meet := range map[string]func(*Index){
		"search":     func(x *Index) { search(t, x) },
		"vectors":    func(x *Index) { x.Vectors(t.Context(), []string{"b"}) },
		"compaction": func(x *Index) { x.compact(t.Context()) },
	} {
		x := mustOpen(t, t.TempDir(), &Options{Stamp: stamp(2)})
		must(t, x.Put(t.Context(), []retrieval.Entry{plain("a", "身份证", []float32{1, 0}), plain("b", "居住证", []float32{0, 1})}))
		if err := x.Damage(); err != nil {
			t.Errorf("%s: damage of what is whole: %v", name, err)
		}
		must(t, os.Truncate(filepath.Join(x.folder(), "log"), 100))
		meet(x)
		if err := x.Damage(); !errors.Is(err, retrieval.ErrCorrupt) {
			t.Errorf("%s: damage %v, want %v", name, err, retrieval.ErrCorrupt)
		}
		if err := x.Put(t.Context(), []retrieval.Entry{plain("c", "社保卡", nil)}); !errors.Is(err, retrieval.ErrCorrupt) {
			t.Errorf("%s: put: %v, want %v", name, err, retrieval.ErrCorrupt)
		}
		must(t, x.Close())
	}
}

func search(t *testing.T, x *Index) {
	x.Search(t.Context(), retrieval.Request{Vector: []float32{1, 0}, Scope: plainScope, Limit: 9})
}
