package format

import (
	"encoding/binary"
	"io"
	"path"
	"strings"

	"github.com/richardlehane/mscfb"

	"xiaoyue/ingest"
	"xiaoyue/ingest/container"
)

// zipMarks are parts that only one format has.
var zipMarks = []struct {
	part   string
	format Format
}{
	{"word/document.xml", DOCX},
	{"xl/workbook.bin", XLSB},
	{"xl/workbook.xml", XLSX},
	{"ppt/presentation.xml", PPTX},
	{"OFD.xml", OFD},
	{"META-INF/container.xml", EPUB},
	{"FixedDocSeq.fdseq", XPS},
	{"FixedDocumentSequence.fdseq", XPS},
}

// sniffZip tells the formats that are zip archives inside. One whose directory is broken has the
// format that its name claims, a zip's otherwise.
func sniffZip(r io.ReaderAt, size int64, name string) Format {
	z, err := container.OpenZip(r, size, ingest.Limits{Parts: 1 << 20})
	if err != nil {
		if f := ByName(name); f != Unknown {
			return f
		}
		return Zip
	}
	for _, m := range zipMarks {
		if z.Has(m.part) {
			return m.format
		}
	}
	if z.Has("mimetype") && z.Has("content.xml") {
		return ODF
	}
	if !z.Has("[Content_Types].xml") {
		return Zip
	}
	for _, f := range z.Files {
		switch dir, _, _ := strings.Cut(f.Name, "/"); dir {
		case "word":
			return DOCX
		case "xl":
			return XLSX
		case "ppt":
			return PPTX
		}
		if path.Ext(f.Name) == ".fdseq" {
			return XPS
		}
	}
	return Zip
}

// maxOLEEntries bounds the directory of a compound file.
const maxOLEEntries = 10000

// sniffOLE tells the formats that are compound files, and whether they need a password.
func sniffOLE(r io.ReaderAt, name string) Finding {
	doc, err := mscfb.New(r)
	if err != nil {
		return Finding{Format: oleByName(name)}
	}
	found := Finding{Format: OLE}
	for range maxOLEEntries {
		e, err := doc.Next()
		if err != nil {
			break
		}
		if f, ok := oleEntry(e); ok {
			found.Format = f.Format
			found.Encrypted = found.Encrypted || f.Encrypted
		} else if e.Name == "EncryptedSummary" { // of a ppt, MS-PPT 2.3.7
			found.Encrypted = true
		}
		if found.Format == DOCX {
			break
		}
	}
	if found.Format == OLE {
		found.Format = oleByName(name)
	}
	if found.Format == DOCX && strings.HasPrefix(strings.ToLower(path.Ext(name)), ".xls") {
		found.Format = XLSX
	}
	return found
}

// oleEntry tells a format by one of its streams.
func oleEntry(e *mscfb.File) (Finding, bool) {
	switch e.Name {
	case "EncryptedPackage": // MS-OFFCRYPTO 2.3.4.4: an Office Open XML file under a password
		return Finding{Format: DOCX, Encrypted: true}, true
	case "WordDocument":
		return Finding{Format: DOC, Encrypted: encryptedDoc(e)}, true
	case "Workbook", "Book":
		return Finding{Format: XLS, Encrypted: encryptedXLS(e)}, true
	case "PowerPoint Document":
		return Finding{Format: PPT}, true
	case "__properties_version1.0":
		return Finding{Format: MSG}, len(e.Path) == 0
	case "MatOST":
		return Finding{Format: WPS}, true
	}
	return Finding{}, false
}

func oleByName(name string) Format {
	switch strings.ToLower(path.Ext(name)) {
	case ".doc", ".dot":
		return DOC
	case ".xls", ".et":
		return XLS
	case ".ppt", ".dps":
		return PPT
	case ".wps":
		return WPS
	case ".msg":
		return MSG
	}
	return OLE
}

// encryptedDoc reads the flag fEncrypted of the file information block (MS-DOC 2.5.2).
func encryptedDoc(r io.Reader) bool {
	var fib [12]byte
	_, err := io.ReadFull(r, fib[:])
	return err == nil && binary.LittleEndian.Uint16(fib[10:])&0x0100 != 0
}

// encryptedXLS looks for the record FILEPASS among the first records (MS-XLS 2.4.117).
func encryptedXLS(r io.Reader) bool {
	for range 8 {
		var head [4]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return false
		}
		if binary.LittleEndian.Uint16(head[:]) == 0x002f {
			return true
		}
		if _, err := io.CopyN(io.Discard, r, int64(binary.LittleEndian.Uint16(head[2:]))); err != nil {
			return false
		}
	}
	return false
}
