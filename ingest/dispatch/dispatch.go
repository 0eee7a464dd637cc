// Package dispatch opens a file, tells its format and hands it to the reader of that format; the
// members of zip archives are read like files of their own.
//
// Everything that comes back is a reading or a fault with its reason: no file is passed over in
// silence, none stops the rest, and a reader that panics costs only its file. Limits of time and
// memory are the work of the sandbox around it.
package dispatch

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"xiaoyue/ingest"
	"xiaoyue/ingest/format"
)

// Dispatcher hands files to readers. It is safe for concurrent use when its readers are.
type Dispatcher struct {
	readers map[format.Format]ingest.Reader
}

// New returns a dispatcher over readers; formats without one are reported as unsupported. Zip
// archives need no reader.
func New(readers map[format.Format]ingest.Reader) *Dispatcher {
	d := &Dispatcher{readers: make(map[format.Format]ingest.Reader, len(readers))}
	for f, r := range readers {
		d.readers[f] = r
	}
	return d
}

// File reads the file at path: one reading, or one for each member of an archive in its order.
func (d *Dispatcher) File(ctx context.Context, path string, limits ingest.Limits) []ingest.FileReading {
	f, err := os.Open(path)
	if err != nil {
		return []ingest.FileReading{{Path: path, Err: unreadable(err)}}
	}
	defer f.Close()
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", path)
	}
	if err != nil {
		return []ingest.FileReading{{Path: path, Err: unreadable(err)}}
	}
	return d.Read(ctx, path, io.NewSectionReader(f, 0, st.Size()), limits)
}

// Read reads a file that is already open; path names it in the results.
func (d *Dispatcher) Read(ctx context.Context, path string, r *io.SectionReader, limits ingest.Limits) []ingest.FileReading {
	job := &job{ctx: ctx, readers: d.readers, limits: limits.Filled()}
	job.file(path, r, 0)
	return job.out
}

// job is the reading of one file with all that is inside of it.
type job struct {
	ctx      context.Context // of the one Read call it lives for
	readers  map[format.Format]ingest.Reader
	limits   ingest.Limits
	members  int   // met so far, over all archives
	unpacked int64 // bytes of members so far, over all archives
	out      []ingest.FileReading
}

// file reads one file or member; depth counts the archives around it.
func (j *job) file(path string, r *io.SectionReader, depth int) {
	out := ingest.FileReading{Path: path}
	if r.Size() > j.limits.FileBytes {
		out.Err = &ingest.ReadError{
			Status: ingest.StatusTooLarge,
			Reason: fmt.Sprintf("文件超过 %d MB，请拆分或压缩图片后再上传", j.limits.FileBytes>>20),
		}
		j.out = append(j.out, out)
		return
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(r, 0, r.Size())); err != nil {
		out.Err = unreadable(err)
		j.out = append(j.out, out)
		return
	}
	out.Hash = hex.EncodeToString(sum.Sum(nil))
	found, err := j.sniff(r, path)
	out.Reading.Format = string(found.Format)
	switch reader := j.readers[found.Format]; {
	case err != nil:
		out.Err = fault(err)
	case found.Encrypted:
		out.Err = found.Fault()
	case found.Format == format.Zip:
		j.archive(out, r, depth)
		return
	case reader == nil:
		out.Err = found.Fault()
	default:
		out.Reading, err = j.read(reader, r)
		out.Reading.Format = cmp.Or(out.Reading.Format, string(found.Format)) // lost in a panic
		out.Err = fault(err)
	}
	j.out = append(j.out, out)
}

// sniff is format.Sniff behind a recover: it parses compound files by a library.
func (j *job) sniff(r *io.SectionReader, path string) (found format.Finding, err error) {
	defer recovered(&err)
	return format.Sniff(r, r.Size(), path)
}

// read is reader.Read behind a recover.
func (j *job) read(reader ingest.Reader, r *io.SectionReader) (reading ingest.Reading, err error) {
	defer recovered(&err)
	return reader.Read(j.ctx, r, r.Size(), j.limits)
}

func recovered(err *error) {
	if p := recover(); p != nil {
		*err = &ingest.ReadError{
			Status: ingest.StatusDamaged,
			Reason: "文件内容异常，无法读取，请用 Office 或 WPS 打开后另存再上传",
			Err:    fmt.Errorf("panic: %v", p),
		}
	}
}

// fault turns what a reader returned into what the sender is told; nil stays nil.
func fault(err error) *ingest.ReadError {
	var re *ingest.ReadError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &re):
		return re
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return &ingest.ReadError{Status: ingest.StatusTimeout, Reason: "读取超时，请拆分成几个文件后再上传", Err: err}
	}
	return &ingest.ReadError{Status: ingest.StatusDamaged, Reason: "文件内容异常，无法读取，请用 Office 或 WPS 打开后另存再上传", Err: err}
}

func unreadable(err error) *ingest.ReadError {
	return &ingest.ReadError{Status: ingest.StatusDamaged, Reason: "文件打不开，请检查文件是否存在、是否有读取权限", Err: err}
}
