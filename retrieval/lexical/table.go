package lexical

// table finds the number of a list by the hash of its term: open addressing with linear probing.
type table struct {
	places []place
	count  int
}

type place struct {
	hash uint64 // 0: free
	id   uint32
}

// find returns the number under a hash, which is not 0.
func (t *table) find(hash uint64) (id uint32, ok bool) {
	if len(t.places) == 0 {
		return 0, false
	}
	mask := uint64(len(t.places) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		switch p := &t.places[i]; p.hash {
		case hash:
			return p.id, true
		case 0:
			return 0, false
		}
	}
}

// add stores the number of a hash that is not there.
func (t *table) add(hash uint64, id uint32) {
	if 4*t.count >= 3*len(t.places) {
		t.grow()
	}
	t.put(place{hash, id})
	t.count++
}

func (t *table) put(p place) {
	mask := uint64(len(t.places) - 1)
	i := p.hash & mask
	for t.places[i].hash != 0 {
		i = (i + 1) & mask
	}
	t.places[i] = p
}

func (t *table) grow() {
	old := t.places
	t.places = make([]place, max(1024, 2*len(old)))
	for _, p := range old {
		if p.hash != 0 {
			t.put(p)
		}
	}
}
