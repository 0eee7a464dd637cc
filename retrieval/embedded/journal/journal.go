// Package journal keeps batches of records in an append-only file, so that a batch is on the disk
// whole or not at all whatever moment the process or the machine dies.
//
// A journal is two files of a folder. "log" holds the records, each with its length and a checksum
// of both, the last one of a batch marked. "head" holds the length of the log that was
// acknowledged; it is written after the log is synchronised and needs no synchronising of its own.
// What lies beyond it may be torn and is cut off; damage before it is ErrDamaged and never cut, so
// that what was acknowledged does not vanish silently.
//
// It knows nothing of the meaning of records, merges nothing and forgets nothing: who wants a
// smaller journal writes another one and drops this.
package journal

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"

	"xiaoyue/kb"
)

// ErrDamaged says that acknowledged records cannot be read back.
var ErrDamaged = errors.New("journal is damaged")

// MaxRecord is the size of the largest record in bytes.
const MaxRecord = 64 << 20

const (
	logName  = "log"
	headName = "head"

	magic       = "xiaoyue journal\x01"
	idSize      = 16
	headerSize  = int64(len(magic) + idSize)
	frameSize   = 8       // checksum and length
	lastOfBatch = 1 << 31 // in the length
	bufferSize  = 1 << 20
)

// Journal is an open journal. Append and Close exclude each other and themselves; ReadAt may be
// called at any time before Close.
type Journal struct {
	log, head *os.File // head is nil in a read-only journal
	id        string
	size      int64 // acknowledged
	broken    error // why nothing can be appended any more
	pieces    atomic.Pointer[[]piece]
}

// Create makes an empty journal in an existing folder that has none.
func Create(folder string) (*Journal, error) {
	log, err := os.OpenFile(filepath.Join(folder, logName), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, wrap("create", err)
	}
	j := &Journal{log: log, id: rand.Text()[:idSize], size: headerSize}
	if err := j.start(folder); err != nil {
		j.Close()
		return nil, wrap("create", err)
	}
	return j, nil
}

func (j *Journal) start(folder string) (err error) {
	if _, err := j.log.Write([]byte(magic + j.id)); err != nil {
		return err
	}
	if j.head, err = os.OpenFile(filepath.Join(folder, headName), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return err
	}
	if err := j.acknowledge(j.size); err != nil {
		return err
	}
	return errors.Join(j.log.Sync(), j.head.Sync(), SyncFolder(folder))
}

// ID names the journal; no other has the same.
func (j *Journal) ID() string { return j.id }

// Size returns the acknowledged length in bytes.
func (j *Journal) Size() int64 { return j.size }

// Append makes a batch of records durable and returns the offset of each. After an error nothing of
// the batch is in the journal; a full disk is kb.ErrFull and leaves the journal usable.
func (j *Journal) Append(ctx context.Context, records [][]byte) ([]int64, error) {
	if len(records) == 0 {
		return nil, nil
	}
	if j.head == nil {
		return nil, errors.New("journal append: opened read-only")
	}
	if j.broken != nil {
		return nil, fmt.Errorf("journal append: closed to writing: %w", j.broken)
	}
	offsets, end, err := j.write(ctx, records)
	if err == nil {
		err = j.log.Sync()
	}
	if err == nil {
		err = j.acknowledge(end)
	}
	if err != nil {
		j.undo(err)
		return nil, wrap("append", err)
	}
	j.size = end
	j.extend(leastPiece)
	return offsets, nil
}

func (j *Journal) write(ctx context.Context, records [][]byte) (offsets []int64, end int64, err error) {
	for _, r := range records {
		end += frameSize + int64(len(r))
	}
	w := bufio.NewWriterSize(io.NewOffsetWriter(j.log, j.size), int(min(end, bufferSize)))
	offsets, end = make([]int64, 0, len(records)), j.size
	for i, r := range records {
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		if len(r) > MaxRecord {
			return nil, 0, fmt.Errorf("record of %d bytes: larger than %d: %w", len(r), MaxRecord, kb.ErrInvalid)
		}
		offsets = append(offsets, end+frameSize)
		end += frameSize + int64(len(r))
		frame := newFrame(r, i == len(records)-1)
		if _, err := w.Write(frame[:]); err != nil {
			return nil, 0, err
		}
		if _, err := w.Write(r); err != nil {
			return nil, 0, err
		}
	}
	return offsets, end, w.Flush()
}

// undo cuts off what a failed append left. Where that fails too, or the cause is not known to be
// harmless, the state of the file is unknown and nothing more is written to it.
func (j *Journal) undo(cause error) {
	harmless := isFull(cause) || errors.Is(cause, context.Canceled) ||
		errors.Is(cause, context.DeadlineExceeded) || errors.Is(cause, kb.ErrInvalid)
	if !harmless {
		j.broken = cause
	}
	if err := j.log.Truncate(j.size); err != nil {
		j.broken = err
	}
}

// acknowledge writes the length that readers may trust.
func (j *Journal) acknowledge(size int64) error {
	b := binary.LittleEndian.AppendUint64([]byte(j.id), uint64(size))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli()))
	_, err := j.head.WriteAt(b, 0)
	return err
}

// Record reads a whole record back and checks it.
func (j *Journal) Record(offset int64, size int) ([]byte, error) {
	b := make([]byte, frameSize+size)
	if err := j.ReadAt(b, offset-frameSize); err != nil {
		return nil, err
	}
	if checksum(b[4:frameSize], b[frameSize:]) != binary.LittleEndian.Uint32(b) {
		return nil, fmt.Errorf("journal read at %d: %w: wrong checksum", offset, ErrDamaged)
	}
	return b[frameSize:], nil
}

// ReadAt fills p with the bytes at an offset inside a record. Where the file lost what was acknowledged
// while it was open, that may be a fault of memory (debug.SetPanicOnFault) instead of an error.
func (j *Journal) ReadAt(p []byte, offset int64) error {
	if b := j.mapped(offset, len(p)); b != nil {
		copy(p, b)
		return nil
	}
	if _, err := j.log.ReadAt(p, offset); err != nil {
		return fmt.Errorf("journal read at %d: %w: %w", offset, ErrDamaged, err)
	}
	return nil
}

// Close closes the files.
func (j *Journal) Close() error {
	var head error
	if j.head != nil {
		head = j.head.Close()
	}
	return errors.Join(j.log.Close(), head, j.unmapAll())
}

func newFrame(record []byte, last bool) (frame [frameSize]byte) {
	length := uint32(len(record))
	if last {
		length |= lastOfBatch
	}
	binary.LittleEndian.PutUint32(frame[4:], length)
	binary.LittleEndian.PutUint32(frame[:], checksum(frame[4:], record))
	return frame
}

func checksum(length, record []byte) uint32 {
	return crc32.Update(crc32.Checksum(length, castagnoli()), castagnoli(), record)
}

// castagnoli is the polynomial that processors have an instruction for.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

func wrap(op string, err error) error {
	if isFull(err) {
		return fmt.Errorf("journal %s: %w: %w", op, kb.ErrFull, err)
	}
	return fmt.Errorf("journal %s: %w", op, err)
}

// SyncFolder makes the names in a folder durable.
func SyncFolder(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
