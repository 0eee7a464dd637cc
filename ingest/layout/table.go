package layout

import (
	"math"
	"sort"
	"strings"

	"xiaoyue/ingest"
)

const (
	// near is how far apart rulings may be that are meant to be one, in points.
	near = 3.0
	// maxRulings is beyond what tables need; pages with more are drawings.
	maxRulings = 2000
	// maxColumns is how many columns a table may have.
	maxColumns = 256
)

// table is a ruled table with its text.
type table struct {
	Box
	rows [][]string
}

// ruledTables finds the ruled tables of a page and returns the glyphs outside of them.
func (p *Page) ruledTables() []Glyph {
	rest := p.Glyphs
	for _, g := range grids(merged(p.Rulings)) {
		var inside, outside []Glyph
		for _, gl := range rest {
			if g.contains(gl.Box) {
				inside = append(inside, gl)
			} else {
				outside = append(outside, gl)
			}
		}
		if t := g.fill(inside); t.holds() {
			p.tables = append(p.tables, t)
			rest = outside
		}
	}
	return rest
}

// holds says whether it is a table to the reader: something stands in at least a third of its cells,
// and no text is repeated over more than half of them, as it is where borders and boxes meet.
func (t table) holds() bool {
	cells, filled, most := 0, 0, 0
	count := make(map[string]int)
	for _, row := range t.rows {
		for _, c := range row {
			cells++
			if c != "" {
				filled++
				count[c]++
				most = max(most, count[c])
			}
		}
	}
	return len(count) > 1 && 3*filled >= cells && 2*most <= cells
}

// merged joins rulings that lie on one line and touch.
func merged(all []Ruling) []Ruling {
	sort.Slice(all, func(i, j int) bool {
		a, b := all[i], all[j]
		switch {
		case a.Vertical != b.Vertical:
			return a.Vertical
		case a.At != b.At:
			return a.At < b.At
		}
		return a.From < b.From
	})
	var out []Ruling
next:
	for _, r := range all {
		for i := len(out) - 1; i >= 0 && out[i].Vertical == r.Vertical && r.At-out[i].At <= near; i-- {
			if o := &out[i]; r.From <= o.To+near && r.To >= o.From-near {
				o.From, o.To = min(o.From, r.From), max(o.To, r.To)
				continue next
			}
		}
		if len(out) == maxRulings {
			return nil
		}
		out = append(out, r)
	}
	return out
}

// crossing says whether a horizontal and a vertical ruling meet.
func crossing(a, b Ruling) bool {
	if a.Vertical == b.Vertical {
		return false
	}
	return a.At >= b.From-near && a.At <= b.To+near && b.At >= a.From-near && b.At <= a.To+near
}

// grid is a net of rulings.
type grid struct {
	xs, ys  []float64 // xs ascending, ys descending
	rulings []Ruling
}

// grids returns the nets of at least two rows and two columns, from the top down.
func grids(all []Ruling) []grid {
	group := newUnion(len(all))
	for i := range all {
		for j := range i {
			if crossing(all[i], all[j]) {
				group.join(i, j)
			}
		}
	}
	nets := make(map[int][]Ruling)
	for i, r := range all {
		nets[group.root(i)] = append(nets[group.root(i)], r)
	}
	var out []grid
	for _, net := range nets {
		g := grid{rulings: net}
		for _, r := range net {
			if r.Vertical {
				g.xs = append(g.xs, r.At)
			} else {
				g.ys = append(g.ys, -r.At)
			}
		}
		g.xs, g.ys = apart(g.xs), apart(g.ys)
		for i := range g.ys {
			g.ys[i] = -g.ys[i]
		}
		if len(g.xs) >= 3 && len(g.ys) >= 3 && len(g.xs) <= maxColumns {
			out = append(out, g)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].ys[0] > out[j].ys[0] })
	return out
}

// apart sorts values and drops those near to the one before.
func apart(v []float64) []float64 {
	sort.Float64s(v)
	var out []float64
	for _, x := range v {
		if len(out) == 0 || x-out[len(out)-1] > near {
			out = append(out, x)
		}
	}
	return out
}

func (g grid) bounds() Box {
	return Box{g.xs[0], g.ys[len(g.ys)-1], g.xs[len(g.xs)-1], g.ys[0]}
}

func (g grid) contains(b Box) bool {
	x, y, o := (b.Left+b.Right)/2, b.Middle(), g.bounds()
	return x > o.Left && x < o.Right && y > o.Bottom && y < o.Top
}

// wall says whether a ruling stands at that place and covers the point along it.
func (g grid) wall(vertical bool, at, along float64) bool {
	for _, r := range g.rulings {
		if r.Vertical == vertical && abs(r.At-at) <= near && r.From <= along && along <= r.To {
			return true
		}
	}
	return false
}

// fill puts the glyphs into the cells; cells without a wall between them are merged and repeat
// their text.
func (g grid) fill(glyphs []Glyph) table {
	rowCount, columnCount := len(g.ys)-1, len(g.xs)-1
	cells := newUnion(rowCount * columnCount)
	for i := range rowCount {
		for j := range columnCount {
			y, x := (g.ys[i]+g.ys[i+1])/2, (g.xs[j]+g.xs[j+1])/2
			if j+1 < columnCount && !g.wall(true, g.xs[j+1], y) {
				cells.join(i*columnCount+j, i*columnCount+j+1)
			}
			if i+1 < rowCount && !g.wall(false, g.ys[i+1], x) {
				cells.join(i*columnCount+j, (i+1)*columnCount+j)
			}
		}
	}
	if !g.rectangular(cells, columnCount) {
		return table{}
	}
	held := make(map[int][]Glyph)
	for _, gl := range glyphs {
		j := sort.SearchFloat64s(g.xs, (gl.Left+gl.Right)/2) - 1
		i := sort.Search(len(g.ys), func(i int) bool { return g.ys[i] < gl.Middle() }) - 1
		if i >= 0 && i < rowCount && j >= 0 && j < columnCount {
			root := cells.root(i*columnCount + j)
			held[root] = append(held[root], gl)
		}
	}
	text := make(map[int]string, len(held))
	for root, gs := range held {
		text[root] = cellText(gs)
	}
	t := table{Box: g.bounds()}
	for i := range rowCount {
		row := make([]string, columnCount)
		for j := range row {
			row[j] = text[cells.root(i*columnCount+j)]
		}
		if strings.Join(row, "") != "" {
			t.rows = append(t.rows, row)
		}
	}
	return t
}

// rectangular says whether all merged cells are rectangles, as in tables; the ornaments of
// certificates enclose other shapes.
func (g grid) rectangular(cells union, columnCount int) bool {
	type extent struct{ top, bottom, left, right, cells int }
	all := make(map[int]*extent)
	for k := range cells {
		i, j := k/columnCount, k%columnCount
		e := all[cells.root(k)]
		if e == nil {
			e = &extent{i, i, j, j, 0}
			all[cells.root(k)] = e
		}
		e.top, e.bottom, e.left, e.right = min(e.top, i), max(e.bottom, i), min(e.left, j), max(e.right, j)
		e.cells++
	}
	for _, e := range all {
		if e.cells != (e.bottom-e.top+1)*(e.right-e.left+1) {
			return false
		}
	}
	return true
}

// cellText reads a cell. A line that ends well before the longest one is not continued by the next.
func cellText(glyphs []Glyph) string {
	var lines []line
	edge := math.Inf(-1)
	for _, row := range rows(runs(glyphs)) {
		l := joined(row, 0)
		lines = append(lines, l)
		edge = max(edge, l.Right)
	}
	s := ""
	for i, l := range lines {
		if i > 0 && lines[i-1].Right < edge-1.5*l.size() {
			s += "\n" + l.text
		} else {
			s = joinText(s, l.text)
		}
	}
	return s
}

// block turns a table into a block.
func (t table) block(page int) ingest.Block {
	return ingest.Block{Kind: ingest.BlockTable, Page: page, Rows: t.rows, Heads: ingest.GuessHeads(t.rows)}
}

// union is a set of disjoint groups of 0 … n-1.
type union []int

func newUnion(n int) union {
	u := make(union, n)
	for i := range u {
		u[i] = i
	}
	return u
}

// root returns the representative of i's group, the smallest member.
func (u union) root(i int) int {
	for u[i] != i {
		u[i] = u[u[i]]
		i = u[i]
	}
	return i
}

func (u union) join(i, j int) {
	i, j = u.root(i), u.root(j)
	u[max(i, j)] = min(i, j)
}
