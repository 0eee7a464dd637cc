package embedded

import "unsafe"

// column holds a value for each slot: those that were mapped from a checkpoint, which are changed in
// place, and behind them those that came later.
type column[T any] struct{ mapped, later []T }

func (c *column[T]) len() int { return len(c.mapped) + len(c.later) }

// at returns the value of a slot below len.
func (c *column[T]) at(slot uint32) *T {
	if int(slot) < len(c.mapped) {
		return &c.mapped[slot]
	}
	return &c.later[int(slot)-len(c.mapped)]
}

func (c *column[T]) append(v T) { c.later = append(c.later, v) }

// parts are the bytes of all values in order.
func (c *column[T]) parts() [][]byte { return [][]byte{bytesOf(c.mapped), bytesOf(c.later)} }

// bytesOf returns the memory of values without pointers.
func bytesOf[T any](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), len(s)*int(unsafe.Sizeof(s[0])))
}

// valuesOf reads bytes at an aligned address as values without pointers.
func valuesOf[T any](b []byte) ([]T, bool) {
	var v T
	size := int(unsafe.Sizeof(v))
	if len(b)%size != 0 {
		return nil, false
	}
	if len(b) == 0 {
		return nil, true
	}
	if uintptr(unsafe.Pointer(&b[0]))%unsafe.Alignof(v) != 0 {
		return nil, false
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&b[0])), len(b)/size), true
}

// name is a place in names: the offset and, in the low 16 bits, the length.
type name uint64

// names holds strings of up to maxName bytes end to end.
type names struct{ mapped, later []byte }

func (n *names) add(s []byte) name {
	at := len(n.mapped) + len(n.later)
	n.later = append(n.later, s...)
	return name(at)<<16 | name(len(s))
}

// of returns a string, which belongs to names; a damaged place is empty.
func (n *names) of(x name) []byte {
	at, size, b := uint64(x>>16), uint64(x&0xffff), n.mapped
	if at >= uint64(len(b)) {
		at, b = at-uint64(len(b)), n.later
	}
	if at+size > uint64(len(b)) {
		return nil
	}
	return b[at : at+size]
}
