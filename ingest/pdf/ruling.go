package pdf

import (
	"math"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

const (
	// thick is how thick a ruling may be, in points; a filled box thinner than this is one.
	thick = 3.0
	// shortest is how long a ruling must be.
	shortest = 6.0
	// maxObjects and maxSegments bound what is looked at on one page; drawings have more.
	maxObjects  = 20000
	maxSegments = 64
)

// ruling is a horizontal or vertical line.
type ruling struct {
	vertical bool
	at       float64 // x of a vertical one, y of a horizontal one
	from, to float64 // along it
}

// objects counts the objects of a page and collects its rulings.
func (d *document) objects(ref requests.Page, p *page) error {
	count, err := d.pdfium.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: ref})
	if err != nil {
		return err
	}
	for i := range min(count.Count, maxObjects) {
		if i%256 == 0 && d.ctx.Err() != nil {
			return d.ctx.Err()
		}
		o, err := d.pdfium.FPDFPage_GetObject(&requests.FPDFPage_GetObject{Page: ref, Index: i})
		if err != nil {
			return err
		}
		kind, err := d.pdfium.FPDFPageObj_GetType(&requests.FPDFPageObj_GetType{PageObject: o.PageObject})
		if err != nil {
			return err
		}
		switch kind.Type {
		case enums.FPDF_PAGEOBJ_IMAGE, enums.FPDF_PAGEOBJ_FORM:
			p.objects++
			p.images++
		case enums.FPDF_PAGEOBJ_PATH:
			p.objects++
			d.path(o.PageObject, p)
		}
	}
	return nil
}

// path adds the rulings of a path object; one that cannot be read rules nothing.
func (d *document) path(ref references.FPDF_PAGEOBJECT, p *page) {
	bounds, err := d.pdfium.FPDFPageObj_GetBounds(&requests.FPDFPageObj_GetBounds{PageObject: ref})
	if err != nil {
		return
	}
	b := box{float64(bounds.Left), float64(bounds.Bottom), float64(bounds.Right), float64(bounds.Top)}
	if b.width() <= thick || b.height() <= thick {
		p.rule(b)
		return
	}
	for _, side := range d.sides(ref) {
		p.rule(side)
	}
}

// sides returns the straight segments of a path as flat boxes.
func (d *document) sides(ref references.FPDF_PAGEOBJECT) []box {
	count, err := d.pdfium.FPDFPath_CountSegments(&requests.FPDFPath_CountSegments{PageObject: ref})
	if err != nil || count.Count > maxSegments {
		return nil
	}
	m, err := d.pdfium.FPDFPageObj_GetMatrix(&requests.FPDFPageObj_GetMatrix{PageObject: ref})
	if err != nil {
		return nil
	}
	var all []box
	var startX, startY, x, y float64
	for i := range count.Count {
		s, err := d.pdfium.FPDFPath_GetPathSegment(&requests.FPDFPath_GetPathSegment{PageObject: ref, Index: i})
		if err != nil {
			return nil
		}
		kind, err := d.pdfium.FPDFPathSegment_GetType(&requests.FPDFPathSegment_GetType{PathSegment: s.PathSegment})
		if err != nil {
			return nil
		}
		pt, err := d.pdfium.FPDFPathSegment_GetPoint(&requests.FPDFPathSegment_GetPoint{PathSegment: s.PathSegment})
		if err != nil {
			return nil
		}
		closes, err := d.pdfium.FPDFPathSegment_GetClose(&requests.FPDFPathSegment_GetClose{PathSegment: s.PathSegment})
		if err != nil {
			return nil
		}
		px, py := float64(pt.X), float64(pt.Y)
		toX := float64(m.Matrix.A)*px + float64(m.Matrix.C)*py + float64(m.Matrix.E)
		toY := float64(m.Matrix.B)*px + float64(m.Matrix.D)*py + float64(m.Matrix.F)
		switch kind.Type {
		case enums.FPDF_SEGMENT_MOVETO:
			startX, startY = toX, toY
		case enums.FPDF_SEGMENT_LINETO:
			all = append(all, box{min(x, toX), min(y, toY), max(x, toX), max(y, toY)})
		}
		x, y = toX, toY
		if closes.IsClose {
			all = append(all, box{min(x, startX), min(y, startY), max(x, startX), max(y, startY)})
		}
	}
	return all
}

// rule adds a flat box as a ruling.
func (p *page) rule(b box) {
	switch w, h := b.width(), b.height(); {
	case math.IsNaN(w + h):
	case h <= thick && w >= shortest && w > h:
		p.rulings = append(p.rulings, ruling{at: b.middle(), from: b.left, to: b.right})
	case w <= thick && h >= shortest:
		p.rulings = append(p.rulings, ruling{vertical: true, at: (b.left + b.right) / 2, from: b.bottom, to: b.top})
	}
}
