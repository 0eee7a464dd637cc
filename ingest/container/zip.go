package container

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"strings"

	"xiaoyue/ingest"
)

// ratioFloor is how much an archive may unpack to before its ratio counts: small files of repeated
// XML pack well and harm nobody.
const ratioFloor = 4 << 20

// encryptedFlag is bit 0 of a zip entry's general purpose flags (APPNOTE 4.4.4).
const encryptedFlag = 1

// Zip is an archive whose parts are read within limits. It is not safe for concurrent use.
type Zip struct {
	Files  []*zip.File // in the order of the directory
	byName map[string]*zip.File
	limits ingest.Limits
	size   int64 // packed
	read   int64 // unpacked so far, over all parts
}

// OpenZip reads the directory of the archive in r. Faults are *ingest.ReadError.
func OpenZip(r io.ReaderAt, size int64, limits ingest.Limits) (*Zip, error) {
	limits = limits.Filled()
	zr, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, damaged("压缩包目录读不出来", fmt.Errorf("open zip: %w", err))
	}
	if len(zr.File) > limits.Parts {
		return nil, tooLarge(fmt.Sprintf("压缩包内有 %d 个文件，超过 %d 个", len(zr.File), limits.Parts), nil)
	}
	z := &Zip{Files: zr.File, byName: make(map[string]*zip.File, len(zr.File)), limits: limits, size: size}
	for _, f := range zr.File {
		key := partKey(f.Name)
		if _, ok := z.byName[key]; !ok {
			z.byName[key] = f
		}
	}
	return z, nil
}

// partKey folds what writers disagree about: case, a leading slash, backslashes.
func partKey(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "/"))
}

// Has says whether there is a part of that name.
func (z *Zip) Has(name string) bool {
	return z.byName[partKey(name)] != nil
}

// Size returns the unpacked size that the part claims, at most that of a part within the limits; 0
// for a missing one.
func (z *Zip) Size(name string) int64 {
	if f := z.byName[partKey(name)]; f != nil {
		return int64(min(f.UncompressedSize64, uint64(z.limits.PartBytes)))
	}
	return 0
}

// Open opens the named part, and returns nil without error when there is none.
func (z *Zip) Open(name string) (io.ReadCloser, error) {
	f := z.byName[partKey(name)]
	if f == nil {
		return nil, nil
	}
	return z.OpenFile(f)
}

// OpenFile opens one of z.Files. Reads fail with a *ingest.ReadError once the part or the whole
// archive has given more than the limits allow, whatever sizes the directory claims.
func (z *Zip) OpenFile(f *zip.File) (io.ReadCloser, error) {
	if f.Flags&encryptedFlag != 0 {
		return nil, &ingest.ReadError{
			Status: ingest.StatusEncrypted,
			Reason: "压缩包设有密码，请解压（或去掉密码重新压缩）后再上传",
			Err:    fmt.Errorf("zip entry %q is encrypted", f.Name),
		}
	}
	rc, err := f.Open()
	if errors.Is(err, zip.ErrAlgorithm) {
		return nil, &ingest.ReadError{
			Status: ingest.StatusUnsupported,
			Reason: "压缩包用了少见的压缩方法，请解压后用普通 zip 方式重新压缩",
			Err:    fmt.Errorf("zip entry %q: %w", f.Name, err),
		}
	}
	if err != nil {
		return nil, damaged("压缩包内的文件打不开", fmt.Errorf("zip entry %q: %w", f.Name, err))
	}
	return &part{zip: z, rc: rc, name: f.Name}, nil
}

// ReadAll returns the bytes of the named part, nil when there is none.
func (z *Zip) ReadAll(name string) ([]byte, error) {
	rc, err := z.Open(name)
	if err != nil || rc == nil {
		return nil, err
	}
	defer rc.Close()
	return io.ReadAll(rc)
}

// part is an open part that counts against its archive.
type part struct {
	zip  *Zip
	rc   io.ReadCloser
	name string
	read int64
}

// Read implements io.Reader within the limits.
func (p *part) Read(b []byte) (int, error) {
	n, err := p.rc.Read(b)
	p.read += int64(n)
	p.zip.read += int64(n)
	if p.zip.read > ratioFloor && p.zip.read > p.zip.size*int64(p.zip.limits.Ratio) {
		return 0, hostile("压缩包解开后大得反常（疑似压缩炸弹）", fmt.Errorf("zip entry %q: ratio over %d", p.name, p.zip.limits.Ratio))
	}
	if p.read > p.zip.limits.PartBytes {
		return 0, tooLarge(fmt.Sprintf("压缩包内有解开后超过 %d MB 的文件", p.zip.limits.PartBytes>>20), fmt.Errorf("zip entry %q", p.name))
	}
	if err != nil && err != io.EOF {
		return n, damaged("压缩包内的数据有错", fmt.Errorf("zip entry %q: %w", p.name, err))
	}
	return n, err
}

// Close implements io.Closer.
func (p *part) Close() error { return p.rc.Close() }
