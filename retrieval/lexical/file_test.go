package lexical

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestMapChecksSections(t *testing.T) {
	data := encoded(t)
	for _, i := range []int{1, 10, 40, trailerSize - 1} {
		bad := slices.Clone(data)
		bad[len(bad)-i] ^= 0x10
		if _, err := Map(bad, nil); !errors.Is(err, ErrCorrupt) {
			t.Errorf("byte %d from the end flipped: %v", i, err)
		}
	}
	for _, n := range []int{0, 8, trailerSize, len(data) - 8} {
		if _, err := Map(data[len(data)-n:], nil); !errors.Is(err, ErrCorrupt) {
			t.Errorf("the last %d bytes: %v", n, err)
		}
	}
}

func TestMappedIndexGrows(t *testing.T) {
	x := build(t, corpus(3, 1500, 200))
	x.Remove(7)
	y := remap(t, x, nil)
	y = remap(t, y, nil)
	for _, i := range []*Index{x, y} {
		if err := i.Add(2000, []string{"t1", "t5", "new"}); err != nil {
			t.Fatal(err)
		}
		i.Remove(9)
	}
	if x.Stats() != y.Stats() {
		t.Errorf("stats %+v, want %+v", y.Stats(), x.Stats())
	}
	var a, b bytes.Buffer
	for i, w := range map[*Index]io.Writer{x: &a, y: &b} {
		if _, err := i.WriteTo(w); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("an index and its mapped twin write different files")
	}
}

func TestWriteFails(t *testing.T) {
	x := build(t, corpus(3, 300, 200))
	want := errors.New("full")
	if _, err := x.WriteTo(failing{want}); !errors.Is(err, want) {
		t.Errorf("writing to a full disk: %v", err)
	}
}

type failing struct{ error }

func (f failing) Write([]byte) (int, error) { return 0, f.error }

func encoded(t testing.TB) []byte {
	x := build(t, corpus(4, 700, 60))
	x.Remove(3)
	var b bytes.Buffer
	if _, err := x.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// use calls everything that reads mapped bytes.
func use(t testing.TB, data []byte) {
	y, err := Map(data, nil)
	if err != nil {
		return
	}
	half := slices.Repeat([]uint64{0x5555555555555555}, y.slots()/64+1)
	for _, q := range [][]string{{"t0", "t1", "t2", "t3"}, {"t0"}, {"t50", "t9", "t20"}} {
		y.Search(question(q...), nil, 10)
		y.Search(question(q...), half, 3)
		y.Search(question(q...), []uint64{0xff}, 20)
		y.Frequencies(q)
	}
	for i := range uint32(130) {
		if err := y.Add(uint32(y.slots()), []string{"t0", "t1", "t50", "t9"}); err != nil {
			t.Fatal(err)
		}
		y.Remove(i)
	}
	y.Search(question("t0", "t1", "t50"), nil, 500)
	if _, err := y.WriteTo(io.Discard); err != nil && !errors.Is(err, ErrCorrupt) {
		t.Fatal(err)
	}
}

// TestDamageIsHarmless flips bytes all over the file.
func TestDamageIsHarmless(t *testing.T) {
	data := encoded(t)
	r := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		bad := slices.Clone(data)
		for range 1 + r.IntN(8) {
			bad[r.IntN(len(bad)-trailerSize)] = []byte{0, 0xff, byte(r.Uint32())}[r.IntN(3)]
		}
		use(t, bad)
	}
}

func FuzzMap(f *testing.F) {
	data := encoded(f)
	f.Add(data, uint32(0), uint64(0))
	f.Add(data, uint32(100), uint64(0xffffffffffffffff))
	f.Fuzz(func(t *testing.T, data []byte, at uint32, value uint64) {
		data = slices.Clone(data)
		if int(at)+8 <= len(data) {
			binary.LittleEndian.PutUint64(data[at:], value)
		}
		use(t, reseal(data))
	})
}

// reseal gives a changed trailer a right checksum, so that fuzzing reaches what lies behind it.
func reseal(data []byte) []byte {
	if len(data) >= trailerSize {
		end := len(data) - 4
		sum := crc32.Checksum(data[len(data)-trailerSize:end], castagnoli())
		binary.LittleEndian.PutUint32(data[end:], sum)
	}
	return data
}
