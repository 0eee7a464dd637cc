package format

import (
	"archive/zip"
	"bytes"
	"errors"
	"strings"
	"testing"

	"xiaoyue/ingest"
)

// zipped returns an archive of empty members.
func zipped(t *testing.T, names ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, n := range names {
		if _, err := w.Create(n); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const ole = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

func TestSniff(t *testing.T) {
	for _, c := range []struct {
		file, content string
		want          Format
	}{
		{"a.doc", zipped(t, "[Content_Types].xml", "word/document.xml"), DOCX}, // the name lies
		{"a.docx", zipped(t, "[Content_Types].xml", "word/document2.xml"), DOCX},
		{"a", zipped(t, "[Content_Types].xml", "xl/workbook.xml"), XLSX},
		{"a", zipped(t, "[Content_Types].xml", "xl/workbook.bin"), XLSB},
		{"a", zipped(t, "ppt/presentation.xml"), PPTX},
		{"a", zipped(t, "OFD.xml", "Doc_0/Document.xml"), OFD},
		{"a", zipped(t, "mimetype", "META-INF/container.xml"), EPUB},
		{"a", zipped(t, "mimetype", "content.xml"), ODF},
		{"a", zipped(t, "FixedDocSeq.fdseq"), XPS},
		{"a.zip", zipped(t, "通知.docx"), Zip},
		{"a.docx", "PK\x03\x04cut off", DOCX},
		{"a", "PK\x03\x04cut off", Zip},
		{"a.et", ole + "cut off", XLS},
		{"a", ole + "cut off", OLE},
		{"a.txt", "%PDF-1.4", PDF},
		{"a", "garbage\n%PDF-1.4", PDF},
		{"a.pdf", "1 0 obj\n<<>>", PDF},
		{"a.doc", `{\rtf1}`, RTF},
		{"a", "ITSF\x03", CHM},
		{"a", "\x1f\x9d\x90", Compress},
		{"a", "Rar!\x1a\x07\x00", RAR},
		{"a", "7z\xbc\xaf\x27\x1c", SevenZip},
		{"a", strings.Repeat("\x00", 257) + "ustar", Tar},
		{"a", "\x89PNG\r\n\x1a\n", Image},
		{"a.jpg", "\xff\xd8\xff\xe0", Image},
		{"a", "BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28", Image},
		{"a", "\x00\x00\x00\x18ftypmp42", Media},
		{"a", "\x7fELF\x02", Program},
		{"a", "\x01\x02\x03\x04\x00\x00\xfe", Unknown},
		{"a.txt", "通知", Text},
		{"a.md", "# 通知", Markdown},
		{"a.csv", "甲,乙", CSV},
		{"a.txt", "<!DOCTYPE html><p>", HTML},
		{"a.shtml", "<div>通知</div>", HTML},
		{"a.mht", "MIME-Version: 1.0\nContent-Type: multipart/related", MHT},
		{"a.eml", "From: a\nMIME-Version: 1.0\n\nx", EML},
		{"a.doc", `<?xml version="1.0"?><?mso-application progid="Word.Document"?>`, WordXML},
	} {
		got, err := Sniff(strings.NewReader(c.content), int64(len(c.content)), c.file)
		if err != nil || got.Format != c.want || got.Encrypted {
			t.Errorf("%s %.20q: got %+v, %v, want %s", c.file, c.content, got, err, c.want)
		}
	}
}

func TestSniffEmpty(t *testing.T) {
	var fault *ingest.ReadError
	if _, err := Sniff(strings.NewReader(""), 0, "a.txt"); !errors.As(err, &fault) || fault.Status != ingest.StatusEmpty {
		t.Errorf("got %v", err)
	}
}

// TestEveryFormatHasAdvice keeps the table whole: whoever sends a file is told what to do.
func TestEveryFormatHasAdvice(t *testing.T) {
	formats := []Format{DOC, XLS, PPT, WPS, PPTX, XLSB, MSG, OLE, EPUB, ODF, XPS, OFD, MHT, EML, WordXML, Unknown}
	for _, m := range magic {
		formats = append(formats, m.format)
	}
	for _, f := range formats {
		if _, ok := advice[f]; !ok {
			t.Errorf("%s has no advice", f)
		}
		if got := (Finding{Format: f}).Fault(); got.Status != ingest.StatusUnsupported || !strings.Contains(got.Reason, advice[f][0]) {
			t.Errorf("%s: %v", f, got)
		}
		if got := (Finding{Format: f, Encrypted: true}).Fault(); got.Status != ingest.StatusEncrypted {
			t.Errorf("%s under a password: %v", f, got)
		}
	}
}
