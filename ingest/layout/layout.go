// Package layout goes from characters and rulings in their places on pages to blocks in reading
// order: lines, columns, paragraphs, ruled tables; running heads and folios left out. It serves the
// readers of formats that keep places and no structure, such as PDF and OFD.
//
// It guesses from what Chinese official documents look like (GB/T 9704): paragraphs are indented by
// two characters, titles centred, signatures at the right.
package layout

import (
	"math"

	"xiaoyue/ingest"
)

// Box is a rectangle in points; y grows upwards.
type Box struct{ Left, Bottom, Right, Top float64 }

// Width returns the extent in x.
func (b Box) Width() float64 { return b.Right - b.Left }

// Height returns the extent in y.
func (b Box) Height() float64 { return b.Top - b.Bottom }

// Middle returns the y half way up.
func (b Box) Middle() float64 { return (b.Bottom + b.Top) / 2 }

// Union returns the smallest box around both.
func (b Box) Union(o Box) Box {
	return Box{min(b.Left, o.Left), min(b.Bottom, o.Bottom), max(b.Right, o.Right), max(b.Top, o.Top)}
}

// Glyph is an upright character in its place. Its box is as high as the font, however low the sign.
type Glyph struct {
	Box
	Char rune
}

// Ruling is a horizontal or vertical line.
type Ruling struct {
	Vertical bool
	At       float64 // x of a vertical one, y of a horizontal one
	From, To float64 // along it
}

// Page is what stands on a page.
type Page struct {
	Number  int // from 1
	Size    Box
	Glyphs  []Glyph // in the order of the file, spaces left out
	Rulings []Ruling
	Beside  []string // set by Compose: running heads and folios, which it leaves out

	lines  []line // what is no table, in reading order
	tables []table
}

const (
	// thick is how thick a ruling may be, in points.
	thick = 3.0
	// shortest is how long a ruling must be.
	shortest = 6.0
)

// Rule adds the box as a ruling if it is flat, and says whether it is.
func (p *Page) Rule(b Box) bool {
	w, h := b.Width(), b.Height()
	switch {
	case math.IsNaN(w+h) || w > thick && h > thick:
		return false
	case w > h && w >= shortest:
		p.Rulings = append(p.Rulings, Ruling{At: b.Middle(), From: b.Left, To: b.Right})
	case h >= shortest:
		p.Rulings = append(p.Rulings, Ruling{Vertical: true, At: (b.Left + b.Right) / 2, From: b.Bottom, To: b.Top})
	}
	return true
}

// Compose puts the text of pages into blocks. Paragraphs and tables go on over page ends.
func Compose(pages []*Page, out *ingest.Collector) error {
	for _, p := range pages {
		p.layOut()
	}
	dropFurniture(pages)
	return compose(pages, out)
}
