package embedded

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"xiaoyue/retrieval/embedded/journal"
)

// A checkpoint is the whole state as it was at a position of the journal, laid out as it lies in
// memory: opening maps the file and looks at its head only, so that the time does not grow with the
// number of passages. The mapping is private (copy on write): changes in place never reach the file.
// It is a cache: without it, or where it is damaged, all of the journal is replayed.
//
// The head tells where each section lies and carries the checksums: its own, checked at opening, and
// those of the sections, which are checked behind (inspect.go). Sections begin at whole pages. Numbers
// are those of this machine; a head of another order or of another form is not used.
const (
	checkpointName  = "checkpoint"
	checkpointMagic = "xiaoyue checkpoint\x02"
	headSize        = 4096
	page            = 4096
)

// The sections.
const (
	sectionKinds = iota // attributes, encoded
	sectionRows
	sectionMarks
	sectionNames
	sectionIDs // cells of the directory
	sectionLexical
	sectionCodes
	sections
)

// head describes a checkpoint.
type head struct {
	id       string // of the journal
	position int64  // of the journal
	live     int
	bytes    int64 // of live records
	vectors  int
	parts    [sections]part
}

// part is a section of the file.
type part struct {
	at, size int64
	sum      uint32 // CRC-32C
}

func (h *head) end() (end int64) {
	for _, p := range h.parts {
		end = max(end, p.at+p.size)
	}
	return end
}

func (h *head) encode() []byte {
	b := make([]byte, 0, headSize)
	b = appendString(append(b, checkpointMagic...), h.id)
	b = binary.NativeEndian.AppendUint64(b, byteOrder)
	for _, v := range []int64{h.position, int64(h.live), h.bytes, int64(h.vectors)} {
		b = binary.NativeEndian.AppendUint64(b, uint64(v))
	}
	for _, p := range h.parts {
		for _, v := range []int64{p.at, p.size, int64(p.sum)} {
			b = binary.NativeEndian.AppendUint64(b, uint64(v))
		}
	}
	b = append(b, make([]byte, headSize-4-len(b))...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli()))
}

// byteOrder reads as another number where the order is another.
const byteOrder = 0x0102030405060708

// save writes the checkpoint of a state that reflects all of the journal, section by section.
func save(folder string, s *state, j *journal.Journal) error {
	h := head{id: j.ID(), position: j.Size(), live: s.table.live, bytes: s.table.bytes, vectors: s.vectors}
	return replaceWith(folder, checkpointName, func(f *os.File) error {
		o := outlet{w: bufio.NewWriterSize(io.NewOffsetWriter(f, headSize), 1<<20), at: headSize}
		for i, write := range s.writers() {
			if err := o.section(&h.parts[i], write); err != nil {
				return err
			}
		}
		if err := o.w.Flush(); err != nil {
			return err
		}
		_, err := f.WriteAt(h.encode(), 0)
		return err
	})
}

// writers write the sections of a state in order.
func (s *state) writers() [sections]func(io.Writer) error {
	t := s.table
	return [sections]func(io.Writer) error{
		sectionKinds: parts(encodeKinds(t.coded[1:])),
		sectionRows:  parts(t.rows.parts()...),
		sectionMarks: parts(t.marks.parts()...),
		sectionNames: parts(t.names.mapped, t.names.later),
		sectionIDs:   parts(bytesOf(t.ids.cells)),
		sectionLexical: func(w io.Writer) error {
			_, err := s.lexical.WriteTo(w)
			return err
		},
		sectionCodes: func(w io.Writer) error {
			if s.codes == nil {
				return nil
			}
			_, err := s.codes.WriteTo(w)
			return err
		},
	}
}

func parts(all ...[]byte) func(io.Writer) error {
	return func(w io.Writer) error {
		for _, b := range all {
			if _, err := w.Write(b); err != nil {
				return err
			}
		}
		return nil
	}
}

func encodeKinds(coded [][]byte) (b []byte) {
	for _, k := range coded {
		b = appendString(b, string(k))
	}
	return b
}

// outlet writes sections and sums them up.
type outlet struct {
	w   *bufio.Writer
	at  int64
	sum uint32
}

// Write implements io.Writer.
func (o *outlet) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	o.sum = crc32.Update(o.sum, castagnoli(), p[:n])
	o.at += int64(n)
	return n, err
}

func (o *outlet) section(p *part, write func(io.Writer) error) error {
	for ; o.at%page != 0; o.at++ {
		if err := o.w.WriteByte(0); err != nil {
			return err
		}
	}
	o.sum, p.at = 0, o.at
	err := write(o)
	p.size, p.sum = o.at-p.at, o.sum
	return err
}

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// readHead reads and checks the head of a checkpoint of a journal.
func readHead(f *os.File, id string) (h head, err error) {
	b := make([]byte, headSize)
	if _, err := f.ReadAt(b, 0); err != nil {
		return h, err
	}
	body, ok := unsealed(b)
	d := decoder{data: body}
	switch {
	case string(d.bytes(len(checkpointMagic))) != checkpointMagic:
		return h, errors.New("of another form")
	case !ok:
		return h, errors.New("wrong checksum of the head")
	case d.string() != id:
		return h, errors.New("of another journal")
	case d.number() != byteOrder:
		return h, errors.New("of a machine with another order of bytes")
	}
	h.id, h.position, h.live, h.bytes, h.vectors = id, d.number(), int(d.number()), d.number(), int(d.number())
	for i := range h.parts {
		h.parts[i] = part{d.number(), d.number(), uint32(d.number())}
	}
	return h, h.check(f)
}

// check compares the sections with the size of the file.
func (h *head) check(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	at := int64(headSize)
	for i, p := range h.parts {
		if p.at < at || p.at%page != 0 || p.size < 0 || p.at+p.size > info.Size() {
			return fmt.Errorf("section %d at %d of %d bytes, the file has %d", i, p.at, p.size, info.Size())
		}
		at = p.at + p.size
	}
	return nil
}

// number takes a number of fixed width in the order of this machine.
func (d *decoder) number() int64 {
	b := d.bytes(8)
	if b == nil {
		return 0
	}
	return int64(binary.NativeEndian.Uint64(b))
}
