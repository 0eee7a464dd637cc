package backup

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"xiaoyue/kb"
)

// Options tune a Writer; zero fields mean the defaults.
type Options struct {
	Overwrite bool             // replace a file of that name
	Program   string           // version of the program, for the manifest
	Now       func() time.Time // zero: time.Now
}

// Writer writes a file. It holds one member at a time and is not to be used concurrently.
type Writer struct {
	path     string // the name that the file is to get
	file     *os.File
	tar      *tar.Writer
	manifest Manifest
	opts     Options
	chunk    bytes.Buffer // records of the member that is being filled
	packed   bytes.Buffer
	records  int64 // in chunk
	failed   error // the first fault: what follows it would leave a hole
}

// Create begins a file, under its name with .part, which only its owner can read. A file of either name
// is ErrExists, unless the one is to be overwritten; .part is never taken over: another backup may be
// writing it.
func Create(path string, opts *Options) (*Writer, error) {
	w := &Writer{path: path}
	if opts != nil {
		w.opts = *opts
	}
	if w.opts.Now == nil {
		w.opts.Now = time.Now
	}
	if err := w.create(); err != nil {
		return nil, fmt.Errorf("backup %s: %w", path, full(err))
	}
	return w, nil
}

func (w *Writer) create() error {
	if err := w.mustBeFree(); err != nil {
		return err
	}
	var err error
	w.file, err = os.OpenFile(w.part(), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w: %s: another backup is writing it, or was killed over it: remove it if none runs", ErrExists, w.part())
	}
	if err != nil {
		return err
	}
	w.tar = tar.NewWriter(w.file)
	w.manifest = Manifest{Format: Format, CreatedAt: w.opts.Now().UTC(), Program: w.opts.Program}
	content, err := json.Marshal(head{"xiaoyue", Format})
	if err == nil {
		err = w.write(headName, content)
	}
	if err != nil {
		return errors.Join(err, w.Close())
	}
	return nil
}

func (w *Writer) part() string { return w.path + ".part" }

func (w *Writer) mustBeFree() error {
	if w.opts.Overwrite {
		return nil
	}
	if _, err := os.Lstat(w.path); !errors.Is(err, fs.ErrNotExist) {
		return cmp.Or(err, ErrExists)
	}
	return nil
}

// Begin begins a part; what was put before belongs to the one before.
func (w *Writer) Begin(name string, kind Kind, about any) error {
	err := w.flush()
	if err == nil && !partName.MatchString(name) {
		err = fmt.Errorf("%w: name of a part %q", kb.ErrInvalid, name)
	}
	if _, twice := w.manifest.Part(name); err == nil && twice {
		err = fmt.Errorf("%w: part %s twice", kb.ErrInvalid, name)
	}
	var raw []byte
	if err == nil {
		raw, err = json.Marshal(about)
	}
	if err != nil {
		return w.fail(err)
	}
	w.manifest.Parts = append(w.manifest.Parts, Part{Name: name, Kind: kind, About: raw, Members: []Member{}})
	return nil
}

// Put adds a record to the part that was begun last. The record is not kept.
func (w *Writer) Put(record []byte) error {
	if w.failed != nil {
		return w.failed
	}
	if len(w.manifest.Parts) == 0 || len(record) > maxRecord {
		return w.fail(fmt.Errorf("%w: a record of %d bytes, at most %d, in a part", kb.ErrInvalid, len(record), maxRecord))
	}
	if w.chunk.Len() > 0 && w.chunk.Len()+len(record) > chunkBytes {
		if err := w.flush(); err != nil {
			return w.fail(err)
		}
	}
	w.records++
	if w.current().Kind == Lines {
		if bytes.IndexByte(record, '\n') >= 0 {
			return w.fail(fmt.Errorf("%w: a line break in a record", kb.ErrInvalid))
		}
		w.chunk.Write(record)
		w.chunk.WriteByte('\n')
		return nil
	}
	w.chunk.Write(binary.AppendUvarint(w.chunk.AvailableBuffer(), uint64(len(record))))
	w.chunk.Write(record)
	return nil
}

func (w *Writer) current() *Part { return &w.manifest.Parts[len(w.manifest.Parts)-1] }

// flush writes the records gathered as one member.
func (w *Writer) flush() error {
	if w.failed != nil || w.records == 0 {
		return w.failed
	}
	content := w.chunk.Bytes()
	if w.current().Kind == Lines {
		var err error
		if content, err = w.pack(content); err != nil {
			return err
		}
	}
	p := w.current()
	sum := sha256.Sum256(content)
	m := Member{Name: memberName(p.Name, p.Kind, len(p.Members)), Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:]), Records: w.records}
	if err := w.write(m.Name, content); err != nil {
		return err
	}
	p.Members, p.Records = append(p.Members, m), p.Records+m.Records
	w.chunk.Reset()
	w.records = 0
	return nil
}

// pack compresses; what shrinks so much that a reader would take it for a trap is left as it is.
func (w *Writer) pack(content []byte) ([]byte, error) {
	for _, level := range []int{gzip.BestSpeed, gzip.NoCompression} {
		w.packed.Reset()
		z, err := gzip.NewWriterLevel(&w.packed, level)
		if err != nil {
			return nil, err
		}
		if _, err := z.Write(content); err != nil {
			return nil, err
		}
		if err := z.Close(); err != nil {
			return nil, err
		}
		if len(content) <= maxRaw(w.packed.Len()) {
			break
		}
	}
	return w.packed.Bytes(), nil
}

// maxRaw is how many bytes a compressed member may become.
func maxRaw(packed int) int { return min(maxMember, max(ratioFloor, maxRatio*packed)) }

// account writes the manifest and its hash.
func (w *Writer) account(about any) error {
	var err error
	if w.manifest.About, err = json.Marshal(about); err != nil {
		return err
	}
	content, err := json.Marshal(w.manifest)
	if err != nil {
		return err
	}
	if len(content) > maxManifest {
		return fmt.Errorf("%w: a manifest of %d bytes, at most %d", kb.ErrInvalid, len(content), maxManifest)
	}
	if err := w.write(manifestName, content); err != nil {
		return err
	}
	return w.write(sumName, sumLine(content))
}

func (w *Writer) write(name string, content []byte) error {
	err := w.tar.WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: name, Size: int64(len(content)), Mode: 0o600, ModTime: w.manifest.CreatedAt.Truncate(time.Second), Format: tar.FormatUSTAR,
	})
	if err == nil {
		_, err = w.tar.Write(content)
	}
	return err
}

// Commit ends the file with its manifest, waits for the disk, reads all of it back, and gives it its name.
func (w *Writer) Commit(ctx context.Context, about any) (Manifest, error) {
	for _, step := range []func() error{
		w.flush,
		func() error { return w.account(about) },
		func() error { return w.tar.Close() },
		func() error { return w.file.Sync() },
		func() error { return w.readBack(ctx) },
		w.mustBeFree,
		func() error { return w.file.Close() },
		func() error { return os.Rename(w.part(), w.path) },
	} {
		if err := step(); err != nil {
			return Manifest{}, w.fail(err)
		}
	}
	w.file = nil
	return w.manifest, syncFolder(filepath.Dir(w.path))
}

func (w *Writer) readBack(ctx context.Context) error {
	if _, err := w.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := verify(ctx, w.file)
	return err
}

// Close gives up a file that was not committed and removes what there is of it.
func (w *Writer) Close() error {
	if w.file == nil {
		return nil
	}
	w.file.Close() // it goes away
	w.file = nil
	return os.Remove(w.part())
}

func (w *Writer) fail(err error) error {
	if w.failed == nil {
		w.failed = fmt.Errorf("backup %s: %w", w.path, full(err))
	}
	return w.failed
}

// syncFolder waits until the entries of a folder are on the disk.
func syncFolder(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
