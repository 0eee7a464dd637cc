package journal

import (
	"os"
	"sort"
)

// What is acknowledged is mapped for reading, so that reading a few kilobytes from many places costs no
// system calls. Nothing beyond the acknowledged end is ever looked at. New pieces are mapped when the
// log has grown by a quarter; what lies in none of them is read from the file.

// leastPiece is the smallest piece that is mapped while the log grows.
const leastPiece = 4 << 20

// piece is a mapped part of the log, from an offset on.
type piece struct {
	from int64
	data []byte
}

func (p *piece) end() int64 { return p.from + int64(len(p.data)) }

// extend maps what was acknowledged since the last time, when it has grown by least bytes. Where it
// cannot be mapped, it is read.
func (j *Journal) extend(least int64) {
	all := j.pieces.Load()
	var end int64
	if all != nil {
		end = (*all)[len(*all)-1].end()
	}
	if j.size-end < max(least, end/4) {
		return
	}
	from := end &^ int64(os.Getpagesize()-1)
	data, err := mapPiece(j.log, from, int(j.size-from))
	if err != nil || data == nil {
		return
	}
	var next []piece
	if all != nil {
		next = append(next, *all...)
	}
	next = append(next, piece{from, data})
	j.pieces.Store(&next)
}

// mapped returns n bytes at an offset, nil where they do not lie in one piece.
func (j *Journal) mapped(offset int64, n int) []byte {
	all := j.pieces.Load()
	if all == nil || offset < 0 {
		return nil
	}
	i := sort.Search(len(*all), func(i int) bool { return (*all)[i].from > offset }) - 1
	if p := &(*all)[i]; offset+int64(n) <= p.end() {
		return p.data[offset-p.from:][:n]
	}
	return nil
}

// unmapAll gives the pieces back.
func (j *Journal) unmapAll() (err error) {
	all := j.pieces.Swap(nil)
	if all == nil {
		return nil
	}
	for _, p := range *all {
		if e := unmapPiece(p.data); e != nil {
			err = e
		}
	}
	return err
}
