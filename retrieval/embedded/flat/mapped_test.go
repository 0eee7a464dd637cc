package flat

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
)

// aligned returns a copy that begins at a multiple of 64 bytes.
func aligned(data []byte) []byte {
	room := make([]byte, len(data)+section)
	at := int(-uintptr(unsafe.Pointer(&room[0])) % section)
	return room[at : at+copy(room[at:], data) : at+len(data)]
}

func written(t *testing.T, c *Codes) []byte {
	t.Helper()
	var out bytes.Buffer
	if n, err := c.WriteTo(&out); err != nil || n != int64(out.Len()) || n%section != 0 {
		t.Fatalf("wrote %d of %d bytes, %v", n, out.Len(), err)
	}
	return aligned(out.Bytes())
}

// all returns what a set answers when asked for everything.
func all(t *testing.T, c *Codes, query []float32) []Candidate {
	t.Helper()
	found, err := c.Nearest(t.Context(), query, c.Rows()+1, nil, bySlot)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(found, func(a, b Candidate) int { return int(a.Slot) - int(b.Slot) })
	return found
}

// TestMap compares a mapped set with the one that was written, then changes both alike.
func TestMap(t *testing.T) {
	for _, dimension := range []int{1, 100} {
		for _, rows := range []int{0, 1, 63, 64, 65, 1000, slabRows, slabRows + 1, 2*slabRows + 700} {
			r := rand.New(rand.NewPCG(6, uint64(rows)))
			c, query := New(dimension), random(r, dimension)
			for slot := range uint32(rows) {
				if slot%5 > 0 || slot == uint32(rows)-1 {
					c.Set(slot, random(r, dimension))
				}
			}
			m, err := Map(written(t, c))
			if err != nil {
				t.Fatal(err)
			}
			for round := range 2 {
				if d := cmp.Diff(all(t, c, query), all(t, m, query)); d != "" || m.Rows() != c.Rows() {
					t.Fatalf("dimension %d, %d rows, round %d: %d rows mapped (-kept +mapped):\n%s", dimension, rows, round, m.Rows(), d)
				}
				if !bytes.Equal(written(t, c), written(t, m)) {
					t.Fatalf("dimension %d, %d rows, round %d: written again: other bytes", dimension, rows, round)
				}
				change(r, c, m)
			}
		}
	}
}

// change sets and clears slots of two sets alike, inside of what they have and beyond.
func change(r *rand.Rand, a, b *Codes) {
	limit := uint32(a.Rows() + a.Rows()/4 + 2)
	for range 500 {
		slot, v := r.Uint32N(limit), random(r, a.dimension)
		for _, c := range []*Codes{a, b} {
			if slot%3 == 0 {
				c.Clear(slot)
			} else {
				c.Set(slot, v)
			}
		}
	}
}

func TestMapDamaged(t *testing.T) {
	c := New(8)
	c.Set(70, random(rand.New(rand.NewPCG(7, 7)), 8))
	good := written(t, c)
	damaged := map[string][]byte{
		"nothing": {}, "cut": aligned(good[:len(good)-1]), "head alone": aligned(good[:section]),
		"more": aligned(append(slices.Clone(good), make([]byte, section)...)), "unaligned": aligned(append([]byte{0}, good...))[1:],
	}
	for name, at := range map[string]int{"magic": 0, "format": 4, "dimension": 8, "rows": 14} {
		damaged[name] = aligned(good)
		damaged[name][at] ^= 0x80
	}
	for name, data := range damaged {
		t.Run(name, func(t *testing.T) {
			if _, err := Map(data); err == nil {
				t.Error("mapped")
			}
		})
	}
}

func TestWriteToFullDisk(t *testing.T) {
	c := New(8)
	c.Set(1, random(rand.New(rand.NewPCG(8, 8)), 8))
	room, w := io.Pipe()
	room.CloseWithError(io.ErrShortWrite)
	if _, err := c.WriteTo(w); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("error is %v", err)
	}
}

// FuzzMap maps anything: an error, or a set that answers with slots of its own and can be changed.
func FuzzMap(f *testing.F) {
	r := rand.New(rand.NewPCG(9, 9))
	for _, rows := range []uint32{0, 3, 200} {
		c := New(20)
		for slot := range rows {
			c.Set(slot, random(r, 20))
		}
		var out bytes.Buffer
		c.WriteTo(&out)
		f.Add(out.Bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Map(aligned(data))
		if err != nil {
			return
		}
		for _, m := range all(t, c, random(r, c.dimension)) {
			if int(m.Slot) >= c.Rows() || !c.Has(m.Slot) {
				t.Fatalf("slot %d of %d", m.Slot, c.Rows())
			}
		}
		change(r, c, New(c.dimension))
	})
}
