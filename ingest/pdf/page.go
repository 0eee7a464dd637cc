package pdf

import (
	"math"

	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

// box is a rectangle in points, the origin at the lower left of the page.
type box struct{ left, bottom, right, top float64 }

func (b box) width() float64  { return b.right - b.left }
func (b box) height() float64 { return b.top - b.bottom }
func (b box) middle() float64 { return (b.bottom + b.top) / 2 }

// union returns the smallest box around both.
func (b box) union(o box) box {
	return box{min(b.left, o.left), min(b.bottom, o.bottom), max(b.right, o.right), max(b.top, o.top)}
}

// glyph is a character in its place. Its box is as high as the font, however low the sign is.
type glyph struct {
	box
	char rune
}

// page is one page while it is read.
type page struct {
	number  int // from 1
	size    box
	glyphs  []glyph // upright ones, in the order of the file
	rulings []ruling
	objects int // images and paths
	images  int
	chars   int // that are not spaces, upright or not
	bad     int // of these, without meaning
	turned  bool

	lines  []line // what is no table, in reading order
	tables []table
}

// page loads page index with its glyphs and rulings.
func (d *document) page(index int) (*page, error) {
	ref := requests.Page{ByIndex: &requests.PageByIndex{Document: d.ref, Index: index}}
	size, err := d.pdfium.FPDF_GetPageSizeByIndex(&requests.FPDF_GetPageSizeByIndex{Document: d.ref, Index: index})
	if err != nil {
		return nil, err
	}
	p := &page{number: index + 1, size: box{right: size.Width, top: size.Height}}
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
	var byTurn [4][]glyph
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
		if meaningless(g.char) {
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
		}
	}
	p.turn(byTurn)
	return nil
}

// glyph reads one character; spaces and line ends that PDFium made up are left out.
func (d *document) glyph(text references.FPDF_TEXTPAGE, i int) (glyph, bool, error) {
	char, err := d.pdfium.FPDFText_GetUnicode(&requests.FPDFText_GetUnicode{TextPage: text, Index: i})
	if err != nil {
		return glyph{}, false, err
	}
	g := glyph{char: rune(char.Unicode)}
	if g.char <= ' ' || g.char == 0xa0 || g.char == 0x3000 || g.char == 0xfeff || g.char == 0xad {
		return g, false, nil
	}
	loose, err := d.pdfium.FPDFText_GetLooseCharBox(&requests.FPDFText_GetLooseCharBox{TextPage: text, Index: i})
	if err != nil {
		return g, false, nil // without a place it cannot be put into a line
	}
	g.box = box{float64(loose.Rect.Left), float64(loose.Rect.Bottom), float64(loose.Rect.Right), float64(loose.Rect.Top)}
	if g.left > g.right {
		g.left, g.right = g.right, g.left
	}
	if g.bottom > g.top {
		g.bottom, g.top = g.top, g.bottom
	}
	return g, true, nil
}

// turn keeps the glyphs of the most common direction and turns the page so that they stand upright.
func (p *page) turn(byTurn [4][]glyph) {
	best := 0
	for t := range byTurn {
		if len(byTurn[t]) > len(byTurn[best]) {
			best = t
		}
	}
	p.glyphs = byTurn[best]
	for i := range p.glyphs {
		b := p.glyphs[i].box
		switch best {
		case 1:
			b = box{-b.top, b.left, -b.bottom, b.right}
		case 2:
			b = box{-b.right, -b.top, -b.left, -b.bottom}
		case 3:
			b = box{b.bottom, -b.right, b.top, -b.left}
		}
		p.glyphs[i].box = b
	}
	if p.turned = best != 0; p.turned {
		p.size = around(p.glyphs)
	}
}

// around returns the box around glyphs.
func around(glyphs []glyph) box {
	if len(glyphs) == 0 {
		return box{}
	}
	b := glyphs[0].box
	for _, g := range glyphs[1:] {
		b = b.union(g.box)
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
