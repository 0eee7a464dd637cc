package backup

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"

	"xiaoyue/kb"
)

// Reader reads a file that was checked whole. Its methods may be called concurrently.
type Reader struct {
	path     string
	file     *os.File
	manifest Manifest
	offsets  map[string]int64 // of the members
}

// Open opens a file and checks all of it against its manifest. A file that is no backup is ErrForeign; a
// damaged one is ErrDamaged with the member.
func Open(ctx context.Context, path string) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	found, err := verify(ctx, f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("backup %s: %w", path, err)
	}
	return &Reader{path, f, found.manifest, found.offsets}, nil
}

// Manifest returns what the file holds. It is not to be changed.
func (r *Reader) Manifest() Manifest { return r.manifest }

// Close closes the file.
func (r *Reader) Close() error { return r.file.Close() }

// Records yields the records of a part, each valid until the next; none of that name is kb.ErrNotFound.
// Members are compared with their hashes again: a file can change after it was opened.
func (r *Reader) Records(ctx context.Context, part string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		p, ok := r.manifest.Part(part)
		if !ok {
			yield(nil, fmt.Errorf("backup %s: part %s: %w", r.path, part, kb.ErrNotFound))
			return
		}
		content := make([]byte, 0, chunkBytes)
		for _, m := range p.Members {
			err := ctx.Err()
			if err == nil {
				content = slices.Grow(content[:0], int(m.Size))[:m.Size]
				_, err = r.file.ReadAt(content, r.offsets[m.Name])
			}
			if err == nil && digest(content) != m.SHA256 {
				err = fmt.Errorf("%w: it changed since it was opened", ErrDamaged)
			}
			more := true
			if err == nil {
				_, err = records(p.Kind, content, func(b []byte) bool {
					more = yield(b, nil)
					return more
				})
			}
			if err != nil && more {
				yield(nil, fmt.Errorf("backup %s: member %s: %w", r.path, m.Name, err))
				return
			}
			if !more {
				return
			}
		}
	}
}

// verified is what a check of a whole file found.
type verified struct {
	manifest Manifest
	offsets  map[string]int64
	members  []Member // but the first and the last two
	sum      []byte   // what the last one must be; nil: the manifest is still to come
}

// verify reads a whole file, from its beginning, and compares it with its manifest.
func verify(ctx context.Context, f io.Reader) (verified, error) {
	in := &counter{from: bufio.NewReaderSize(f, 1<<20)}
	archive := tar.NewReader(in)
	found := verified{offsets: map[string]int64{}}
	var content bytes.Buffer
	last := "the beginning"
	end := int64(0) // of the last content
	for done := false; !done; {
		if err := ctx.Err(); err != nil {
			return verified{}, err
		}
		h, err := archive.Next()
		if err != nil {
			return verified{}, unreadable(last, err)
		}
		if err := found.admit(h); err != nil {
			return verified{}, fmt.Errorf("member %.80q after %.80q: %w", h.Name, last, err)
		}
		offset := in.n
		content.Reset()
		if _, err := io.Copy(&content, archive); err != nil {
			return verified{}, fmt.Errorf("member %.80q: %w: %v", h.Name, ErrDamaged, err)
		}
		if done, err = found.take(h.Name, offset, content.Bytes()); err != nil {
			return verified{}, fmt.Errorf("member %.80q: %w", h.Name, err)
		}
		last, end = h.Name, offset+int64(content.Len())
	}
	return found, atEnd(archive, in, end)
}

// unreadable says what it means that there is no further member.
func unreadable(last string, err error) error {
	if last == "the beginning" {
		return fmt.Errorf("%w: %v", ErrForeign, err)
	}
	return fmt.Errorf("%w: it ends or breaks off after %.80q: %v", ErrDamaged, last, err)
}

// admit refuses members that a Writer does not write, before their content is read.
func (v *verified) admit(h *tar.Header) error {
	limit := int64(maxMember)
	if len(v.offsets) == 0 || h.Name == manifestName {
		limit = maxManifest
	}
	_, twice := v.offsets[h.Name]
	switch {
	case len(v.offsets) == 0 && h.Name != headName:
		return ErrForeign
	case h.Typeflag != tar.TypeReg || len(h.PAXRecords) > 0:
		return fmt.Errorf("%w: it is no plain file", ErrDamaged)
	case h.Size > limit:
		return fmt.Errorf("%w: it has %d bytes, at most %d", ErrDamaged, h.Size, limit)
	case twice:
		return fmt.Errorf("%w: it is there twice", ErrDamaged)
	case (v.sum != nil) != (h.Name == sumName):
		return fmt.Errorf("%w: it is out of order", ErrDamaged)
	}
	return nil
}

// take accounts for the content of a member, and says whether it was the last one.
func (v *verified) take(name string, offset int64, content []byte) (done bool, err error) {
	first := len(v.offsets) == 0
	v.offsets[name] = offset
	switch {
	case first:
		return false, checkHead(content)
	case name == manifestName:
		v.sum = sumLine(content)
		return false, v.compare(content)
	case v.sum != nil:
		if !bytes.Equal(content, v.sum) {
			return false, fmt.Errorf("%w: the manifest is not the one that was written", ErrDamaged)
		}
		return true, nil
	}
	kind := Blocks
	if bytes.HasSuffix([]byte(name), []byte(Lines.suffix())) {
		kind = Lines
	}
	n, err := records(kind, content, func([]byte) bool { return true })
	v.members = append(v.members, Member{Name: name, Size: int64(len(content)), SHA256: digest(content), Records: n})
	return false, err
}

func checkHead(content []byte) error {
	var h head
	if err := json.Unmarshal(content, &h); err != nil || h.Backup != "xiaoyue" || h.Format != Format {
		return fmt.Errorf("%w: format %d, this one reads %d", ErrForeign, h.Format, Format)
	}
	return nil
}

// compare reads the manifest and holds what was found against it.
func (v *verified) compare(content []byte) error {
	if err := json.Unmarshal(content, &v.manifest); err != nil || v.manifest.Format != Format {
		return fmt.Errorf("%w: format %d, %v", ErrDamaged, v.manifest.Format, err)
	}
	next := 0
	seen := map[string]bool{}
	for _, p := range v.manifest.Parts {
		if !partName.MatchString(p.Name) || seen[p.Name] || p.Kind != Lines && p.Kind != Blocks {
			return fmt.Errorf("%w: part %.80q of kind %.20q, or there twice", ErrDamaged, p.Name, p.Kind)
		}
		seen[p.Name] = true
		count := int64(0)
		for i, m := range p.Members {
			if next >= len(v.members) || v.members[next] != m || m.Name != memberName(p.Name, p.Kind, i) {
				return fmt.Errorf("%w: member %.80q is not as the manifest says", ErrDamaged, m.Name)
			}
			next++
			count += m.Records
		}
		if count != p.Records {
			return fmt.Errorf("%w: part %s has %d records, the manifest says %d", ErrDamaged, p.Name, count, p.Records)
		}
	}
	if next < len(v.members) {
		return fmt.Errorf("%w: member %.80q is not in the manifest", ErrDamaged, v.members[next].Name)
	}
	return nil
}

// atEnd refuses what follows the last member, whose content ends at a byte: it is to be filled up to a block
// of 512 bytes, and followed by two empty ones.
func atEnd(archive *tar.Reader, in *counter, end int64) error {
	if h, err := archive.Next(); err == nil {
		return fmt.Errorf("%w: member %.80q follows the last one", ErrDamaged, h.Name)
	} else if !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: at its end: %v", ErrDamaged, err)
	}
	if want := (end+511)/512*512 + 1024; in.n != want {
		return fmt.Errorf("%w: cut off at byte %d of %d", ErrDamaged, in.n, want)
	}
	var one [1]byte
	if n, err := in.Read(one[:]); n > 0 || !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: bytes follow its end: %v", ErrDamaged, err)
	}
	return nil
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// counter counts what was read.
type counter struct {
	from io.Reader
	n    int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.n += int64(n)
	return n, err
}
