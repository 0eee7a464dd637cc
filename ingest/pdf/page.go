package pdf

import (
	"math"

	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"

	"xiaoyue/ingest/layout"
)

// page is one page while it is read.
type page struct {
	layout.Page
	objects int // images and paths
	images  int
	chars   int // that are not spaces, upright or not
	bad     int // of these, without meaning
	turned  bool
	aslant  []rune // characters at another angle than most, as in watermarks
}

// page loads page index with its glyphs and rulings.
func (d *document) page(index int) (*page, error) {
	ref := requests.Page{ByIndex: &requests.PageByIndex{Document: d.ref, Index: index}}
	size, err := d.pdfium.FPDF_GetPageSizeByIndex(&requests.FPDF_GetPageSizeByIndex{Document: d.ref, Index: index})
	if err != nil {
		return nil, err
	}
	p := &page{Page: layout.Page{Number: index + 1, Size: layout.Box{Right: size.Width, Top: size.Height}}}
	loaded, err := d.pdfium.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: ref})
	if err != nil {
		return nil, err
	}
	err = d.glyphs(loaded.TextPage, p)
	if _, closing := d.pdfium.FPDFText_ClosePage(&requests.FPDFText_ClosePage{TextPage: loaded.TextPage}); err == nil {
		err = closing
	}
	if err != nil {
		return nil, err
	}
	return p, d.objects(ref, p)
}

// glyphs reads the characters of a page. Those set at another angle than most are watermarks.
func (d *document) glyphs(text references.FPDF_TEXTPAGE, p *page) error {
	count, err := d.pdfium.FPDFText_CountChars(&requests.FPDFText_CountChars{TextPage: text})
	if err != nil {
		return err
	}
	var byTurn [4][]layout.Glyph
	for i := range count.Count {
		if i%256 == 0 && d.ctx.Err() != nil {
			return d.ctx.Err()
		}
		g, ok, err := d.glyph(text, i)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		p.chars++
		if meaningless(g.Char) {
			p.bad++
			continue
		}
		angle, err := d.pdfium.FPDFText_GetCharAngle(&requests.FPDFText_GetCharAngle{TextPage: text, Index: i})
		if err != nil {
			return err
		}
		quarter := float64(angle.CharAngle) / (math.Pi / 2)
		if turn := math.Round(quarter); math.Abs(quarter-turn) < 0.05 {
			byTurn[(int(turn)%4+4)%4] = append(byTurn[(int(turn)%4+4)%4], g)
		} else {
			p.aslant = append(p.aslant, g.Char)
		}
	}
	p.turn(byTurn)
	return nil
}

// glyph reads one character; spaces and line ends that PDFium made up are left out.
func (d *document) glyph(text references.FPDF_TEXTPAGE, i int) (layout.Glyph, bool, error) {
	char, err := d.pdfium.FPDFText_GetUnicode(&requests.FPDFText_GetUnicode{TextPage: text, Index: i})
	if err != nil {
		return layout.Glyph{}, false, err
	}
	g := layout.Glyph{Char: rune(char.Unicode)}
	if g.Char <= ' ' || g.Char == 0xa0 || g.Char == 0x3000 || g.Char == 0xfeff || g.Char == 0xad {
		return g, false, nil
	}
	loose, err := d.pdfium.FPDFText_GetLooseCharBox(&requests.FPDFText_GetLooseCharBox{TextPage: text, Index: i})
	if err != nil {
		return g, false, nil // without a place it cannot be put into a line
	}
	l, r := float64(loose.Rect.Left), float64(loose.Rect.Right)
	b, u := float64(loose.Rect.Bottom), float64(loose.Rect.Top)
	g.Box = layout.Box{Left: min(l, r), Bottom: min(b, u), Right: max(l, r), Top: max(b, u)}
	return g, true, nil
}

// turn keeps the glyphs of the most common direction and turns the page so that they stand upright.
func (p *page) turn(byTurn [4][]layout.Glyph) {
	best := 0
	for t := range byTurn {
		if len(byTurn[t]) > len(byTurn[best]) {
			best = t
		}
	}
	p.Glyphs = byTurn[best]
	for i := range p.Glyphs {
		b := p.Glyphs[i].Box
		switch best {
		case 1:
			b = layout.Box{Left: -b.Top, Bottom: b.Left, Right: -b.Bottom, Top: b.Right}
		case 2:
			b = layout.Box{Left: -b.Right, Bottom: -b.Top, Right: -b.Left, Top: -b.Bottom}
		case 3:
			b = layout.Box{Left: b.Bottom, Bottom: -b.Right, Right: b.Top, Top: -b.Left}
		}
		p.Glyphs[i].Box = b
	}
	if p.turned = best != 0; p.turned {
		p.Size = around(p.Glyphs)
	}
}

// around returns the box around glyphs.
func around(glyphs []layout.Glyph) layout.Box {
	if len(glyphs) == 0 {
		return layout.Box{}
	}
	b := glyphs[0].Box
	for _, g := range glyphs[1:] {
		b = b.Union(g.Box)
	}
	return b
}

// meaningless says whether a character stands for a shape that the font gives no meaning.
func meaningless(r rune) bool {
	return r == 0xfffd || r == 0xfffe || r >= 0xe000 && r <= 0xf8ff || r > 0x10ffff || r < 0
}

// picture says whether the page needs text recognition: it shows something, and hardly any of it
// is text that means anything.
func (p *page) picture() bool {
	if p.chars-p.bad < thinPage {
		return p.images > 0 || p.bad > 0 || p.objects > 10*thinPage
	}
	return float64(p.bad) > unreadable*float64(p.chars)
}
