// Package ofd reads OFD files (GB/T 33190) as an ingest.Reader: the text of pages and their
// templates in its places, laid out like that of a PDF.
//
// Signatures are reported and not verified, annotations and attachments are not read. Glyphs whose
// characters the file does not give are lost, and so is text set at an angle; a page made of such
// text is named for text recognition.
package ofd

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"xiaoyue/ingest"
	"xiaoyue/ingest/container"
	"xiaoyue/ingest/layout"
)

// Format is the name that readings carry.
const Format = "ofd"

// thinPage is how many characters a page with pictures must have to count as text.
const thinPage = 20

// Reader implements ingest.Reader. The zero value is ready and safe for concurrent use.
type Reader struct{}

// Read implements ingest.Reader.
func (Reader) Read(ctx context.Context, r io.ReaderAt, size int64, limits ingest.Limits) (ingest.Reading, error) {
	limits = limits.Filled()
	reading := ingest.Reading{Format: Format, Properties: make(map[string]string)}
	archive, err := container.OpenZip(r, size, limits)
	if err != nil {
		return reading, err
	}
	f := &file{ctx: ctx, zip: archive, limits: limits}
	if err := f.open(reading.Properties); err != nil {
		return reading, err
	}
	out := ingest.NewCollector(limits)
	if err := layout.Compose(f.pages, out); err != nil {
		return reading, err
	}
	for _, p := range f.pages {
		f.aslant = append(f.aslant, p.Beside...)
	}
	for _, s := range f.aslant {
		ingest.NoteBeside(reading.Properties, s)
	}
	reading.Blocks, reading.Pages, reading.PagesNeedingOCR = out.Blocks, len(f.pages), f.pictures
	return reading, f.verdict(&reading)
}

// file is the state of one reading.
type file struct {
	ctx    context.Context // of the one Read call it lives for
	zip    *container.Zip
	limits ingest.Limits

	pages    []*layout.Page
	pictures []int // numbers of pages that need text recognition
	broken   int   // pages whose part is missing
	chars    int
	aslant   []string // text at an angle
}

// open reads OFD.xml and the documents it names.
func (f *file) open(props map[string]string) error {
	for _, m := range f.zip.Files {
		if strings.EqualFold(path.Base(m.Name), "Encryptions.xml") { // GM/T 0099
			return &ingest.ReadError{Status: ingest.StatusEncrypted, Reason: "OFD 文件已加密，请解密或导出为不加密的文件后再上传"}
		}
	}
	if !f.zip.Has("OFD.xml") {
		return damaged(errors.New("ofd: no OFD.xml"))
	}
	var roots []string
	err := f.part("OFD.xml", func(x *container.XML, e xml.StartElement) error {
		switch e.Name.Local {
		case "DocRoot":
			s, err := x.Text()
			roots = append(roots, f.resolve("OFD.xml", s))
			return err
		case "Title":
			s, err := x.Text()
			if s = strings.TrimSpace(s); s != "" && props["title"] == "" {
				props["title"] = s
			}
			return err
		case "Signatures":
			props["签章"] = "有（未验证）"
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, root := range roots {
		if err := f.document(root); err != nil {
			return err
		}
	}
	return nil
}

// document reads one document's list of pages, then the pages.
func (f *file) document(root string) error {
	templates := make(map[string]string) // ID → part
	var pages []string
	var size layout.Box
	err := f.part(root, func(x *container.XML, e xml.StartElement) error {
		switch e.Name.Local {
		case "TemplatePage":
			templates[container.Attr(e, "ID")] = f.resolve(root, container.Attr(e, "BaseLoc"))
		case "Page":
			pages = append(pages, f.resolve(root, container.Attr(e, "BaseLoc")))
		case "PhysicalBox":
			s, err := x.Text()
			size = physical(s)
			return err
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(f.pages)+len(pages) > f.limits.Pages {
		return &ingest.ReadError{
			Status: ingest.StatusTooLarge,
			Reason: fmt.Sprintf("OFD 超过 %d 页，请拆分成几个文件后再上传", f.limits.Pages),
		}
	}
	for _, part := range pages {
		if err := f.page(part, templates, size); err != nil {
			return err
		}
	}
	return nil
}

// page reads one page over its template.
func (f *file) page(part string, templates map[string]string, size layout.Box) error {
	if err := f.ctx.Err(); err != nil {
		return err
	}
	p := &content{file: f, page: &layout.Page{Number: len(f.pages) + 1, Size: size}}
	f.pages = append(f.pages, p.page)
	if !f.zip.Has(part) {
		f.broken++
		return nil
	}
	if err := p.read(part, templates); err != nil {
		return err
	}
	f.aslant = append(f.aslant, p.aslant...)
	if f.chars += len(p.page.Glyphs); int64(3*f.chars) > f.limits.TextBytes {
		return &ingest.ReadError{Status: ingest.StatusTooLarge, Reason: "OFD 文字过多，请拆分成几个文件后再上传"}
	}
	if read := len(p.page.Glyphs); read < thinPage && (p.images > 0 || p.turned > read) {
		f.pictures = append(f.pictures, p.page.Number)
	}
	return nil
}

// part calls visit for every element of the named part.
func (f *file) part(name string, visit func(*container.XML, xml.StartElement) error) error {
	rc, err := f.zip.Open(name)
	if err != nil || rc == nil {
		return err
	}
	defer rc.Close()
	x := container.NewXML(rc, f.limits.Depth)
	return x.Inside(func(e xml.StartElement) error { return visit(x, e) })
}

// resolve finds the part that a place in the file at base names: absolute, relative to base, or, as
// some writers have it, relative to the root.
func (f *file) resolve(base, place string) string {
	place = strings.ReplaceAll(strings.TrimSpace(place), `\`, "/")
	if !strings.HasPrefix(place, "/") {
		if beside := path.Join(path.Dir(base), place); f.zip.Has(beside) {
			return beside
		}
	}
	return strings.TrimPrefix(path.Clean("/"+place), "/")
}

// verdict sets the coverage and tells scans, broken and empty files from one that was read.
func (f *file) verdict(r *ingest.Reading) error {
	if len(f.pages) > 0 {
		r.Coverage = 1 - float64(len(f.pictures)+f.broken)/float64(len(f.pages))
	}
	switch {
	case len(r.Blocks) > 0:
		return nil
	case len(f.pictures) > 0:
		return &ingest.ReadError{Status: ingest.StatusNeedsOCR, Reason: "OFD 里只有图片没有文字，请提供文字版，或先做文字识别（OCR）后再上传"}
	case f.broken > 0 || len(f.pages) == 0:
		return damaged(fmt.Errorf("ofd: %d of %d pages are missing", f.broken, len(f.pages)))
	}
	return &ingest.ReadError{Status: ingest.StatusEmpty, Reason: "OFD 里没有文字，请核对是否传错了文件"}
}

func damaged(err error) *ingest.ReadError {
	return &ingest.ReadError{
		Status: ingest.StatusDamaged,
		Reason: "OFD 文件已损坏或不完整，请用 OFD 阅读器打开，导出为 PDF 后再上传",
		Err:    err,
	}
}
