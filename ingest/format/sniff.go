package format

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"xiaoyue/ingest"
	"xiaoyue/ingest/text"
)

// headBytes is how much of a file is looked at: enough for a PDF behind garbage and a tar's mark.
const headBytes = 8 << 10

// magic are the first bytes of formats, longer ones before their prefixes.
var magic = []struct {
	at     int
	bytes  string
	format Format
}{
	{0, "{\\rtf", RTF},
	{0, "ITSF", CHM},
	{0, "\x1f\x9d", Compress},
	{0, "\x1f\xa0", Compress},
	{0, "\x1f\x8b", GZip},
	{0, "BZh", BZip2},
	{0, "\xfd7zXZ\x00", XZ},
	{0, "Rar!\x1a\x07", RAR},
	{0, "7z\xbc\xaf\x27\x1c", SevenZip},
	{257, "ustar", Tar},
	{0, "Founder CEB", CEB},
	{0, "CAJ\x00", CAJ},
	{0, "HN\x00\x00", CAJ},
	{0, "\x89PNG\r\n\x1a\n", Image},
	{0, "\xff\xd8\xff", Image},
	{0, "GIF8", Image},
	{0, "II*\x00", Image},
	{0, "MM\x00*", Image},
	{8, "WEBP", Image},
	{4, "ftypheic", Image},
	{4, "ftypmif1", Image},
	{4, "ftyp", Media},
	{0, "ID3", Media},
	{0, "RIFF", Media},
	{0, "OggS", Media},
	{0, "\x1aE\xdf\xa3", Media},
	{0, "\x7fELF", Program},
	{0, "MZ\x90\x00", Program},
}

// Sniff tells the format of a file; name helps only to tell kinds of text apart. A fault is an
// unreadable or empty file, as *ingest.ReadError.
func Sniff(r io.ReaderAt, size int64, name string) (Finding, error) {
	if size == 0 {
		return Finding{Format: Unknown}, &ingest.ReadError{Status: ingest.StatusEmpty, Reason: "文件是空的（0 字节），请重新获取原件后再上传"}
	}
	head := make([]byte, min(size, headBytes))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return Finding{Format: Unknown}, &ingest.ReadError{
			Status: ingest.StatusDamaged,
			Reason: "文件读不出来，请检查文件是否完好、是否有读取权限",
			Err:    fmt.Errorf("read the head: %w", err),
		}
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return Finding{Format: sniffZip(r, size, name)}, nil
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return sniffOLE(r, name), nil
	}
	for _, m := range magic {
		if len(head) >= m.at+len(m.bytes) && string(head[m.at:m.at+len(m.bytes)]) == m.bytes {
			return Finding{Format: m.format}, nil
		}
	}
	if bytes.Contains(head[:min(len(head), 1024)], []byte("%PDF-")) {
		return Finding{Format: PDF}, nil
	}
	return Finding{Format: sniffText(head, name)}, nil
}

// sniffText tells kinds of text, and text from bytes that are none.
func sniffText(head []byte, name string) Format {
	if bytes.HasPrefix(head, []byte("BM")) && len(head) > 14 && bytes.Equal(head[6:10], make([]byte, 4)) {
		return Image // BMP: two reserved words of zero
	}
	d, err := text.Decode(head)
	if err != nil {
		return ByName(name)
	}
	start := strings.ToLower(strings.TrimSpace(d.Text[:min(len(d.Text), 2048)]))
	switch ext := strings.ToLower(path.Ext(name)); {
	case strings.Contains(start, "progid=\"word.document\""), strings.Contains(start, "schemas.microsoft.com/office/word/2003"):
		return WordXML
	case strings.HasPrefix(start, "mime-version:"), strings.Contains(start, "\nmime-version:"):
		if strings.Contains(start, "multipart/related") {
			return MHT
		}
		return EML
	case ext == ".pdf" && strings.Contains(start, " obj"): // its head is damaged
		return PDF
	case ext == ".md", ext == ".markdown":
		return Markdown
	case ext == ".csv", ext == ".tsv":
		return CSV
	case isHTML(start), strings.HasPrefix(ext, ".htm"), ext == ".shtml", ext == ".xhtml":
		return HTML
	}
	return Text
}

func isHTML(start string) bool {
	for _, tag := range []string{"<!doctype html", "<html", "<head>", "<body"} {
		if strings.Contains(start, tag) {
			return true
		}
	}
	return false
}

// ByName gives a damaged file the format that its name claims, so that its reader says what is
// wrong with it.
func ByName(name string) Format {
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".docx", ".docm", ".dotx":
		return DOCX
	case ".xlsx", ".xlsm":
		return XLSX
	case ".pdf", ".ofd", ".zip", ".csv", ".md", ".txt":
		return Format(ext[1:])
	case ".html", ".htm":
		return HTML
	}
	return Unknown
}
