package embedded

import (
	"bytes"
	"slices"

	"xiaoyue/kb"
)

// table says what lies in each slot. Slots are given out in ascending order and never again; a slot
// whose passage is gone is dead until the next compaction. Its columns lie in a checkpoint as they lie
// in memory, so that damage which was not noticed yet must not lead outside of them.
type table struct {
	rows   column[row]
	marks  column[mark]
	names  names
	ids    directory
	kinds  []kb.Attributes   // without dates; 0 is that of dead slots
	kind   map[string]uint32 // by encoded attributes
	coded  [][]byte          // encoded attributes, by kind
	live   int
	bytes  int64 // of the live records
	scopes *scopes
}

// row is a passage.
type row struct {
	words   [16]byte // digest of title and text
	at      int64    // of the record in the journal
	id, doc name
	size    uint32 // of the record
	vector  uint32 // offset of the vector in the record, 0: none
}

// mark is what a scope looks at.
type mark struct {
	kind        uint32 // 0: the slot is dead
	from, until uint32 // days as YYYYMMDD
}

func newTable() *table {
	return &table{kinds: make([]kb.Attributes, 1), coded: make([][]byte, 1), kind: map[string]uint32{}, scopes: newScopes()}
}

// fork returns a table that can be given other places of records without changing this one.
func (t *table) fork() *table {
	f := *t
	f.rows = column[row]{later: slices.Concat(t.rows.mapped, t.rows.later)}
	f.scopes = newScopes()
	return &f
}

// kindOf returns the number of encoded attributes.
func (t *table) kindOf(encoded []byte) (uint32, error) {
	if k, ok := t.kind[string(encoded)]; ok {
		return k, nil
	}
	a, err := decodeKind(encoded)
	if err != nil {
		return 0, err
	}
	k := uint32(len(t.kinds))
	t.kinds, t.coded = append(t.kinds, a), append(t.coded, bytes.Clone(encoded))
	t.kind[string(encoded)] = k
	t.scopes.addKind(a)
	return k, nil
}

// find returns the slot of a passage.
func (t *table) find(id []byte) (slot uint32, ok bool) {
	t.ids.probe(hashOf(id), func(s uint32) bool {
		slot, ok = s, t.holds(s, id)
		return ok
	})
	return slot, ok
}

// holds reports whether a slot is that of a passage.
func (t *table) holds(slot uint32, id []byte) bool {
	return int(slot) < t.rows.len() && t.alive(slot) && bytes.Equal(t.names.of(t.rows.at(slot).id), id)
}

// add gives a passage the next slot.
func (t *table) add(id, doc []byte, r row, m mark) uint32 {
	slot := uint32(t.rows.len())
	r.id, r.doc = t.names.add(id), t.docName(slot, doc)
	t.rows.append(r)
	t.marks.append(m)
	t.ids.add(hashOf(id), slot)
	t.live++
	t.bytes += int64(r.size)
	t.scopes.update(slot, m)
	return slot
}

// docName keeps the name of a document, once for all passages of it that follow each other.
func (t *table) docName(slot uint32, doc []byte) name {
	if slot > 0 {
		if before := t.rows.at(slot - 1).doc; bytes.Equal(t.names.of(before), doc) {
			return before
		}
	}
	return t.names.add(doc)
}

// set replaces what is said of a live slot.
func (t *table) set(slot uint32, doc []byte, r row, m mark) {
	old := t.rows.at(slot)
	t.bytes += int64(r.size) - int64(old.size)
	r.id, r.doc = old.id, old.doc
	if !bytes.Equal(t.names.of(old.doc), doc) {
		r.doc = t.names.add(doc)
	}
	*old, *t.marks.at(slot) = r, m
	t.scopes.update(slot, m)
}

// remove makes the slot of a passage a dead one.
func (t *table) remove(slot uint32) {
	r := t.rows.at(slot)
	cell := t.ids.probe(hashOf(t.names.of(r.id)), func(s uint32) bool { return s == slot })
	if cell >= 0 {
		t.ids.remove(cell)
	}
	t.live--
	t.bytes -= int64(r.size)
	*r, *t.marks.at(slot) = row{}, mark{}
	t.scopes.update(slot, mark{})
}

func (t *table) alive(slot uint32) bool { return t.marks.at(slot).kind != 0 }

func (t *table) dead() int { return t.rows.len() - t.live }

// id and doc return copies.
func (t *table) id(slot uint32) string  { return string(t.names.of(t.rows.at(slot).id)) }
func (t *table) doc(slot uint32) string { return string(t.names.of(t.rows.at(slot).doc)) }

// compareIDs orders slots by the IDs of their passages.
func (t *table) compareIDs(a, b uint32) int {
	return bytes.Compare(t.names.of(t.rows.at(a).id), t.names.of(t.rows.at(b).id))
}
