package journal

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/kb"
)

// read opens a journal and returns what its records say.
func read(folder string, readOnly bool) (*Journal, []string, error) {
	j, err := Open(folder, readOnly)
	if err != nil {
		return nil, nil, err
	}
	var all []string
	err = j.Replay(0, func(r Record) error {
		all = append(all, string(r.Data))
		return nil
	})
	if err != nil {
		return nil, nil, errors.Join(err, j.Close())
	}
	return j, all, nil
}

func batch(words ...string) [][]byte {
	var b [][]byte
	for _, w := range words {
		b = append(b, []byte(w))
	}
	return b
}

// written makes a journal of three batches in a new folder.
func written(t testing.TB) (folder string, want []string) {
	t.Helper()
	folder = t.TempDir()
	j, err := Create(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	for _, b := range [][]string{{"one"}, {"two", "", "越州市"}, {"four", "five"}} {
		offsets, err := j.Append(t.Context(), batch(b...))
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range b {
			if got, err := j.Record(offsets[i], len(w)); err != nil || string(got) != w {
				t.Fatalf("record %q: read back %q, %v", w, got, err)
			}
		}
		want = append(want, b...)
	}
	return folder, want
}

func TestReopen(t *testing.T) {
	folder, want := written(t)
	for _, readOnly := range []bool{true, false, true} {
		j, got, err := read(folder, readOnly)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("read only %v: %s", readOnly, d)
		}
		if _, err := j.Append(t.Context(), batch("six")); (err != nil) != readOnly {
			t.Errorf("append, read only %v: %v", readOnly, err)
		}
		if !readOnly {
			want = append(want, "six")
		}
		j.Close()
	}
}

func TestFailedAppendLeavesNothing(t *testing.T) {
	folder, want := written(t)
	j, _, err := read(folder, false)
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := j.Append(ended, batch("no")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := j.Append(t.Context(), [][]byte{[]byte("no"), make([]byte, MaxRecord+1)}); !errors.Is(err, kb.ErrInvalid) {
		t.Errorf("too large: %v", err)
	}
	if _, err := j.Append(t.Context(), batch("six")); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	j.Close()
	_, got, err := read(folder, true)
	if d := cmp.Diff(append(want, "six"), got); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
}

// TestTornEnd writes beginnings of a further batch behind the acknowledged end, as a crash leaves them.
func TestTornEnd(t *testing.T) {
	frame1, frame2 := newFrame([]byte("six"), false), newFrame([]byte("seven"), true)
	tail := slices.Concat(frame1[:], []byte("six"), frame2[:], []byte("seven"))
	for cut := range len(tail) + 1 {
		folder, want := written(t)
		appendTo(t, folder, tail[:cut])
		if cut == len(tail) {
			want = append(want, "six", "seven")
		}
		j, got, err := read(folder, false)
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Fatalf("torn after %d bytes: %v %s", cut, err, d)
		}
		if _, err := j.Append(t.Context(), batch("eight")); err != nil {
			t.Fatal(err)
		}
		j.Close()
		_, got, err = read(folder, false)
		if d := cmp.Diff(append(want, "eight"), got); d != "" || err != nil {
			t.Fatalf("torn after %d bytes, appended: %v %s", cut, err, d)
		}
	}
}

func appendTo(t *testing.T, folder string, b []byte) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(folder, logName), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(b); err != nil {
		t.Fatal(err)
	}
}

// TestDamage flips every byte and cuts both files at every length: acknowledged records are read
// back or the damage is reported.
func TestDamage(t *testing.T) {
	for _, name := range []string{logName, headName} {
		folder, _ := written(t)
		whole, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		for at := range whole {
			flipped := slices.Clone(whole)
			flipped[at] ^= 0x40
			for _, content := range [][]byte{flipped, whole[:at]} {
				if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
					t.Fatal(err)
				}
				if _, got, err := read(folder, false); !errors.Is(err, ErrDamaged) {
					t.Fatalf("%s damaged at %d: read %q, %v", name, at, got, err)
				}
			}
		}
		os.Remove(filepath.Join(folder, name))
		if _, _, err := read(folder, true); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s missing: %v", name, err)
		}
	}
}

// scan reads the batches in arbitrary bytes and returns them with the length that they take.
func scan(t *testing.T, b []byte) (records []string, end int64) {
	s := scanner{r: bufio.NewReader(bytes.NewReader(b))}
	err := s.batches(func(r Record) error {
		if string(b[r.Offset:r.Offset+int64(len(r.Data))]) != string(r.Data) {
			t.Errorf("record at %d is not there", r.Offset)
		}
		records = append(records, string(r.Data))
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return records, s.end
}

// FuzzScan reads arbitrary bytes: it ends without a panic, and what it found is all that is found
// again when the rest is cut off.
func FuzzScan(f *testing.F) {
	folder, _ := written(f)
	whole, err := os.ReadFile(filepath.Join(folder, logName))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole[headerSize:])
	f.Add(whole[headerSize : len(whole)-3])
	f.Add([]byte("\x00\x00\x00\x00\xff\xff\xff\x03"))
	f.Fuzz(func(t *testing.T, b []byte) {
		first, end := scan(t, b)
		if end > int64(len(b)) {
			t.Fatalf("%d bytes of %d", end, len(b))
		}
		second, again := scan(t, b[:end])
		if d := cmp.Diff(first, second); d != "" || again != end {
			t.Errorf("end %d, then %d: %s", end, again, d)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	for _, n := range []int{1, 100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			j, err := Create(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			defer j.Close()
			records := make([][]byte, n)
			for i := range records {
				records[i] = make([]byte, 2500)
			}
			b.SetBytes(int64(n) * 2500)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := j.Append(b.Context(), records); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestMapped reads records back while the journal grows over several mapped pieces, and after opening
// it again.
func TestMapped(t *testing.T) {
	folder := t.TempDir()
	j, err := Create(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { j.Close() }()
	var offsets []int64
	record := func(i int) []byte { return bytes.Repeat([]byte{byte(i), byte(i >> 8)}, 5000+i) }
	check := func() {
		t.Helper()
		for i, at := range offsets {
			if got, err := j.Record(at, len(record(i))); err != nil || !bytes.Equal(got, record(i)) {
				t.Fatalf("record %d of %d: %d bytes, %v", i, len(offsets), len(got), err)
			}
		}
	}
	for len(offsets) < 2000 {
		at, err := j.Append(t.Context(), [][]byte{record(len(offsets)), record(len(offsets) + 1)})
		if err != nil {
			t.Fatal(err)
		}
		offsets = append(offsets, at...)
		if len(offsets)%500 == 0 {
			check()
		}
	}
	if all := j.pieces.Load(); all == nil || len(*all) < 3 {
		t.Errorf("pieces %v, want some", all)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if j, err = Open(folder, true); err != nil {
		t.Fatal(err)
	}
	if err := j.Replay(0, func(Record) error { return nil }); err != nil {
		t.Fatal(err)
	}
	check()
	if err := j.ReadAt(make([]byte, 10), offsets[len(offsets)-1]+int64(len(record(1999)))); err == nil {
		t.Error("read beyond the end")
	}
}
