package layout

const (
	// leastRows is how many rows must leave a gutter free for it to part columns.
	leastRows = 6
	// fullness is the share of a column's width that its lines must fill on average: columns of
	// prose do, a list of names and values does not.
	fullness = 0.65
)

// layOut takes the tables out of the page and puts the rest into lines in reading order.
func (p *Page) layOut() {
	rest := p.ruledTables()
	all := rows(runs(rest))
	for len(all) > 0 {
		n := len(all)
		if left, right, ok := gutter(all); ok {
			n = p.columns(all, left, right)
		} else {
			for _, row := range all {
				p.lines = append(p.lines, joined(row, p.Number))
			}
		}
		all = all[n:]
	}
}

// gutter finds the free strip between two columns of prose, by the gaps inside rows.
func gutter(all [][]run) (left, right float64, ok bool) {
	var gaps [][2]float64
	for _, row := range all {
		for i := 1; i < len(row); i++ {
			if a, b := row[i-1].Right, row[i].Left; b-a > row[i].Height() {
				gaps = append(gaps, [2]float64{a, b})
			}
		}
	}
	best := 0
	for _, g := range gaps {
		x, hits := (g[0]+g[1])/2, 0
		for _, h := range gaps {
			if h[0] < x && x < h[1] {
				hits++
			}
		}
		if hits > best {
			best, left, right = hits, x, x
		}
	}
	if best < leastRows {
		return 0, 0, false
	}
	return narrow(all, gaps, left)
}

// narrow returns the strip around x that all gaps over it leave free, when the rows on both sides
// are full.
func narrow(all [][]run, gaps [][2]float64, x float64) (left, right float64, ok bool) {
	left, right = x-1e6, x+1e6
	for _, g := range gaps {
		if g[0] < x && x < g[1] {
			left, right = max(left, g[0]), min(right, g[1])
		}
	}
	l, r := newSide(), newSide()
	for _, row := range all {
		if crosses(row, x) {
			continue
		}
		for _, run := range row {
			if run.Right <= x {
				l.add(run)
			} else {
				r.add(run)
			}
		}
	}
	return left, right, l.full() && r.full()
}

// side sums up the runs of one column.
type side struct {
	left, right, widths float64
	runs                int
}

func newSide() *side { return &side{left: 1e6, right: -1e6} }

func (s *side) add(r run) {
	s.left, s.right = min(s.left, r.Left), max(s.right, r.Right)
	s.widths += r.Width()
	s.runs++
}

func (s *side) full() bool {
	return s.runs >= leastRows && s.widths/float64(s.runs) >= fullness*(s.right-s.left)
}

func crosses(row []run, x float64) bool {
	for _, r := range row {
		if r.Left < x && x < r.Right {
			return true
		}
	}
	return false
}

// columns emits the rows up to the first that crosses the gutter again after the columns began: what
// is above, then the left column, then the right one. It returns how many rows it took.
func (p *Page) columns(all [][]run, left, right float64) int {
	x := (left + right) / 2
	start := 0
	for start < len(all) && crosses(all[start], x) {
		p.lines = append(p.lines, joined(all[start], p.Number))
		start++
	}
	end := start
	for end < len(all) && !crosses(all[end], x) {
		end++
	}
	for _, onLeft := range []bool{true, false} {
		var column []line
		for _, row := range all[start:end] {
			var part []run
			for _, r := range row {
				if (r.Right <= x) == onLeft {
					part = append(part, r)
				}
			}
			if len(part) > 0 {
				column = append(column, joined(part, p.Number))
			}
		}
		frame := textFrame(column)
		for i := range column {
			column[i].frame = frame
		}
		p.lines = append(p.lines, column...)
	}
	return end
}
