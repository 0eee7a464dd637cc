package grounding

import "slices"

// listed bears out a clause that reads a list out (身份证、户口簿和结婚证): each of its parts by a unit of
// the same evidence. A clause with figures is never taken apart, and neither is one that denies.
func (j *judging) listed(c *clause, s *source) (attempt, bool) {
	if len(c.claims) > 0 || len(c.denials) > 0 {
		return attempt{}, false
	}
	parts := c.parts()
	if len(parts) < 2 {
		return attempt{}, false
	}
	var last attempt
	for n := range parts {
		sound := false
		for k := range s.units {
			a := j.hold(&clause{piece: &parts[n], at: c.at}, s, &s.units[k])
			if sound = a.stage == stageSound && !j.conditional(a); sound {
				j.support = append(j.support, a.unit.ref)
				last = a
				break
			}
		}
		if !sound {
			return attempt{}, false
		}
	}
	return last, true
}

// conditional reports whether only conditions bear a part out: that 父母投靠的 have a rule of their own
// does not make them one of a list.
func (j *judging) conditional(a attempt) bool {
	return slices.ContainsFunc(a.own, func(id int) bool { return j.g.index.pieces[id].when })
}

// parts cuts a piece at 、 and at words that join.
func (p *piece) parts() []piece {
	var parts []piece
	open := piece{figures: p.figures}
	flush := func(end int) {
		if open.contentful() {
			open.text = p.text[open.from-p.from : end-p.from]
			parts = append(parts, open)
		}
		open = piece{section: p.section, figures: p.figures}
	}
	for _, t := range p.tokens {
		if t.kind == mark && t.name == "、" || isJoint(t) {
			flush(t.start)
			continue
		}
		if len(open.tokens) == 0 {
			open.from = t.start
		}
		open.tokens = append(open.tokens, t)
	}
	flush(p.from + len(p.text))
	return parts
}

// contentful reports whether a piece has a word that evidence must hold.
func (p *piece) contentful() bool {
	for _, t := range p.tokens {
		if t.kind == raw || t.kind == same || t.kind == plain || t.kind == person || t.kind == number || t.kind == period || t.kind == free && acts[t.name] {
			return true
		}
	}
	return false
}
