package embedded

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"

	"xiaoyue/retrieval/embedded/journal"
	"xiaoyue/retrieval/lexical"
)

// A checkpoint is the table and the lexical index as they were at a position of the journal, so
// that opening segments only the texts that came later. It is a cache: without it, or where it is
// damaged, all of the journal is replayed.
//
// The file is: magic, ID of the journal, position, table, lexical index to the end, CRC-32C of all
// before. Codes of vectors are not in it, since opening reads and checks every vector anyway.
const (
	checkpointName  = "checkpoint"
	checkpointMagic = "xiaoyue checkpoint\x01"
)

// save writes the checkpoint of a state that reflects all of the journal.
func save(folder string, s *state, j *journal.Journal) error {
	stats := s.lexical.Stats()
	b := make([]byte, 0, 64*len(s.table.rows)+5*int(stats.Sum)/2+24*stats.Terms+1<<12)
	b = appendString(append(b, checkpointMagic...), j.ID())
	b = binary.AppendUvarint(b, uint64(j.Size()))
	b = s.table.append(b)
	b, err := s.lexical.AppendBinary(b)
	if err != nil {
		return fmt.Errorf("encode lexical index: %w", err)
	}
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
	return replace(folder, checkpointName, b)
}

// load reads the checkpoint into an empty state and returns the position that it reflects. None, or
// none that can be used, is position 0 and leaves the state empty; the reason is returned.
func load(folder string, s *state, id string) (position int64, reason error) {
	b, err := os.ReadFile(filepath.Join(folder, checkpointName))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	body, ok := unsealed(b)
	if !ok {
		return 0, errors.New("wrong checksum")
	}
	rest, ok := bytes.CutPrefix(body, []byte(checkpointMagic))
	if !ok {
		return 0, errors.New("wrong header")
	}
	d := decoder{data: rest}
	if d.string() != id {
		return 0, errors.New("of another journal")
	}
	position = int64(d.uint())
	t := d.table()
	if d.bad {
		return 0, errFormat
	}
	// The lists of the index stay where they were read; copying frees the table's part.
	words, err := lexical.Decode(bytes.Clone(d.data), s.config.lexical)
	if err != nil {
		return 0, err
	}
	if words.Stats().Live != len(t.slots) {
		return 0, errors.New("table and lexical index differ")
	}
	s.table, s.lexical = t, words
	return position, nil
}

// unsealed takes the checksum off the end of b and reports whether it is right.
func unsealed(b []byte) ([]byte, bool) {
	if len(b) < 4 {
		return nil, false
	}
	body, sum := b[:len(b)-4], binary.LittleEndian.Uint32(b[len(b)-4:])
	return body, crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)) == sum
}

func (t *table) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(t.kinds)-1))
	for _, a := range t.kinds[1:] {
		b = appendString(b, string(encodeKind(a)))
	}
	b = binary.AppendUvarint(b, uint64(len(t.rows)))
	for slot := range t.rows {
		r, m := &t.rows[slot], t.marks[slot]
		b = binary.AppendUvarint(b, uint64(m.kind))
		if m.kind == 0 {
			continue
		}
		b = appendString(appendString(b, r.id), r.doc)
		b = append(b, r.words[:]...)
		for _, v := range []uint64{uint64(r.at), uint64(r.size), uint64(r.vector), uint64(m.from), uint64(m.until)} {
			b = binary.AppendUvarint(b, v)
		}
	}
	return b
}

func (d *decoder) table() *table {
	t := newTable()
	for range d.count() {
		if _, err := t.kindOf(d.text()); err != nil {
			d.fail()
		}
	}
	n := d.count()
	t.rows, t.marks, t.slots = make([]row, 0, n), make([]mark, 0, n), make(map[string]uint32, n)
	for range n {
		kind := d.uint32()
		if kind == 0 {
			t.rows, t.marks = append(t.rows, row{}), append(t.marks, mark{})
			continue
		}
		if int(kind) >= len(t.kinds) {
			d.fail()
			break
		}
		t.add(d.row(), mark{kind, d.uint32(), d.uint32()})
	}
	return t
}

func (d *decoder) row() row {
	r := row{id: d.string(), doc: d.string()}
	copy(r.words[:], d.bytes(len(r.words)))
	r.at, r.size, r.vector = int64(d.uint()), d.uint32(), d.uint32()
	return r
}
