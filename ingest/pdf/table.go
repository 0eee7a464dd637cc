package pdf

import (
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
	box
	rows [][]string
}

// ruledTables finds the ruled tables of a page and returns the glyphs outside of them.
func (p *page) ruledTables() []glyph {
	rest := p.glyphs
	if p.turned {
		return rest // the rulings were not
	}
	for _, g := range grids(merged(p.rulings)) {
		var inside, outside []glyph
		for _, gl := range rest {
			if g.contains(gl.box) {
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

// holds says whether the table has something in at least a third of its cells, and at least two
// that differ; frames and boxes have not.
func (t table) holds() bool {
	cells, filled, first, several := 0, 0, "", false
	for _, row := range t.rows {
		for _, c := range row {
			cells++
			if c == "" {
				continue
			}
			filled++
			several = several || first != "" && c != first
			first = c
		}
	}
	return several && 3*filled >= cells
}

// merged joins rulings that lie on one line and touch.
func merged(all []ruling) []ruling {
	sort.Slice(all, func(i, j int) bool {
		a, b := all[i], all[j]
		switch {
		case a.vertical != b.vertical:
			return a.vertical
		case a.at != b.at:
			return a.at < b.at
		}
		return a.from < b.from
	})
	var out []ruling
next:
	for _, r := range all {
		for i := len(out) - 1; i >= 0 && out[i].vertical == r.vertical && r.at-out[i].at <= near; i-- {
			if o := &out[i]; r.from <= o.to+near && r.to >= o.from-near {
				o.from, o.to = min(o.from, r.from), max(o.to, r.to)
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
func crossing(a, b ruling) bool {
	if a.vertical == b.vertical {
		return false
	}
	return a.at >= b.from-near && a.at <= b.to+near && b.at >= a.from-near && b.at <= a.to+near
}

// grid is a net of rulings.
type grid struct {
	xs, ys  []float64 // xs ascending, ys descending
	rulings []ruling
}

// grids returns the nets of at least two rows and two columns, from the top down.
func grids(all []ruling) []grid {
	group := newUnion(len(all))
	for i := range all {
		for j := range i {
			if crossing(all[i], all[j]) {
				group.join(i, j)
			}
		}
	}
	nets := make(map[int][]ruling)
	for i, r := range all {
		nets[group.root(i)] = append(nets[group.root(i)], r)
	}
	var out []grid
	for _, net := range nets {
		g := grid{rulings: net}
		for _, r := range net {
			if r.vertical {
				g.xs = append(g.xs, r.at)
			} else {
				g.ys = append(g.ys, -r.at)
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

func (g grid) bounds() box {
	return box{g.xs[0], g.ys[len(g.ys)-1], g.xs[len(g.xs)-1], g.ys[0]}
}

func (g grid) contains(b box) bool {
	x, y, o := (b.left+b.right)/2, b.middle(), g.bounds()
	return x > o.left && x < o.right && y > o.bottom && y < o.top
}

// wall says whether a ruling stands at that place and covers the point along it.
func (g grid) wall(vertical bool, at, along float64) bool {
	for _, r := range g.rulings {
		if r.vertical == vertical && abs(r.at-at) <= near && r.from <= along && along <= r.to {
			return true
		}
	}
	return false
}

// fill puts the glyphs into the cells; cells without a wall between them are merged and repeat
// their text.
func (g grid) fill(glyphs []glyph) table {
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
	held := make(map[int][]glyph)
	for _, gl := range glyphs {
		j := sort.SearchFloat64s(g.xs, (gl.left+gl.right)/2) - 1
		i := sort.Search(len(g.ys), func(i int) bool { return g.ys[i] < gl.middle() }) - 1
		if i >= 0 && i < rowCount && j >= 0 && j < columnCount {
			root := cells.root(i*columnCount + j)
			held[root] = append(held[root], gl)
		}
	}
	text := make(map[int]string, len(held))
	for root, gs := range held {
		text[root] = cellText(gs)
	}
	t := table{box: g.bounds()}
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

func cellText(glyphs []glyph) string {
	s := ""
	for _, row := range rows(runs(glyphs)) {
		s = joinText(s, joined(row, 0).text)
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
