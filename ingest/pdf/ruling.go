package pdf

import (
	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/structs"

	"xiaoyue/ingest/layout"
)

const (
	// maxObjects and maxSegments bound what is looked at on one page; drawings have more.
	maxObjects  = 20000
	maxSegments = 64
)

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

// path adds the rulings of a path object; one that cannot be read rules nothing, and those of a
// turned page are not turned with it.
func (d *document) path(ref references.FPDF_PAGEOBJECT, p *page) {
	bounds, err := d.pdfium.FPDFPageObj_GetBounds(&requests.FPDFPageObj_GetBounds{PageObject: ref})
	if err != nil {
		return
	}
	b := layout.Box{Left: float64(bounds.Left), Bottom: float64(bounds.Bottom), Right: float64(bounds.Right), Top: float64(bounds.Top)}
	if p.turned || p.Rule(b) {
		return
	}
	for _, side := range d.sides(ref) {
		p.Rule(side)
	}
}

// sides returns the straight segments of a path as flat boxes; none if it cannot be read.
func (d *document) sides(ref references.FPDF_PAGEOBJECT) []layout.Box {
	count, err := d.pdfium.FPDFPath_CountSegments(&requests.FPDFPath_CountSegments{PageObject: ref})
	if err != nil || count.Count > maxSegments {
		return nil
	}
	m, err := d.pdfium.FPDFPageObj_GetMatrix(&requests.FPDFPageObj_GetMatrix{PageObject: ref})
	if err != nil {
		return nil
	}
	var all []layout.Box
	var start, last point
	for i := range count.Count {
		s, err := d.segment(ref, i, m.Matrix)
		if err != nil {
			return nil
		}
		if s.begins {
			start = s.to
		} else if s.straight {
			all = append(all, between(last, s.to))
		}
		if last = s.to; s.closes {
			all = append(all, between(last, start))
		}
	}
	return all
}

// point is a place on the page.
type point struct{ x, y float64 }

func between(a, b point) layout.Box {
	return layout.Box{Left: min(a.x, b.x), Bottom: min(a.y, b.y), Right: max(a.x, b.x), Top: max(a.y, b.y)}
}

// segment is a step of a path, in places of the page.
type segment struct {
	to                       point
	begins, straight, closes bool
}

func (d *document) segment(path references.FPDF_PAGEOBJECT, i int, m structs.FPDF_FS_MATRIX) (segment, error) {
	ref, err := d.pdfium.FPDFPath_GetPathSegment(&requests.FPDFPath_GetPathSegment{PageObject: path, Index: i})
	if err != nil {
		return segment{}, err
	}
	kind, err := d.pdfium.FPDFPathSegment_GetType(&requests.FPDFPathSegment_GetType{PathSegment: ref.PathSegment})
	if err != nil {
		return segment{}, err
	}
	end, err := d.pdfium.FPDFPathSegment_GetPoint(&requests.FPDFPathSegment_GetPoint{PathSegment: ref.PathSegment})
	if err != nil {
		return segment{}, err
	}
	closes, err := d.pdfium.FPDFPathSegment_GetClose(&requests.FPDFPathSegment_GetClose{PathSegment: ref.PathSegment})
	if err != nil {
		return segment{}, err
	}
	x, y := float64(end.X), float64(end.Y)
	return segment{
		to:       point{float64(m.A)*x + float64(m.C)*y + float64(m.E), float64(m.B)*x + float64(m.D)*y + float64(m.F)},
		begins:   kind.Type == enums.FPDF_SEGMENT_MOVETO,
		straight: kind.Type == enums.FPDF_SEGMENT_LINETO,
		closes:   closes.IsClose,
	}, nil
}
