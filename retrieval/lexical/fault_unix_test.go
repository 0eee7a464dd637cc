//go:build unix

package lexical

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// TestFault searches an index whose file loses its pages. Other searches are none the worse for what
// the one that fails has left in its working memory.
func TestFault(t *testing.T) {
	docs := corpus(1, 5000, 1000)
	sound, damaged := build(t, docs), build(t, docs)
	questions := [][]string{{"t1"}, {"t120"}, {"t200"}} // in sets of bits, in differences
	var want [][]Match
	for _, q := range questions {
		want = append(want, sound.Search(question(q...), nil, 10))
	}
	damaged.lengths = lost(t, damaged.lengths)
	for i, q := range questions {
		if !faults(func() { damaged.Search(question(q...), nil, 10) }) {
			t.Fatal("searched lengths that are gone")
		}
		for range 8 {
			if d := cmp.Diff(want[i], sound.Search(question(q...), nil, 10)); d != "" {
				t.Fatal(d)
			}
		}
	}
}

// lost returns a mapping of bytes whose file is cut to half.
func lost(t *testing.T, b []byte) []byte {
	f, err := os.Create(filepath.Join(t.TempDir(), "lengths"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(b); err != nil {
		t.Fatal(err)
	}
	data, err := unix.Mmap(int(f.Fd()), 0, len(b), unix.PROT_READ, unix.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Munmap(data) })
	if err := f.Truncate(int64(len(b) / 2)); err != nil {
		t.Fatal(err)
	}
	return data
}

// faults reports whether f meets memory that cannot be read.
func faults(f func()) (fault bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		r := recover()
		_, fault = r.(interface{ Addr() uintptr })
		if r != nil && !fault {
			panic(fmt.Sprint("not a fault: ", r))
		}
	}()
	f()
	return false
}
