package grounding

import (
	"slices"
	"strings"
)

// listed bears out a clause that reads a list out (身份证、户口簿和结婚证): each of its parts by an entry
// of the same list, or by one and the same unit. A clause with figures is never taken apart, and neither
// is one that denies.
func (j *judging) listed(c *clause, s *source) (attempt, bool) {
	if len(c.claims) > 0 || len(c.denials) > 0 {
		return attempt{}, false
	}
	parts := c.parts()
	if len(parts) < 2 {
		return attempt{}, false
	}
	tried := map[string]bool{}
	for k := range s.units {
		group := []*unit{&s.units[k]}
		if s.units[k].listed {
			if tried[s.units[k].family] {
				continue
			}
			tried[s.units[k].family] = true
			group = s.list(s.units[k].family)
		}
		if found := j.each(c, parts, s, group); found != nil {
			for _, a := range found {
				j.support = append(j.support, a.unit.ref)
			}
			return found[len(found)-1], true
		}
	}
	return attempt{}, false
}

// list returns the entries of a list.
func (s *source) list(family string) []*unit {
	var entries []*unit
	for k := range s.units {
		if s.units[k].listed && s.units[k].family == family {
			entries = append(entries, &s.units[k])
		}
	}
	return entries
}

// each returns what bears out each of the parts in a group of units, nil where one is not borne out.
func (j *judging) each(c *clause, parts []piece, s *source, group []*unit) []attempt {
	var found []attempt
	var own []int
	for n := range parts {
		at := slices.IndexFunc(group, func(u *unit) bool {
			a := j.hold(&clause{piece: &parts[n], at: c.at}, s, u)
			if a.stage != stageSound || j.conditional(a) {
				return false
			}
			found = append(found, a)
			return true
		})
		if at < 0 {
			return nil
		}
		own = append(own, found[n].own...)
	}
	slices.Sort(own)
	var text strings.Builder
	for _, id := range slices.Compact(own) {
		text.WriteString(j.g.index.pieces[id].text + "\n")
	}
	first, last := j.g.index.pieces[own[0]], j.g.index.pieces[own[len(own)-1]]
	if movedLevel(s.Places, c.text, text.String()) != "" || len(group) == 1 && first.section != last.section {
		return nil
	}
	return found
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
		if t.kind == mark && t.name == "、" || t.kind == empty && (t.name == "和" || t.name == "及" || t.name == "以及") {
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
