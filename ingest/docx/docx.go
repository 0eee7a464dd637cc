// Package docx reads Word documents (ECMA-376) as an ingest.Reader: paragraphs with their automatic
// numbers resolved, headings by outline level, tables with merged cells repeated, notes near their
// place. Deleted and hidden text, headers, footers and tables of contents stay out.
//
// It is a single pass over the XML, in bounded memory, and keeps no layout beyond alignment. Older
// .doc files are none of its business.
package docx

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"

	"xiaoyue/ingest"
	"xiaoyue/ingest/container"
)

// Format is the name that readings carry.
const Format = "docx"

// Reader implements ingest.Reader. The zero value is ready and safe for concurrent use.
type Reader struct{}

// Read implements ingest.Reader.
func (Reader) Read(ctx context.Context, r io.ReaderAt, size int64, limits ingest.Limits) (ingest.Reading, error) {
	limits = limits.Filled()
	reading := ingest.Reading{Format: Format}
	archive, err := container.OpenZip(r, size, limits)
	if err != nil {
		return reading, err
	}
	p := &parser{ctx: ctx, zip: archive, limits: limits, out: ingest.NewCollector(limits)}
	if err := p.read(); err != nil {
		return reading, err
	}
	reading.Blocks = p.out.Blocks
	reading.Properties, err = p.properties()
	if err != nil {
		return reading, err
	}
	if err := p.headers(reading.Properties); err != nil {
		return reading, err
	}
	reading.Coverage = p.coverage()
	return reading, p.verdict()
}

// parser is the state of one reading.
type parser struct {
	ctx    context.Context // of the one Read call it lives for
	zip    *container.Zip
	limits ingest.Limits
	out    *ingest.Collector

	styles  styles
	numbers *numbers
	notes   map[string]string // "footnote 2" → text

	seen, placed int64 // bytes of run text met and of run text that reached a block
	pictures     int
	cells        int      // of all tables, merged ones counted as often as they are repeated
	altChunks    []string // relationship ids of embedded documents, which are not read
}

// read parses the parts in the order they depend on one another.
func (p *parser) read() error {
	main, err := p.mainPart()
	if err != nil {
		return err
	}
	dir := path.Dir(main)
	if p.styles, err = p.readStyles(path.Join(dir, "styles.xml")); err != nil {
		return err
	}
	if p.numbers, err = p.readNumbering(path.Join(dir, "numbering.xml")); err != nil {
		return err
	}
	if p.notes, err = p.readNotes(dir); err != nil {
		return err
	}
	err = p.part(main, func(x *container.XML) error {
		return x.Inside(func(e xml.StartElement) error {
			if e.Name.Local == "body" {
				return p.blocks(x, p.out.Add)
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	return p.countAltChunks(main)
}

// mainPart finds the document part by the package's relationships.
func (p *parser) mainPart() (string, error) {
	main := "word/document.xml"
	err := p.part("_rels/.rels", func(x *container.XML) error {
		return x.Inside(func(e xml.StartElement) error {
			if strings.HasSuffix(container.Attr(e, "Type"), "/officeDocument") {
				main = strings.TrimPrefix(path.Clean("/"+container.Attr(e, "Target")), "/")
			}
			return nil
		})
	})
	if err == nil && !p.zip.Has(main) {
		err = &ingest.ReadError{
			Status: ingest.StatusDamaged,
			Reason: "文件里没有 Word 正文，可能已损坏，请用 Word 或 WPS 打开后另存为 docx 再上传",
			Err:    errors.New("docx: part " + main + " is missing"),
		}
	}
	return main, err
}

// part calls f with the named part; a missing part is no fault.
func (p *parser) part(name string, f func(*container.XML) error) error {
	rc, err := p.zip.Open(name)
	if err != nil || rc == nil {
		return err
	}
	defer rc.Close()
	return f(container.NewXML(rc, p.limits.Depth))
}

// properties reads the title that the author or Word set.
func (p *parser) properties() (map[string]string, error) {
	props := make(map[string]string)
	err := p.part("docProps/core.xml", func(x *container.XML) error {
		return x.Inside(func(e xml.StartElement) error {
			if e.Name.Local != "title" {
				return nil
			}
			s, err := x.Text()
			if s = strings.TrimSpace(s); s != "" {
				props["title"] = s
			}
			return err
		})
	})
	return props, err
}

// headers looks through the page headers, which are left out, for a mark of secrecy in a line or a
// watermark.
func (p *parser) headers(props map[string]string) error {
	for _, f := range p.zip.Files {
		if !strings.HasPrefix(path.Base(f.Name), "header") || path.Ext(f.Name) != ".xml" {
			continue
		}
		var line strings.Builder
		err := p.part(f.Name, func(x *container.XML) error {
			return x.Inside(func(e xml.StartElement) error {
				switch e.Name.Local {
				case "p":
					ingest.NoteBeside(props, line.String())
					line.Reset()
				case "t":
					s, err := x.Text()
					line.WriteString(s)
					return err
				case "textpath":
					ingest.NoteBeside(props, container.Attr(e, "string"))
				}
				return nil
			})
		})
		ingest.NoteBeside(props, line.String())
		if err != nil {
			return err
		}
	}
	return nil
}

// countAltChunks adds the embedded documents, which are not read, to the text that was seen.
func (p *parser) countAltChunks(main string) error {
	if len(p.altChunks) == 0 {
		return nil
	}
	dir, file := path.Split(main)
	return p.part(path.Join(dir, "_rels", file+".rels"), func(x *container.XML) error {
		return x.Inside(func(e xml.StartElement) error {
			for _, id := range p.altChunks {
				if container.Attr(e, "Id") == id {
					p.seen += p.zip.Size(path.Join(dir, container.Attr(e, "Target")))
				}
			}
			return nil
		})
	})
}

// coverage is the share of run text that reached a block; text left out by rule counts on neither
// side.
func (p *parser) coverage() float64 {
	if p.seen == 0 {
		return 1
	}
	return float64(p.placed) / float64(p.seen)
}

// verdict tells an empty document and one made of pictures from one that was read.
func (p *parser) verdict() error {
	if len(p.out.Blocks) > 0 {
		return nil
	}
	if p.pictures > 0 {
		return &ingest.ReadError{Status: ingest.StatusNeedsOCR, Reason: "文档里只有图片没有文字，请提供文字版，或先做文字识别（OCR）后再上传"}
	}
	return &ingest.ReadError{Status: ingest.StatusEmpty, Reason: "文档里没有文字，请核对是否传错了文件"}
}
