// Package text reads plain text files as an ingest.Reader, and decodes the character encodings that
// Chinese offices use: UTF-8, GB18030 (with GBK and GB2312) and UTF-16, with and without a byte
// order mark.
//
// It does not guess structure: every line is a paragraph, and telling headings from clauses is left
// to what comes after reading.
package text

import (
	"context"
	"fmt"
	"io"
	"strings"

	"xiaoyue/ingest"
)

// Format is the name that readings carry.
const Format = "txt"

// Reader implements ingest.Reader. The zero value is ready and safe for concurrent use.
type Reader struct{}

// Read implements ingest.Reader.
func (Reader) Read(ctx context.Context, r io.ReaderAt, size int64, limits ingest.Limits) (ingest.Reading, error) {
	reading := ingest.Reading{Format: Format}
	decoded, err := ReadAll(r, size, limits)
	if err != nil {
		return reading, err
	}
	out := ingest.NewCollector(limits)
	for line := range strings.Lines(decoded.Text) {
		if err := ctx.Err(); err != nil {
			return reading, err
		}
		if err := out.Add(ingest.Block{Kind: ingest.BlockParagraph, Text: Clean(line)}); err != nil {
			return reading, err
		}
	}
	reading.Blocks, reading.Coverage = out.Blocks, decoded.Coverage()
	if len(out.Blocks) == 0 {
		return reading, Empty()
	}
	return reading, nil
}

// ReadAll reads and decodes a whole file of text.
func ReadAll(r io.ReaderAt, size int64, limits ingest.Limits) (Decoded, error) {
	limits = limits.Filled()
	if most := min(limits.FileBytes, 2*limits.TextBytes); size > most {
		return Decoded{}, &ingest.ReadError{
			Status: ingest.StatusTooLarge,
			Reason: fmt.Sprintf("文本文件超过 %d MB，请拆分成几个文件后再上传", most>>20),
		}
	}
	b, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil {
		return Decoded{}, &ingest.ReadError{Status: ingest.StatusDamaged, Reason: "文件读不出来，请重新上传", Err: err}
	}
	return Decode(b)
}

// Empty is the fault of a file without any text.
func Empty() *ingest.ReadError {
	return &ingest.ReadError{Status: ingest.StatusEmpty, Reason: "文件里没有文字，请核对是否传错了文件"}
}

// Clean trims a line and turns what only moves the pen into spaces.
func Clean(line string) string {
	line = strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\u00a0', r == '\f', r == '\v':
			return ' '
		case r == '\u200b', r == '\ufeff', r < ' ' && r != '\n', r == 0x7f:
			return -1
		}
		return r
	}, line)
	return strings.TrimSpace(line)
}
