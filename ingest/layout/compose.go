package layout

import (
	"math"
	"regexp"
	"sort"
	"strings"

	"xiaoyue/ingest"
)

// numbered is how numbered paragraphs begin.
var numbered = regexp.MustCompile(`^(第[一二三四五六七八九十百千零〇\d]+[章节条款编]|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[)）]|\d{1,2}[.．、]|[①-⑳])`)

// composer joins lines to paragraphs.
type composer struct {
	out   *ingest.Collector
	frame Box     // of the text of the whole document
	pitch float64 // usual distance of lines, from top to top
	body  float64 // usual size of lines
	para  []line
}

// compose puts lines and tables of all pages into blocks.
func compose(pages []*Page, out *ingest.Collector) error {
	c := &composer{out: out, pitch: usualPitch(pages)}
	var all []line
	for _, p := range pages {
		all = append(all, p.lines...)
	}
	c.frame = textFrame(all)
	c.body = median(all, line.size)
	var open *ingest.Block // a table at the end of the page before, which may go on
	for _, p := range pages {
		var err error
		if open, err = c.page(p, open); err != nil {
			return err
		}
	}
	if open != nil {
		return c.out.Add(*open)
	}
	return c.end()
}

// page composes one page. open is a table that ended the page before; the one returned ends this
// one.
func (c *composer) page(p *Page, open *ingest.Block) (*ingest.Block, error) {
	tables := p.tables
	for _, l := range p.lines {
		for len(tables) > 0 && tables[0].Middle() > l.Middle() {
			if err := c.table(tables[0], p.Number, &open); err != nil {
				return nil, err
			}
			tables = tables[1:]
		}
		if open != nil {
			if err := c.out.Add(*open); err != nil {
				return nil, err
			}
			open = nil
		}
		if err := c.line(l); err != nil {
			return nil, err
		}
	}
	for _, t := range tables {
		if err := c.table(t, p.Number, &open); err != nil {
			return nil, err
		}
	}
	return open, nil
}

// table ends the paragraph, and holds the table back or continues the one held back.
func (c *composer) table(t table, page int, open **ingest.Block) error {
	if err := c.end(); err != nil {
		return err
	}
	b := t.block(page)
	if o := *open; o != nil {
		if o.Page < page && len(o.Rows[0]) == len(b.Rows[0]) {
			o.Rows = append(o.Rows, withoutHeads(b.Rows, o.Rows[:o.Heads])...)
			return nil
		}
		if err := c.out.Add(*o); err != nil {
			return err
		}
	}
	*open = &b
	return nil
}

// withoutHeads drops head rows that are repeated on the next page.
func withoutHeads(rows, heads [][]string) [][]string {
	for i, h := range heads {
		if i >= len(rows) || strings.Join(rows[i], "|") != strings.Join(h, "|") {
			return rows
		}
	}
	return rows[len(heads):]
}

// line adds a line to the paragraph, or ends that and begins another.
func (c *composer) line(l line) error {
	if l.frame == (Box{}) {
		l.frame = c.frame
	}
	if len(c.para) > 0 && c.begins(c.para[len(c.para)-1], l) {
		if err := c.end(); err != nil {
			return err
		}
	}
	c.para = append(c.para, l)
	return nil
}

// begins says whether l begins a paragraph after last.
func (c *composer) begins(last, l line) bool {
	em := l.size()
	if abs(last.size()-em) > 0.15*max(last.size(), em) {
		return true
	}
	switch a := c.align(l); {
	case c.align(last) != a && !(c.align(last) == flush && a == flush):
		return true
	case a == right:
		return true
	case a == centered:
		return last.Width() < l.frame.Width()/2 || last.page != l.page || numbered.MatchString(l.text)
	}
	if last.page == l.page && last.frame == l.frame && last.Top-l.Top > 1.6*c.pitch {
		return true
	}
	ended := strings.ContainsRune("。！？；：:;!?", lastRune(last.text))
	full := last.Right > last.frame.Right-1.6*em
	if indented := l.Left-l.frame.Left > 1.2*em; indented {
		return !full || ended || abs(l.Left-last.Left) > em/2
	}
	return !full || ended && numbered.MatchString(l.text)
}

// end emits the paragraph under way.
func (c *composer) end() error {
	if len(c.para) == 0 {
		return nil
	}
	first := c.para[0]
	b := ingest.Block{Kind: ingest.BlockParagraph, Page: first.page}
	b.Centered, b.Right = c.align(first) == centered, c.align(first) == right
	for _, l := range c.para {
		b.Text = joinText(b.Text, l.text)
	}
	c.para = c.para[:0]
	return c.out.Add(b)
}

// alignment is how a line stands in its column.
type alignment int

const (
	flush alignment = iota
	centered
	right
)

// align tells a centred line from one at the right, where signatures and dates stand, and both from
// running text with its indent of two characters. Large type that is even on both sides is a title
// also where it fills the line.
func (c *composer) align(l line) alignment {
	em := l.size()
	before, after := l.Left-l.frame.Left, l.frame.Right-l.Right
	even := abs(before-after) < 1.2*em
	switch {
	case even && (min(before, after) > 2.5*em || em > 1.15*c.body):
		return centered
	case before > 0.25*l.frame.Width() && after < 6*em && before > after:
		return right
	}
	return flush
}

// textFrame returns the left and right edges that long lines keep to.
func textFrame(lines []line) Box {
	if len(lines) == 0 {
		return Box{}
	}
	frame := lines[0].Box
	for _, l := range lines {
		frame = frame.Union(l.Box)
	}
	half := frame.Width() / 2
	var lefts, rights []float64
	for _, l := range lines {
		if l.Width() >= half {
			lefts = append(lefts, l.Left)
			rights = append(rights, -l.Right)
		}
	}
	frame.Left = outermost(lefts, frame.Left)
	frame.Right = -outermost(rights, -frame.Right)
	return frame
}

// outermost returns the smallest value that several of the values share but for two points: at
// least two, and a twentieth of them all.
func outermost(values []float64, otherwise float64) float64 {
	sort.Float64s(values)
	need := max(2, len(values)/20)
	for i := 0; i+need <= len(values); i++ {
		if values[i+need-1]-values[i] <= 2 {
			return values[i]
		}
	}
	return otherwise
}

// median returns the median of value over lines, 0 without lines.
func median(lines []line, value func(line) float64) float64 {
	all := make([]float64, len(lines))
	for i, l := range lines {
		all[i] = value(l)
	}
	sort.Float64s(all)
	if len(all) == 0 {
		return 0
	}
	return all[len(all)/2]
}

// usualPitch returns the median distance of the tops of neighbouring lines.
func usualPitch(pages []*Page) float64 {
	var all []float64
	for _, p := range pages {
		for i := 1; i < len(p.lines); i++ {
			if d := p.lines[i-1].Top - p.lines[i].Top; d > 0 {
				all = append(all, d)
			}
		}
	}
	if len(all) == 0 {
		return math.Inf(1)
	}
	sort.Float64s(all)
	return all[len(all)/2]
}
