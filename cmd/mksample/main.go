// Command mksample makes the documents of kb/sample from their readable sources: docx, PDF, xlsx,
// html, markdown and GB18030 text, and the list that describes them. The same sources give the
// same bytes every time, on every machine and with every Go release, which is why nothing in them
// is compressed. It writes what the sample needs and is no general document writer.
//
//	mksample [-dir kb/sample] [-font FILE.ttf]
//
// Without a font the scanned page is left as it is, because only that one draws glyphs.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	dir := flag.String("dir", "kb/sample", "folder that holds sources and receives documents")
	font := flag.String("font", "", "TrueType or OpenType font with Chinese glyphs, for the scanned page")
	flag.Parse()
	if err := run(*dir, *font); err != nil {
		fmt.Fprintln(os.Stderr, "mksample:", err)
		os.Exit(1)
	}
}

func run(dir, font string) error {
	sources, err := readSources(os.DirFS(filepath.Join(dir, "sources")))
	if err != nil {
		return err
	}
	for _, s := range sources {
		if s.format == "scan-pdf" && font == "" {
			fmt.Fprintf(os.Stderr, "mksample: %s left as it is: no -font given\n", s.key)
			continue
		}
		b, err := render(s, font)
		if err != nil {
			return fmt.Errorf("%s: %w", s.path, err)
		}
		if err := write(filepath.Join(dir, "documents", filepath.FromSlash(s.key)), b); err != nil {
			return err
		}
	}
	list, err := describe(sources)
	if err != nil {
		return err
	}
	return write(filepath.Join(dir, "documents.jsonl"), list)
}

// render returns the bytes of a source in the format it asks for.
func render(s source, font string) ([]byte, error) {
	switch s.format {
	case "docx":
		return docx(s)
	case "pdf":
		return textPDF(s)
	case "scan-pdf":
		return scanPDF(s, font)
	case "xlsx":
		return workbook(s)
	case "html":
		return page(s)
	case "md":
		return markdown(s), nil
	case "txt-gb18030":
		return gb18030(s)
	}
	return nil, fmt.Errorf("format %q is not known", s.format)
}

// write leaves an unchanged file alone, so that its time tells when it last changed.
func write(name string, b []byte) error {
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, b) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, b, 0o644)
}
