package lexical

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
)

// reseal gives changed data a right checksum, so that fuzzing reaches the structure behind it.
func reseal(data []byte) []byte {
	if len(data) < 4 {
		return data
	}
	body := slices.Clone(data[:len(data)-4])
	return binary.LittleEndian.AppendUint32(body, crc32.Checksum(body, castagnoli()))
}
