package embedded

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded/journal"
)

// The folder of an index holds the file "current", which names the generation in use, a folder
// beside it, and the stamp; and the lock. A generation holds a journal and a checkpoint. Whatever
// replaces an index (compaction, rebuilding) writes the next generation and then "current" anew, so
// that there is a whole index at every moment.
const (
	currentName = "current"
	lockName    = "lock"
	format      = 1
)

// current is the content of the file of that name.
type current struct {
	Format     int             `json:"format"`
	Generation int             `json:"generation"`
	Stamp      retrieval.Stamp `json:"stamp"`
}

// generationName is what generations are called; nothing else in the folder is ever removed.
var generationName = regexp.MustCompile(`^g[0-9]{6,9}$`)

func generationPath(dir string, n int) string { return filepath.Join(dir, fmt.Sprintf("g%06d", n)) }

// readCurrent returns what is in use; an index that was never made is fs.ErrNotExist.
func readCurrent(dir string) (c current, err error) {
	err = readSealed(dir, currentName, &c)
	switch {
	case errors.Is(err, fs.ErrNotExist) && len(generations(dir)) > 0:
		return c, fmt.Errorf("file %s is missing: %w", currentName, retrieval.ErrCorrupt)
	case err != nil:
		return c, err
	case c.Format != format:
		return c, fmt.Errorf("file %s: format %d, want %d: %w", currentName, c.Format, format, retrieval.ErrStamp)
	}
	return c, nil
}

// writeCurrent makes a generation the one in use.
func writeCurrent(dir string, c current) error { return writeSealed(dir, currentName, c) }

// readSealed reads what writeSealed wrote.
func readSealed(dir, name string, into any) error {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	body, ok := unsealed(b)
	if !ok {
		return fmt.Errorf("file %s: wrong checksum: %w", name, retrieval.ErrCorrupt)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("file %s: %w: %w", name, retrieval.ErrCorrupt, err)
	}
	return nil
}

// writeSealed replaces a file by a value in JSON with its checksum, durably.
func writeSealed(dir, name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return replace(dir, name, binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli())))
}

// replace writes a file beside and renames it over the old one, durably.
func replace(folder, name string, b []byte) error {
	return replaceWith(folder, name, func(f *os.File) error {
		_, err := f.Write(b)
		return err
	})
}

// replaceWith is replace for content that is written piece by piece.
func replaceWith(folder, name string, content func(*os.File) error) error {
	path := filepath.Join(folder, name)
	next := path + ".next"
	err := write(next, content)
	if err == nil {
		err = os.Rename(next, path)
	}
	if err == nil {
		err = journal.SyncFolder(folder)
	}
	if err != nil {
		os.Remove(next)
		return fmt.Errorf("write %s: %w", name, typed(err))
	}
	return nil
}

func write(path string, content func(*os.File) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if err = content(f); err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// unsealed takes the checksum off the end of b and reports whether it is right.
func unsealed(b []byte) ([]byte, bool) {
	if len(b) < 4 {
		return nil, false
	}
	body, sum := b[:len(b)-4], binary.LittleEndian.Uint32(b[len(b)-4:])
	return body, crc32.Checksum(body, castagnoli()) == sum
}

// typed adds kb.ErrFull to the errors of a full disk, and fs.ErrPermission to those of a read-only one.
func typed(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: %w", kb.ErrFull, err)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("the disk is read-only: %w: %w", fs.ErrPermission, err)
	}
	return err
}

// generations returns the numbers of the generations in a folder.
func generations(dir string) []int {
	entries, _ := os.ReadDir(dir)
	var found []int
	for _, e := range entries {
		if n, err := strconv.Atoi(e.Name()[1:]); err == nil && e.IsDir() && generationName.MatchString(e.Name()) {
			found = append(found, n)
		}
	}
	return found
}

// dropOthers removes all generations but one: what an earlier life began or left behind.
func dropOthers(dir string, keep int) {
	for _, n := range generations(dir) {
		if n != keep {
			os.RemoveAll(generationPath(dir, n))
		}
	}
}

// newGeneration makes an empty generation with a number that no other has.
func newGeneration(dir string) (n int, j *journal.Journal, err error) {
	for _, g := range generations(dir) {
		n = max(n, g)
	}
	n++
	path := generationPath(dir, n)
	if err := os.Mkdir(path, 0o700); err != nil {
		return 0, nil, typed(err)
	}
	if err := journal.SyncFolder(dir); err != nil {
		return 0, nil, typed(err)
	}
	j, err = journal.Create(path)
	if err != nil {
		os.RemoveAll(path)
		return 0, nil, err
	}
	return n, j, nil
}
