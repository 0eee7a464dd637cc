package grounding

import (
	"slices"
	"strings"

	"xiaoyue/kb/figures"
)

// mentions looks at the figures that stand beside those of an attempt: what tells the attempt's piece
// from theirs must be said, nearest to the figure first, and nothing that tells theirs from it.
func (j *judging) mentions(c *clause, s *source, a *attempt) bool {
	for _, f := range c.claims {
		at := slices.IndexFunc(a.own, func(id int) bool {
			return slices.ContainsFunc(j.g.index.pieces[id].figures, func(e figure) bool { return sameFigure(f.Figure, e.Figure) })
		})
		if at < 0 {
			continue
		}
		if a.unit.row && a.own[at] == a.unit.at {
			continue // the key of a row
		}
		for _, r := range j.rivals(f, a.own[at], s, a.unit) {
			if !j.tellsApart(c, f, a.own[at], a.unit, r) {
				a.fault = Subject
				a.detail = "没有说清“" + f.Text() + "”是哪一项，旁边还有“" + j.g.index.pieces[r.at].text + "”"
				return false
			}
		}
	}
	return true
}

// rival is a piece that holds another figure of the same kind.
type rival struct {
	at   int
	unit *unit
}

// maxRivals bounds the figures beside one that are looked at.
const maxRivals = 40

// rivals returns the pieces of a unit, and of those that stand beside it, with another figure of the
// kind of f.
func (j *judging) rivals(f figure, own int, s *source, u *unit) []rival {
	var found []rival
	for k := range s.units {
		v := &s.units[k]
		if v != u && v.family != u.family {
			continue
		}
		for n := range v.pieces {
			if v.at+n != own && len(found) < maxRivals && v.pieces[n].differs(f) {
				found = append(found, rival{v.at + n, v})
			}
		}
	}
	return found
}

func (p *piece) differs(f figure) bool {
	other := false
	for _, e := range p.figures {
		if sameFigure(f.Figure, e.Figure) {
			return false
		}
		other = other || e.Kind == f.Kind && e.Unit == f.Unit && e.Kind != figures.Number && (e.bound == f.bound || e.Kind == figures.Money)
	}
	return other
}

// tellsApart reports whether the sentence, or the question, tells the own piece that holds f from a
// rival one.
func (j *judging) tellsApart(c *clause, f figure, own int, u *unit, r rival) bool {
	if j.renews(own, r.at) {
		return true
	}
	mine, theirs := j.different(f, own, u, r.at, r.unit), j.different(f, r.at, r.unit, own, u)
	if j.renews(r.at, own) {
		mine, theirs = telling{words: []string{"由", "从", "原", "之前", "以前", "此前"}}, telling{}
	}
	for _, p := range j.nearest(c) {
		m, t := mine.saidIn(p), theirs.saidIn(p)
		if m || t {
			return m
		}
	}
	return mine.empty()
}

// renews reports whether a piece says the new amount of a change, which goes without saying, and
// another the old one.
func (j *judging) renews(now, old int) bool {
	p, q := &j.g.index.pieces[now], &j.g.index.pieces[old]
	return p.joined && now == old+1 && p.has("提高", "降低", "调整") || p.has("调整后") && q.has("调整前")
}

// nearest returns the pieces that may say whose a figure is, the nearest first.
func (j *judging) nearest(c *clause) []*piece {
	var near []*piece
	for k := c.at; k >= 0; k-- {
		near = append(near, &j.said.pieces[k])
	}
	if k := c.at + 1; k < len(j.said.pieces) && j.said.pieces[k].aside {
		near = append(near, &j.said.pieces[k])
	}
	for k := range j.g.question.pieces {
		near = append(near, &j.g.question.pieces[k])
	}
	return near
}

// telling is what tells one piece from another.
type telling struct {
	words   []string // names of groups, and runs of characters
	figures []figure
}

func (t telling) empty() bool { return len(t.words) == 0 && len(t.figures) == 0 }

// different returns what a piece says, with the pieces around it, that neither the other piece with its
// surroundings nor what stands above says. Figures of the kind of f are what is compared, and tell
// nothing.
func (j *judging) different(f figure, at int, u *unit, other int, v *unit) telling {
	sc := j.g.index.scope()
	sc.add(u.above...)
	sc.add(v.above...)
	sc.add(other)
	if u == v {
		return j.foreign(telling{}, f, at, sc)
	}
	for k := range v.pieces {
		sc.add(v.at + k)
	}
	t := telling{}
	for k := range u.pieces {
		t = j.foreign(t, f, u.at+k, sc)
	}
	return t
}

// foreign adds the words and figures of a piece that a scope does not hold.
func (j *judging) foreign(to telling, f figure, at int, sc scope) telling {
	p := &j.g.index.pieces[at]
	for _, t := range p.tokens {
		switch t.kind {
		case raw:
			to.words = append(to.words, j.g.index.missing(sc, p.text, t.start-p.from, t.end-p.from)...)
		case same, plain, person, deny, denied:
			if !j.g.index.holds(sc, t, p.written(t)) {
				to.words = append(to.words, t.name)
			}
		case number:
			if e := p.figures[t.figure]; !j.holdsFigure(sc, e) && (e.Kind != f.Kind || e.Unit != f.Unit) {
				to.figures = append(to.figures, e)
			}
		}
	}
	return to
}

// saidIn reports whether a piece says any of it.
func (t telling) saidIn(p *piece) bool {
	return slices.ContainsFunc(t.words, func(w string) bool {
		return strings.Contains(p.text, w) || slices.ContainsFunc(p.tokens, func(u token) bool { return u.name == w }) || mostly(w, p.text)
	}) || slices.ContainsFunc(t.figures, func(f figure) bool {
		return slices.ContainsFunc(p.figures, func(e figure) bool { return sameFigure(e.Figure, f.Figure) })
	})
}

// mostly reports whether a text holds at least half of the pairs of characters of a long word.
func mostly(word, text string) bool {
	runes := []rune(word)
	if len(runes) < 4 {
		return false
	}
	found := 0
	for k := 0; k+1 < len(runes); k++ {
		if strings.Contains(text, string(runes[k:k+2])) {
			found++
		}
	}
	return 2*found >= len(runes)-1
}
