package backup

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
)

// records calls f for every record of a member until it returns false, and returns how many there were.
// A record is valid during the call.
func records(kind Kind, content []byte, f func([]byte) bool) (int64, error) {
	if kind == Blocks {
		return blocks(content, f)
	}
	return lines(content, f)
}

func blocks(content []byte, f func([]byte) bool) (n int64, err error) {
	for len(content) > 0 {
		size, width := binary.Uvarint(content)
		if width <= 0 || size > uint64(len(content)-width) {
			return n, fmt.Errorf("%w: record %d is longer than what there is", ErrDamaged, n)
		}
		record := content[width : width+int(size)]
		content = content[width+int(size):]
		n++
		if !f(record) {
			return n, nil
		}
	}
	return n, nil
}

func lines(content []byte, f func([]byte) bool) (n int64, err error) {
	in := bytes.NewReader(content) // it reads no byte too many
	z, err := gzip.NewReader(in)
	if err != nil {
		return 0, fmt.Errorf("%w: %v", ErrDamaged, err)
	}
	z.Multistream(false)
	limit := maxRaw(len(content))
	bounded := &io.LimitedReader{R: z, N: int64(limit) + 1}
	scanner := bufio.NewScanner(bounded)
	scanner.Buffer(make([]byte, 0, 64<<10), maxRecord+1)
	scanner.Split(splitLine)
	for scanner.Scan() {
		n++
		if !f(scanner.Bytes()) {
			return n, nil
		}
	}
	if err := scanner.Err(); err != nil {
		return n, fmt.Errorf("%w: record %d: %v", ErrDamaged, n, err)
	}
	if bounded.N == 0 {
		return n, fmt.Errorf("%w: %d bytes become more than %d", ErrDamaged, len(content), limit)
	}
	if in.Len() > 0 {
		return n, fmt.Errorf("%w: bytes follow its end", ErrDamaged)
	}
	return n, nil
}

// splitLine is bufio.ScanLines without its care for carriage returns: a record comes back as it was put.
func splitLine(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return 0, nil, io.ErrUnexpectedEOF
	}
	return 0, nil, nil
}
