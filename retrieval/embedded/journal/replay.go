package journal

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
)

// Record is a record read back. Data is valid during the visit only.
type Record struct {
	Offset int64 // of Data in the log
	Data   []byte
}

// Open opens a journal. Replay must follow before anything is appended.
func Open(folder string, readOnly bool) (*Journal, error) {
	j, err := open(folder, readOnly)
	if err != nil {
		return nil, wrap("open", err)
	}
	return j, nil
}

func open(folder string, readOnly bool) (*Journal, error) {
	flag := os.O_RDWR
	if readOnly {
		flag = os.O_RDONLY
	}
	head, err := os.OpenFile(filepath.Join(folder, headName), flag, 0)
	if err != nil {
		return nil, missing(err)
	}
	j := &Journal{broken: errors.New("not replayed")}
	if err := j.readHead(head); err != nil {
		head.Close()
		return nil, err
	}
	if j.log, err = os.OpenFile(filepath.Join(folder, logName), flag, 0); err != nil {
		head.Close()
		return nil, missing(err)
	}
	if readOnly {
		return j, head.Close()
	}
	j.head = head
	return j, nil
}

func missing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}

func (j *Journal) readHead(head *os.File) error {
	var b [idSize + 8 + 4]byte
	if _, err := head.ReadAt(b[:], 0); err != nil {
		return fmt.Errorf("%w: head: %w", ErrDamaged, err)
	}
	body := b[:idSize+8]
	if crc32.Checksum(body, castagnoli()) != binary.LittleEndian.Uint32(b[len(body):]) {
		return fmt.Errorf("%w: head: wrong checksum", ErrDamaged)
	}
	j.id = string(b[:idSize])
	j.size = int64(min(binary.LittleEndian.Uint64(b[idSize:]), math.MaxInt64))
	return nil
}

// Replay checks every record from a position on, which is 0 or the size that the journal once had, and
// visits those of whole batches in order. A read-only journal ends where it was acknowledged when it
// was opened; otherwise whole batches beyond are kept and a torn end is cut off. Nothing is written
// before the acknowledged end.
func (j *Journal) Replay(from int64, visit func(Record) error) error {
	limit := int64(math.MaxInt64)
	if j.head == nil {
		limit = max(j.size, from)
	}
	end, err := j.scan(from, limit, visit)
	if err == nil && end < j.size {
		err = fmt.Errorf("%w: log: readable up to byte %d of %d", ErrDamaged, end, j.size)
	}
	switch {
	case err == nil && j.head != nil:
		err = j.settle(end)
	case err == nil:
		j.size = end
	}
	if err != nil {
		return wrap("replay", err)
	}
	j.extend(0)
	return nil
}

// Verify checks every record up to a position at which a batch ends. It may be called at any time
// before Close.
func (j *Journal) Verify(ctx context.Context, upTo int64) error {
	end, err := j.scan(0, upTo, func(Record) error { return ctx.Err() })
	if err == nil && end != max(upTo, headerSize) {
		err = fmt.Errorf("%w: log: readable up to byte %d of %d", ErrDamaged, end, upTo)
	}
	if err != nil {
		return wrap("verify", err)
	}
	return nil
}

// scan reads the header, then batches from a position up to a limit, and returns where the last whole
// one ends.
func (j *Journal) scan(from, limit int64, visit func(Record) error) (int64, error) {
	b := make([]byte, headerSize)
	if _, err := j.log.ReadAt(b, 0); err != nil || string(b) != magic+j.id {
		return 0, fmt.Errorf("%w: log: wrong header", ErrDamaged)
	}
	from = max(from, headerSize)
	info, err := j.log.Stat()
	if err != nil {
		return 0, err
	}
	if info.Size() < from {
		return 0, fmt.Errorf("%w: log: %d bytes, at least %d were there", ErrDamaged, info.Size(), from)
	}
	s := scanner{end: from, r: bufio.NewReaderSize(io.NewSectionReader(j.log, from, limit-from), bufferSize)}
	err = s.batches(visit)
	return s.end, err
}

// settle makes end the acknowledged end and lets appends begin.
func (j *Journal) settle(end int64) error {
	if err := j.log.Truncate(end); err != nil {
		return err
	}
	if err := j.log.Sync(); err != nil {
		return err
	}
	j.size, j.broken = end, nil
	return j.acknowledge(end)
}

// scanner reads the batches of a log.
type scanner struct {
	r       *bufio.Reader
	end     int64 // of the last whole batch
	data    []byte
	records []span // of the batch being read
}

// span is a record of the batch: its place in the log and in data.
type span struct {
	offset      int64
	begin, stop int
}

// batches visits the records of whole batches.
func (s *scanner) batches(visit func(Record) error) error {
	for s.batch() {
		for _, r := range s.records {
			if err := visit(Record{r.offset, s.data[r.begin:r.stop:r.stop]}); err != nil {
				return err
			}
		}
	}
	return nil
}

// batch reads the next batch and reports whether it is whole.
func (s *scanner) batch() bool {
	s.data, s.records = s.data[:0], s.records[:0]
	at := s.end
	for {
		size, last, ok := s.record(at)
		if !ok {
			return false
		}
		at += frameSize + int64(size)
		if last {
			s.end = at
			return true
		}
	}
}

// record appends the next record, which is at an offset of the log, to the batch.
func (s *scanner) record(at int64) (size int, last, ok bool) {
	var frame [frameSize]byte
	if _, err := io.ReadFull(s.r, frame[:]); err != nil {
		return 0, false, false
	}
	length := binary.LittleEndian.Uint32(frame[4:])
	size, last = int(length&^lastOfBatch), length&lastOfBatch != 0
	if size > MaxRecord {
		return 0, false, false
	}
	begin := len(s.data)
	if !s.read(size) || checksum(frame[4:], s.data[begin:]) != binary.LittleEndian.Uint32(frame[:]) {
		return 0, false, false
	}
	s.records = append(s.records, span{at + frameSize, begin, len(s.data)})
	return size, last, true
}

// read appends n bytes to data, growing it only as bytes arrive: a length is not trusted.
func (s *scanner) read(n int) bool {
	for n > 0 {
		part := min(n, bufferSize)
		begin := len(s.data)
		s.data = append(s.data, make([]byte, part)...)
		if _, err := io.ReadFull(s.r, s.data[begin:]); err != nil {
			return false
		}
		n -= part
	}
	return true
}
