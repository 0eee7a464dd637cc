package pdf

import (
	"context"
	"fmt"
	"strings"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"

	"xiaoyue/ingest"
	"xiaoyue/ingest/layout"
)

const (
	// thinPage is how many characters a page must have to count as text, when it also shows
	// something else.
	thinPage = 20
	// unreadable is the share of characters without meaning from which a page counts as a picture:
	// its fonts do not say which characters their shapes are.
	unreadable = 0.3
)

// document is the state of one reading.
type document struct {
	ctx    context.Context // of the one Read call it lives for
	pdfium pdfium.Pdfium
	ref    references.FPDF_DOCUMENT
	limits ingest.Limits
}

// read reads all pages into reading.
func (d *document) read(reading *ingest.Reading) error {
	count, err := d.pdfium.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: d.ref})
	if err != nil {
		return damaged(fmt.Errorf("pdf: count the pages: %w", err))
	}
	if count.PageCount > d.limits.Pages {
		return &ingest.ReadError{
			Status: ingest.StatusTooLarge,
			Reason: fmt.Sprintf("PDF 有 %d 页，超过 %d 页，请拆分成几个文件后再上传", count.PageCount, d.limits.Pages),
		}
	}
	reading.Pages = count.PageCount
	reading.Properties = d.properties()
	pages, broken, err := d.pages(count.PageCount, reading)
	if err != nil {
		return err
	}
	out := ingest.NewCollector(d.limits)
	laid := make([]*layout.Page, len(pages))
	for i, p := range pages {
		laid[i] = &p.Page
	}
	if err := layout.Compose(laid, out); err != nil {
		return err
	}
	for _, p := range pages {
		for _, s := range append(p.Beside, string(p.aslant)) {
			ingest.NoteBeside(reading.Properties, s)
		}
	}
	reading.Blocks = out.Blocks
	reading.Coverage = coverage(pages, broken, len(reading.PagesNeedingOCR))
	return verdict(reading, broken)
}

// pages reads every page, and notes those that need text recognition. broken counts those that
// PDFium could not load.
func (d *document) pages(count int, reading *ingest.Reading) (pages []*page, broken int, err error) {
	var text int64
	for i := range count {
		if err := d.ctx.Err(); err != nil {
			return nil, 0, err
		}
		p, err := d.page(i)
		if err != nil {
			broken++
			continue
		}
		if text += int64(3 * len(p.Glyphs)); text > d.limits.TextBytes {
			return nil, 0, &ingest.ReadError{Status: ingest.StatusTooLarge, Reason: "PDF 文字过多，请拆分成几个文件后再上传"}
		}
		if p.picture() {
			reading.PagesNeedingOCR = append(reading.PagesNeedingOCR, p.Number)
			p.Glyphs = nil
		}
		pages = append(pages, p)
	}
	return pages, broken, nil
}

// properties reads the title that the author or the word processor set.
func (d *document) properties() map[string]string {
	props := make(map[string]string)
	title, err := d.pdfium.FPDF_GetMetaText(&requests.FPDF_GetMetaText{Document: d.ref, Tag: "Title"})
	if err != nil {
		return props
	}
	if s := strings.TrimSpace(title.Value); s != "" {
		props["title"] = s
	}
	return props
}

// coverage is the share of the pages with anything on them whose text was read, less the share of
// characters on these that have no meaning.
func coverage(pages []*page, broken, pictures int) float64 {
	filled, chars, bad := broken, 0, 0
	for _, p := range pages {
		if p.chars > 0 || p.objects > 0 {
			filled++
		}
		if len(p.Glyphs) > 0 {
			chars += p.chars
			bad += p.bad
		}
	}
	if filled == 0 {
		return 1
	}
	share := float64(filled-broken-pictures) / float64(filled)
	if chars > 0 {
		share *= 1 - float64(bad)/float64(chars)
	}
	return share
}

// verdict tells scans, broken and empty files from one that was read.
func verdict(reading *ingest.Reading, broken int) error {
	switch {
	case len(reading.Blocks) > 0:
		return nil
	case len(reading.PagesNeedingOCR) > 0:
		return &ingest.ReadError{
			Status: ingest.StatusNeedsOCR,
			Reason: "PDF 是扫描件，没有可用的文字，请提供文字版，或先做文字识别（OCR）后再上传",
		}
	case broken > 0:
		return damaged(fmt.Errorf("pdf: none of %d pages could be loaded", broken))
	}
	return &ingest.ReadError{Status: ingest.StatusEmpty, Reason: "PDF 里没有文字，请核对是否传错了文件"}
}
