//go:build !unix

package embedded

import (
	"io"
	"os"
	"unsafe"
)

// mapFile reads the beginning of a file into aligned memory, where files cannot be mapped.
func mapFile(f *os.File, size int64) ([]byte, error) {
	const alignment = 64
	room := make([]byte, size+alignment)
	at := int(-uintptr(unsafe.Pointer(&room[0])) % alignment)
	data := room[at : at+int(size)]
	_, err := io.ReadFull(io.NewSectionReader(f, 0, size), data)
	return data, err
}

func unmap([]byte) error { return nil }
