//go:build unix

package embedded

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"xiaoyue/kb"
)

// lock takes the folder for writing; it is free again when the file is closed or the process ends.
func lock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, typed(err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		return f, nil
	}
	f.Close()
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, kb.ErrLocked
	}
	return nil, err
}
