package lexical

// list is a posting list that has grown in memory: full blocks, of which the first may lie in the
// file that the index was mapped from, and a tail of fewer than a block's postings.
type list struct {
	count uint32 // postings
	last  uint32 // slot of the last posting
	bound bound
	tail  uint32 // place of the tail; of a list of one posting its number of occurrences
	full  uint32 // index of the heads of full blocks in Index.full plus 1; 0: none
}

// view is a posting list as it is read: blocks and a tail.
type view struct {
	count uint32
	bound bound
	heads []byte
	tail  []posting
}

func (v *view) blocks() int { return len(v.heads) / headSize }

// inBlocks is the number of postings in blocks.
func (v *view) inBlocks() int { return int(v.count) - len(v.tail) }

// block opens block i.
func (x *Index) block(v *view, i int) block {
	h := headAt(v.heads, i)
	return open(h, baseOf(v.heads, i), min(blockSize, v.inBlocks()-i*blockSize), x.data(h.at))
}

// view returns a list of the memory. one is room for the posting of a list of one.
func (x *Index) view(l *list, one []posting) view {
	v := view{count: l.count, bound: l.bound}
	if l.full > 0 {
		v.heads = x.full[l.full-1]
	}
	switch n := int(l.count % blockSize); {
	case l.count == 1:
		one[0] = newPosting(l.last, l.tail)
		v.tail = one[:1]
	case n > 0:
		v.tail = x.tails.piece(l.tail, n)
	}
	return v
}

// inMemory marks a place in Index.blocks; other places lie in the mapped lists.
const inMemory = 1 << (atBits - 1)

// data returns the bytes at a place and behind it.
func (x *Index) data(at uint64) []byte {
	switch {
	case at&inMemory != 0:
		return x.blocks.from(at &^ inMemory)
	case at < uint64(len(x.base.lists)):
		return x.base.lists[at:]
	}
	return nil
}

// append adds a posting behind all others of a list.
func (x *Index) append(l *list, slot, n, length uint32) {
	held := int(l.count % blockSize)
	p := newPosting(slot, n)
	switch {
	case l.count == 0:
		l.tail = n
	case l.count == 1:
		first := newPosting(l.last, l.tail)
		l.tail = x.tails.take(1)
		t := x.tails.piece(l.tail, 2)
		t[0], t[1] = first, p
	case held == 0:
		l.tail = x.tails.take(1)
		x.tails.piece(l.tail, 1)[0] = p
	default:
		x.extend(l, held, p)
	}
	if l.count == 0 {
		l.bound = single(n, length)
	} else {
		l.bound = l.bound.add(n, length)
	}
	l.last = slot
	l.count++
	if l.count%blockSize == 0 {
		x.seal(l)
	}
}

// extend adds a posting to a tail of held postings, in a larger piece where it has grown out of its own.
func (x *Index) extend(l *list, held int, p posting) {
	old, class := classOf(held), classOf(held+1)
	if class > old {
		at := x.tails.take(class)
		copy(x.tails.piece(at, held), x.tails.piece(l.tail, held))
		x.tails.give(l.tail, old)
		l.tail = at
	}
	x.tails.piece(l.tail, held+1)[held] = p
}

// seal makes a block of a tail that is full.
func (x *Index) seal(l *list) {
	ps := x.tails.piece(l.tail, blockSize)
	if l.full == 0 {
		x.full = append(x.full, nil)
		l.full = uint32(len(x.full))
	}
	heads := x.full[l.full-1]
	const most = 9 * blockSize
	buffer, at := x.blocks.room(most)
	data, h := encode(buffer, baseOf(heads, len(heads)/headSize), ps)
	x.blocks.take(len(data))
	h.at, h.bound = at|inMemory, x.boundOf(ps)
	x.full[l.full-1] = h.append(heads)
	x.tails.give(l.tail, classOf(blockSize))
}

// boundOf returns the bound of postings.
func (x *Index) boundOf(ps []posting) bound {
	b := noBound
	for _, p := range ps {
		b = b.add(p.count(), x.length(p.slot()))
	}
	return b
}
