package grounding

import (
	"slices"

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
		if mine, theirs := roleAt(j.said.pieces, c.at), j.role(a.own[at], a.unit); mine != steady && theirs != steady && mine != theirs {
			a.fault, a.detail = Subject, "“"+f.Text()+"”在依据中是调整"+map[role]string{before: "前", since: "后"}[theirs]+"的"
			return false
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
		if sameFigure(f.Figure, e.Figure) || sameFigure(e.Figure, f.Figure) {
			return false
		}
		other = other || e.Kind == f.Kind && e.Unit == f.Unit && e.Kind != figures.Number && (e.bound == f.bound || e.Kind == figures.Money)
	}
	return other
}

// tellsApart reports whether the sentence, or the question, tells the own piece that holds f from a
// rival one.
func (j *judging) tellsApart(c *clause, f figure, own int, u *unit, r rival) bool {
	if j.renews(own, r.at, u, r.unit) {
		return true
	}
	mine, theirs := j.different(f, own, u, r.at, r.unit), j.different(f, r.at, r.unit, own, u)
	if j.renews(r.at, own, r.unit, u) {
		if roleAt(j.said.pieces, c.at) == before {
			return true
		}
		mine, theirs = telling{words: []string{"原", "之前", "以前", "此前", "调整前"}}, telling{}
	}
	near := j.nearest(c)
	if mine.empty() {
		near = near[:len(near)-len(j.g.question.pieces)] // what the question says beside it takes nothing away
	}
	for _, p := range near {
		m, t := mine.saidIn(p, 0.5), theirs.saidIn(p, 0.7)
		if m || t {
			return m
		}
	}
	return mine.empty()
}

// role is the part of a figure in a change.
type role int

const (
	steady role = iota
	before      // the change
	since       // the change
)

// roleAt returns the role of the figures of the i-th piece.
func roleAt(pieces []piece, i int) role {
	switch p := &pieces[i]; {
	case p.changes(), p.has("调整后"):
		return since
	case i+1 < len(pieces) && pieces[i+1].changes(), p.has("调整前"):
		return before
	}
	return steady
}

func (j *judging) role(at int, u *unit) role { return roleAt(u.pieces, at-u.at) }

// renews reports whether of two pieces one says the new amount of a change, which goes without saying,
// and the other the old one.
func (j *judging) renews(now, old int, u, v *unit) bool {
	return u == v && j.role(now, u) == since && j.role(old, v) == before
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
