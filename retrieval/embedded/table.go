package embedded

import "xiaoyue/kb"

// table says what lies in each slot. Slots are given out in ascending order and never again; a slot
// whose passage is gone is dead until the next compaction.
type table struct {
	slots map[string]uint32 // by passage ID
	rows  []row             // by slot
	marks []mark            // by slot
	kinds []kb.Attributes   // without dates; 0 is that of dead slots
	kind  map[string]uint32 // by encoded attributes
	bytes int64             // of the live records
}

// row is a passage.
type row struct {
	id, doc string
	words   [16]byte // digest of title and text
	at      int64    // of the record in the journal
	size    uint32   // of the record
	vector  uint32   // offset of the vector in the record, 0: none
}

// mark is what a scope looks at.
type mark struct {
	kind        uint32
	from, until uint32 // days as YYYYMMDD
}

func newTable() *table {
	return &table{slots: map[string]uint32{}, kinds: make([]kb.Attributes, 1), kind: map[string]uint32{}}
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
	t.kinds = append(t.kinds, a)
	t.kind[string(encoded)] = k
	return k, nil
}

// add gives a passage the next slot.
func (t *table) add(r row, m mark) uint32 {
	slot := uint32(len(t.rows))
	if slot > 0 && t.rows[slot-1].doc == r.doc {
		r.doc = t.rows[slot-1].doc // share the memory of neighbours
	}
	t.rows = append(t.rows, r)
	t.marks = append(t.marks, m)
	t.slots[r.id] = slot
	t.bytes += int64(r.size)
	return slot
}

// set replaces what is said of a live slot.
func (t *table) set(slot uint32, r row, m mark) {
	t.bytes += int64(r.size) - int64(t.rows[slot].size)
	t.rows[slot], t.marks[slot] = r, m
}

func (t *table) remove(slot uint32) {
	t.bytes -= int64(t.rows[slot].size)
	delete(t.slots, t.rows[slot].id)
	t.rows[slot], t.marks[slot] = row{}, mark{}
}

func (t *table) live(slot uint32) bool { return t.marks[slot].kind != 0 }

func (t *table) dead() int { return len(t.rows) - len(t.slots) }

// admitted returns the slots inside a scope. Passages share few combinations of attributes, so the
// rule itself is asked once for each of these and only the dates are compared for every passage.
func (t *table) admitted(scope kb.Scope) bitset {
	day := scope.AsOf.Number()
	scope.AsOf = kb.Date{}
	ok := make([]bool, len(t.kinds))
	for k := 1; k < len(t.kinds); k++ {
		ok[k] = scope.Admits(t.kinds[k])
	}
	set := make(bitset, (len(t.marks)+63)/64)
	for slot, m := range t.marks {
		if ok[m.kind] && (day == 0 || m.from <= day && day <= m.until) {
			set[slot/64] |= 1 << (slot % 64)
		}
	}
	return set
}

// bitset is a set of slots.
type bitset []uint64
