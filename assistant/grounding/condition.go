package grounding

import (
	"slices"
	"strings"

	"xiaoyue/kb/figures"
)

// The least share of a condition's words, and of a piece's, that has to be said.
const (
	saidCondition = 0.5
	saidPiece     = 0.35
)

// conditions looks at what the pieces that bear out a clause make depend on something: the sentence or
// the question must say it too.
func (j *judging) conditions(c *clause, _ *source, a *attempt) bool {
	for _, id := range a.own {
		p := &j.g.index.pieces[id]
		if w := j.dropped(p, len(c.claims) == 0 && !a.unit.row); w != "" {
			a.fault, a.detail = Condition, "漏了“"+w+"”"
			return false
		}
		met := false // of alternatives, one is enough
		for _, q := range j.governing(id, a.unit) {
			ok := met || j.g.lexicon.isGeneric(q) || j.conveyed(q, saidCondition)
			if met = ok && q.alternative(); !ok && !q.alternative() {
				a.fault, a.detail = Condition, "漏了条件“"+q.text+"”"
				return false
			}
		}
	}
	return true
}

// governing returns the pieces of a unit that say when a piece holds: those before it, up to the stop
// or semicolon.
func (j *judging) governing(id int, u *unit) []*piece {
	var found []*piece
	k := id - u.at
	for n := k - 1; n >= 0 && u.pieces[n].section == u.pieces[k].section; n-- {
		if u.pieces[n].when {
			found = append(found, &u.pieces[n])
		} else if len(found) > 0 {
			break
		}
	}
	return found
}

// alternative reports whether a piece names another case beside the one before it.
func (p *piece) alternative() bool {
	return p.has("或", "或者") || strings.HasPrefix(p.text, "以及") || strings.HasPrefix(p.text, "或")
}

func (l *lexicon) isGeneric(p *piece) bool { return l.generic[p.text] }

// conveyed reports whether at least a share of a piece's words is said, and all of its figures and denials.
func (j *judging) conveyed(p *piece, share float64) bool {
	all, missing := 0, 0
	for _, t := range p.tokens {
		if t.kind == raw || t.kind == same || t.kind == plain {
			all += t.end - t.start
		}
	}
	for _, w := range j.unsaid(p) {
		missing += len(w)
	}
	if float64(all-missing) < share*float64(all) {
		return false
	}
	for _, f := range p.figures {
		if !isOne(f) && !j.spoken.figure(f) {
			return false
		}
	}
	return len(p.denials) == 0 || j.spoken.denies(p.denials)
}

// unsaid returns the words of a piece that neither the sentence nor the question says.
func (j *judging) unsaid(p *piece) []string {
	var found []string
	for _, t := range p.tokens {
		switch t.kind {
		case raw:
			found = append(found, j.spoken.index.missing(j.spoken.all, p.text, t.start-p.from, t.end-p.from)...)
		case same, plain:
			if !j.spoken.index.holds(j.spoken.all, t, p.written(t)) {
				found = append(found, p.written(t))
			}
		}
	}
	return found
}

func (s spoken) figure(f figure) bool {
	return slices.ContainsFunc(s.index.pieces, func(p piece) bool {
		return slices.ContainsFunc(p.figures, func(e figure) bool { return sameFigure(e.Figure, f.Figure) })
	})
}

func (s spoken) denies(all []denial) bool {
	for _, d := range all {
		if !slices.ContainsFunc(s.index.pieces, func(p piece) bool { return meetsAny(d, p.denials) }) {
			return false
		}
	}
	return true
}

// dropped returns what a piece restricts and the sentence leaves out: 首次, 全日制, a figure, what the
// time runs from, or nearly all of it.
func (j *judging) dropped(p *piece, whole bool) string {
	for i, t := range p.tokens {
		if t.kind == number {
			if f := p.figures[t.figure]; narrows(f) && !j.spoken.figure(f) {
				return p.written(t)
			}
			continue
		}
		if j.g.lexicon.restricting[t.name] && p.binds(i) && !j.spoken.index.holds(j.spoken.all, t, p.written(t)) {
			return p.written(t)
		}
	}
	if w := j.anchor(p); w != "" {
		return w
	}
	if whole && !j.conveyed(&piece{text: p.text, from: p.from, tokens: p.tokens}, saidPiece) {
		return p.text
	}
	return ""
}

// narrows reports whether a figure limits what it stands with.
func narrows(f figure) bool {
	return !isOne(f) && f.Kind != figures.Ordinal && f.Kind != figures.Number
}

// binds reports whether a restricting word restricts: a place does where something is done in it, not
// in the name of an office.
func (p *piece) binds(i int) bool {
	if p.tokens[i].name != "本市" {
		return true
	}
	if i+1 < len(p.tokens) && strings.ContainsAny(p.written(p.tokens[i+1]), "局网委府") {
		return false
	}
	before := p.text[:p.tokens[i].start-p.from]
	return strings.HasSuffix(before, "在") || strings.HasSuffix(before, "具有") || strings.HasSuffix(before, "持有") ||
		i+1 < len(p.tokens) && p.tokens[i+1].name == "户籍"
}

// anchor returns what a time of the piece runs from, where it is left out: 公示期满后10个工作日内. That
// it runs from 受理 goes without saying.
func (j *judging) anchor(p *piece) string {
	for i, t := range p.tokens {
		if t.kind != empty || t.name != "后" && t.name != "之日" || i == 0 || i+1 >= len(p.tokens) {
			continue
		}
		from := max(0, i-3)
		q := piece{text: p.text, from: p.from, tokens: p.tokens[from:i]}
		if !strings.Contains(p.text[p.tokens[from].start-p.from:t.end-p.from], "受理") && !j.conveyed(&q, saidCondition) {
			return p.text[p.tokens[from].start-p.from : t.end-p.from]
		}
	}
	return ""
}
