//go:build unix

package journal

import (
	"os"

	"golang.org/x/sys/unix"
)

// mapPiece maps a part of a file for reading at random.
func mapPiece(f *os.File, from int64, size int) ([]byte, error) {
	data, err := unix.Mmap(int(f.Fd()), from, size, unix.PROT_READ, unix.MAP_SHARED)
	if err == nil {
		unix.Madvise(data, unix.MADV_RANDOM) // advice: without it more is read than needed
	}
	return data, err
}

func unmapPiece(data []byte) error { return unix.Munmap(data) }
