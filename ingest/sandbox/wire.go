package sandbox

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"xiaoyue/ingest"
)

// A frame is its length as four bytes, big end first, and that many bytes of JSON. The child sends
// an empty array when it is ready, then one frame of readings for each request.

// maxRequest bounds a request: a path and limits.
const maxRequest = 1 << 20

// errFrame is a frame that is longer than its reader allows.
var errFrame = errors.New("sandbox: frame too long")

// request asks a child to read one file.
type request struct {
	Path   string
	Limits ingest.Limits
}

// reading is an ingest.FileReading with its fault spelled out.
type reading struct {
	Path    string
	Hash    string
	Reading ingest.Reading
	Status  ingest.Status
	Reason  string
	Cause   string
}

// Dispatch reads the file at path; (*dispatch.Dispatcher).File is one.
type Dispatch func(ctx context.Context, path string, limits ingest.Limits) []ingest.FileReading

// Serve is the child's side: it says that it is ready, then answers requests from in on out until
// in ends, which is no error. Whatever takes long to set up belongs before the call.
func Serve(ctx context.Context, in io.Reader, out io.Writer, dispatch Dispatch) error {
	if err := writeFrame(out, []reading{}); err != nil {
		return err
	}
	for {
		var req request
		err := readFrame(in, maxRequest, &req)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := writeFrame(out, encode(dispatch(ctx, req.Path, req.Limits))); err != nil {
			return err
		}
	}
}

func encode(files []ingest.FileReading) []reading {
	wire := make([]reading, len(files))
	for i, f := range files {
		wire[i] = reading{Path: f.Path, Hash: f.Hash, Reading: f.Reading}
		if f.Err != nil {
			wire[i].Status, wire[i].Reason = f.Err.Status, f.Err.Reason
			if f.Err.Err != nil {
				wire[i].Cause = f.Err.Err.Error()
			}
		}
	}
	return wire
}

func decode(wire []reading) []ingest.FileReading {
	files := make([]ingest.FileReading, len(wire))
	for i, w := range wire {
		files[i] = ingest.FileReading{Path: w.Path, Hash: w.Hash, Reading: w.Reading}
		if w.Status == "" {
			continue
		}
		files[i].Err = &ingest.ReadError{Status: w.Status, Reason: w.Reason}
		if w.Cause != "" {
			files[i].Err.Err = errors.New(w.Cause)
		}
	}
	return files
}

func writeFrame(w io.Writer, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("sandbox: encode a frame: %w", err)
	}
	if _, err := w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)); err != nil {
		return fmt.Errorf("sandbox: write a frame: %w", err)
	}
	return nil
}

// readFrame decodes the next frame into v. At the end of r it returns io.EOF.
func readFrame(r io.Reader, limit int64, v any) error {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return err
	}
	n := int64(binary.BigEndian.Uint32(size[:]))
	if n > limit {
		return fmt.Errorf("%w: %d bytes", errFrame, n)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return fmt.Errorf("sandbox: read a frame: %w", err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("sandbox: decode a frame: %w", err)
	}
	return nil
}
