package ofd

import (
	"encoding/xml"
	"strconv"
	"strings"
	"unicode/utf8"

	"xiaoyue/ingest/container"
	"xiaoyue/ingest/layout"
)

// millimetre is the unit of OFD in points.
const millimetre = 72 / 25.4

// maxNumbers bounds lists of numbers, such as deltas and the steps of a path.
const maxNumbers = 1 << 16

// content is a page while it is read.
type content struct {
	file   *file
	page   *layout.Page
	images int
	turned int      // characters set at an angle, which are not read
	aslant []string // what they say
}

// read reads a Content.xml. The template that a page names comes before what is on the page itself.
func (c *content) read(part string, templates map[string]string) error {
	return c.file.part(part, func(x *container.XML, e xml.StartElement) error {
		switch e.Name.Local {
		case "Template":
			if t := templates[container.Attr(e, "TemplateID")]; t != "" && t != part {
				return c.read(t, nil) // a template has none of its own
			}
		case "PhysicalBox":
			s, err := x.Text()
			if b := physical(s); b.Height() > 0 {
				c.page.Size = b
			}
			return err
		case "TextObject":
			return c.text(x, e)
		case "PathObject":
			return c.path(x, e)
		case "ImageObject":
			c.images++
		}
		return nil
	})
}

// physical turns a box of four numbers, from the upper left in millimetres, into one in points.
func physical(s string) layout.Box {
	n := numbers(s)
	if len(n) < 4 {
		return layout.Box{}
	}
	return layout.Box{Right: n[2] * millimetre, Top: n[3] * millimetre}
}

// object is where an object stands and how it is scaled; ok is false for one that is turned, as
// watermarks are.
type object struct {
	x, y, scaleX, scaleY float64
	ok                   bool
}

func place(e xml.StartElement) object {
	o := object{scaleX: 1, scaleY: 1, ok: true}
	if b := numbers(container.Attr(e, "Boundary")); len(b) >= 2 {
		o.x, o.y = b[0], b[1]
	}
	if m := numbers(container.Attr(e, "CTM")); len(m) >= 6 {
		o.scaleX, o.scaleY = m[0], m[3]
		o.x, o.y = o.x+m[4], o.y+m[5]
		o.ok = m[1] == 0 && m[2] == 0 && m[0] > 0 && m[3] > 0
	}
	return o
}

// box turns a box of the object, from its upper left in millimetres, into one of the page in points.
func (c *content) box(o object, left, top, right, bottom float64) layout.Box {
	height := c.page.Size.Height()
	return layout.Box{
		Left:   (o.x + left*o.scaleX) * millimetre,
		Right:  (o.x + right*o.scaleX) * millimetre,
		Top:    height - (o.y+top*o.scaleY)*millimetre,
		Bottom: height - (o.y+bottom*o.scaleY)*millimetre,
	}
}

// text reads the TextCodes of a TextObject. X and Y stay those of the code before when left out.
func (c *content) text(x *container.XML, e xml.StartElement) error {
	o := place(e)
	size := number(container.Attr(e, "Size"), 0)
	var left, base float64
	return x.Inside(func(e xml.StartElement) error {
		if e.Name.Local != "TextCode" {
			return nil
		}
		left, base = number(container.Attr(e, "X"), left), number(container.Attr(e, "Y"), base)
		s, err := x.Text()
		if !o.ok {
			c.turned += utf8.RuneCountInString(s)
			c.aslant = append(c.aslant, s)
			return err
		}
		if err == nil {
			c.code(o, size, code{text: s, x: left, y: base, dx: deltas(container.Attr(e, "DeltaX")), dy: deltas(container.Attr(e, "DeltaY"))})
		}
		return err
	})
}

// code is a TextCode: characters from a place on, and the steps between them.
type code struct {
	text   string
	x, y   float64
	dx, dy []float64
}

// code sets the glyphs of a TextCode. A Chinese character is taken to be as wide as its font is
// high, others half of it.
func (c *content) code(o object, size float64, t code) {
	const ascent, descent = 0.88, 0.12 // of the fonts in use, nearly
	i := 0
	for _, r := range strings.TrimRight(t.text, "\r\n") {
		width := size
		if r < 0x2e80 {
			width = size / 2
		}
		if r > ' ' && r != 0xa0 && r != 0x3000 {
			b := c.box(o, t.x, t.y-ascent*size, t.x+width, t.y+descent*size)
			c.page.Glyphs = append(c.page.Glyphs, layout.Glyph{Box: b, Char: r})
		}
		if i < len(t.dx) {
			width = t.dx[i]
		} else if len(t.dy) > 0 {
			width = 0 // set from top to bottom
		}
		t.x += width
		if i < len(t.dy) {
			t.y += t.dy[i]
		}
		i++
	}
}

// path adds the straight segments of a PathObject as rulings.
func (c *content) path(x *container.XML, e xml.StartElement) error {
	o := place(e)
	return x.Inside(func(e xml.StartElement) error {
		if e.Name.Local != "AbbreviatedData" {
			return nil
		}
		s, err := x.Text()
		if err == nil && o.ok && len(s) < maxNumbers {
			c.segments(o, strings.Fields(s))
		}
		return err
	})
}

// segments walks the steps of a path: M and S begin, L draws, C closes; at a curve it gives up.
func (c *content) segments(o object, steps []string) {
	var startX, startY, atX, atY float64
	line := func(x, y float64) {
		c.page.Rule(c.box(o, min(atX, x), min(atY, y), max(atX, x), max(atY, y)))
		atX, atY = x, y
	}
	for i := 0; i < len(steps); i++ {
		switch op := steps[i]; {
		case op == "C":
			line(startX, startY)
		case (op == "M" || op == "S" || op == "L") && i+2 < len(steps):
			x, y := number(steps[i+1], 0), number(steps[i+2], 0)
			i += 2
			if op == "L" {
				line(x, y)
			} else {
				startX, startY, atX, atY = x, y, x, y
			}
		default:
			return
		}
	}
}

// deltas expands the short form of repeated steps: "g 3 5.2" stands for "5.2 5.2 5.2".
func deltas(s string) []float64 {
	var out []float64
	fields := strings.Fields(s)
	for i := 0; i < len(fields) && len(out) < maxNumbers; i++ {
		if fields[i] == "g" && i+2 < len(fields) {
			v := number(fields[i+2], 0)
			for range min(int(number(fields[i+1], 0)), maxNumbers-len(out)) {
				out = append(out, v)
			}
			i += 2
			continue
		}
		out = append(out, number(fields[i], 0))
	}
	return out
}

func numbers(s string) []float64 {
	var out []float64
	for _, f := range strings.Fields(s) {
		if len(out) == maxNumbers {
			break
		}
		out = append(out, number(f, 0))
	}
	return out
}

func number(s string, otherwise float64) float64 {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || n != n || n > 1e6 || n < -1e6 {
		return otherwise
	}
	return n
}
