package embedded

import (
	"encoding/binary"
	"sync"

	"xiaoyue/kb"
)

// scopes keeps the slots inside the scopes that were asked for last. Questions of a day come from few
// places, and looking at every mark takes as long as scanning the codes of a scope that keeps a tenth.
// A change of a slot is made in every set, so that they stay right while passages come and go.
type scopes struct {
	mu    sync.Mutex // guards byKey and used; sets change under the lock of the index only
	byKey map[string]*admission
	clock uint64
}

// admission is a scope with the slots inside of it.
type admission struct {
	scope kb.Scope // without the day
	day   uint32   // as YYYYMMDD, 0: any
	kinds []bool   // by kind: inside, but for the day
	set   bitset
	used  uint64 // when last, by the clock
}

const (
	mostScopes = 64
	scopeBytes = 16 << 20 // for all sets together
)

func newScopes() *scopes { return &scopes{byKey: map[string]*admission{}} }

// admitted returns the slots inside a scope. The caller holds the index and changes nothing.
func (t *table) admitted(scope kb.Scope) bitset {
	var room [256]byte
	key := appendScope(room[:0], scope)
	if set, ok := t.scopes.find(key); ok {
		return set
	}
	a := t.admission(scope)
	t.scopes.add(string(key), a)
	return a.set
}

// admission asks the rule itself once for each kind, for passages share few combinations of
// attributes, and compares only the days of every passage.
func (t *table) admission(scope kb.Scope) *admission {
	a := &admission{scope: scope, day: uint32(scope.AsOf.Number())}
	a.scope.AsOf = kb.Date{}
	a.kinds = make([]bool, 1, len(t.kinds))
	for _, k := range t.kinds[1:] {
		a.kinds = append(a.kinds, a.scope.Admits(k))
	}
	a.set = make(bitset, (t.marks.len()+63)/64)
	a.look(0, t.marks.mapped)
	a.look(len(t.marks.mapped), t.marks.later)
	return a
}

// look puts in the slots from first on whose marks are inside. It decides without branches, which
// passages in no order would have mispredicted, and writes whole words.
func (a *admission) look(first int, marks []mark) {
	inside, always := make([]uint64, len(a.kinds)), uint64(0)
	for k, in := range a.kinds {
		if in {
			inside[k] = 1
		}
	}
	if a.day == 0 {
		always = 1
	}
	day, word := int64(a.day), uint64(0)
	for i := range marks {
		m, slot := &marks[i], first+i
		in := always | ^uint64((day-int64(m.from))|(int64(m.until)-day))>>63 // neither is negative
		if int(m.kind) < len(inside) {
			word |= in & inside[m.kind] << (slot % 64)
		}
		if slot%64 == 63 || i == len(marks)-1 {
			a.set[slot/64] |= word
			word = 0
		}
	}
}

// inside reports whether a passage with a mark is in the scope.
func (a *admission) inside(m mark) bool {
	return int(m.kind) < len(a.kinds) && a.kinds[m.kind] && (a.day == 0 || m.from <= a.day && a.day <= m.until)
}

func (s *scopes) find(key []byte) (bitset, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.byKey[string(key)]
	if a == nil {
		return nil, false
	}
	s.clock++
	a.used = s.clock
	return a.set, true
}

// add keeps a scope in place of that which was not asked for longest.
func (s *scopes) add(key string, a *admission) {
	s.mu.Lock()
	defer s.mu.Unlock()
	limit := min(mostScopes, 1+scopeBytes/(8*len(a.set)+1))
	for len(s.byKey) >= limit {
		oldest := ""
		for k, b := range s.byKey {
			if oldest == "" || b.used < s.byKey[oldest].used {
				oldest = k
			}
		}
		delete(s.byKey, oldest)
	}
	s.clock++
	a.used = s.clock
	s.byKey[key] = a
}

// update takes in what is now said of a slot. The caller holds the index alone.
func (s *scopes) update(slot uint32, m mark) {
	for _, a := range s.byKey {
		a.set.put(slot, a.inside(m))
	}
}

func (s *scopes) addKind(attributes kb.Attributes) {
	for _, a := range s.byKey {
		a.kinds = append(a.kinds, a.scope.Admits(attributes))
	}
}

// appendScope encodes a scope: equal scopes alike, others otherwise.
func appendScope(b []byte, s kb.Scope) []byte {
	b = appendDate(b, s.AsOf)
	for _, v := range []string{s.Tenant, s.Zone, s.Audience} {
		b = appendString(b, v)
	}
	b = binary.AppendUvarint(b, uint64(len(s.Access)))
	for _, a := range s.Access {
		b = appendString(b, string(a))
	}
	for _, r := range s.Regions {
		b = appendString(b, r)
	}
	return b
}

// bitset is a set of slots.
type bitset []uint64

// put puts a slot in or out.
func (b *bitset) put(slot uint32, in bool) {
	for int(slot/64) >= len(*b) {
		*b = append(*b, 0)
	}
	if in {
		(*b)[slot/64] |= 1 << (slot % 64)
	} else {
		(*b)[slot/64] &^= 1 << (slot % 64)
	}
}
