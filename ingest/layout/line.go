package layout

import (
	"sort"
	"strings"
)

// run is a stretch of glyphs that stand close together on one line.
type run struct {
	Box
	text string
}

// line is what is read from left to right, alone in its column.
type line struct {
	run
	page  int
	frame Box // of the column, set by compose where the page has only one
}

// size is the height of the line's font.
func (l line) size() float64 { return l.Height() }

// runs joins glyphs that follow one another in the file and on the page.
func runs(glyphs []Glyph) []run {
	var all []run
	var b strings.Builder
	var cur run
	var last Glyph
	end := func() {
		if b.Len() > 0 {
			cur.text = b.String()
			all = append(all, cur)
		}
		b.Reset()
	}
	for _, g := range glyphs {
		em := max(g.Height(), 1)
		gap := g.Left - last.Right
		switch {
		case b.Len() > 0 && g.Char == last.Char && abs(g.Left-last.Left) < em/5 && abs(g.Bottom-last.Bottom) < em/5:
			continue // drawn twice to look bold
		case b.Len() == 0 || !beside(cur.Box, g.Box) || gap > em || g.Left < last.Left-em/2:
			end()
			cur.Box = g.Box
		case spaced(last.Char, g.Char, gap/em):
			b.WriteByte(' ')
		}
		b.WriteRune(g.Char)
		cur.Box = cur.Union(g.Box)
		last = g
	}
	end()
	return all
}

// spaced says whether a gap, in ems, is a space. Chinese needs a wide one: justified lines are drawn
// apart, and word processors set digits and Latin letters off by a quarter.
func spaced(a, b rune, gap float64) bool {
	switch {
	case wide(a) && wide(b):
		return gap > 0.9
	case wide(a) || wide(b):
		return gap > 0.5
	}
	return gap > 0.2
}

// beside says whether two boxes share half of the lower one's height.
func beside(a, b Box) bool {
	return min(a.Top, b.Top)-max(a.Bottom, b.Bottom) >= min(a.Height(), b.Height())/2
}

// rows groups runs into rows from the top down, each sorted from left to right.
func rows(all []run) [][]run {
	sort.SliceStable(all, func(i, j int) bool { return all[i].Middle() > all[j].Middle() })
	var out [][]run
	var around Box
	for _, r := range all {
		if n := len(out); n > 0 && beside(around, r.Box) {
			out[n-1] = append(out[n-1], r)
			continue // the box of the row stays that of its first run, lest rows grow into one another
		}
		out = append(out, []run{r})
		around = r.Box
	}
	for _, row := range out {
		sort.SliceStable(row, func(i, j int) bool { return row[i].Left < row[j].Left })
	}
	return out
}

// joined makes one line of the runs of a row.
func joined(row []run, page int) line {
	l := line{run: row[0], page: page}
	for _, r := range row[1:] {
		l.text += " " + r.text
		l.Box = l.Union(r.Box)
	}
	return l
}

// joinText appends the next line of a paragraph: nothing between Chinese characters, a space
// between words, and a word that was hyphenated made whole.
func joinText(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	last, first := lastRune(a), firstRune(b)
	switch {
	case wide(last) || wide(first):
		return a + b
	case last == '-' && first >= 'a' && first <= 'z':
		return a[:len(a)-1] + b
	}
	return a + " " + b
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

func lastRune(s string) rune {
	rs := []rune(s[max(0, len(s)-8):])
	if len(rs) == 0 {
		return 0
	}
	return rs[len(rs)-1]
}

// wide says whether a character is set in a full square, as Chinese ones and their punctuation are.
func wide(r rune) bool {
	return r >= 0x2e80 && r <= 0x9fff || r >= 0xf900 && r <= 0xfaff || r >= 0xff00 && r <= 0xff60 ||
		r >= 0x20000 && r < 0x40000 || r == '—' || r == '…' || r >= '‘' && r <= '”'
}

func abs(x float64) float64 {
	if x < 0 {
		return -x
	}
	return x
}
