package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
)

// hashFile returns the SHA-256 of a file in hex. A file longer than limit is not hashed and has the
// empty hash: its reader refuses it.
func hashFile(path string, limit int64) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, io.LimitReader(f, limit+1))
	if err != nil {
		return "", err
	}
	if n > limit {
		return "", nil
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// cause is why a file could not be opened, without the path.
func cause(err error) string {
	if p := new(fs.PathError); errors.As(err, &p) {
		err = p.Err
	}
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "没有读取权限"
	case errors.Is(err, fs.ErrNotExist):
		return "读取时已不存在"
	}
	return err.Error()
}
