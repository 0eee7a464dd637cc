package grounding

import (
	"slices"
	"strings"

	"xiaoyue/assistant/traits"
)

// contrast compares what tells cases apart (硕士 and 博士, 市级 and 区级) in a clause and in the pieces
// that bear it out, and the acts of both: who speaks of another case or act says something else.
func (j *judging) contrast(c *clause, s *source, a *attempt) bool {
	var own strings.Builder
	for k := range a.unit.pieces {
		if a.unit.row || slices.Contains(a.own, a.unit.at+k) {
			own.WriteString(a.unit.pieces[k].text + "\n")
		}
	}
	for _, t := range traits.Of(c.text) {
		if traits.Fits([]traits.Trait{t}, own.String()) == traits.Clash {
			a.fault, a.detail = Subject, "依据的这一处说的不是“"+t.Word+"”"
			return false
		}
	}
	for _, level := range levels {
		for _, w := range level.words {
			if len(s.Places) > 0 && !strings.HasSuffix(s.Places[0], level.end) && strings.Contains(c.text, w) && !a.unit.says(w) {
				a.fault, a.detail = Place, "依据的这一处说的不是“"+w+"”"
				return false
			}
		}
	}
	if len(c.claims) > 0 && !a.unit.row && !j.sameAct(c, a) {
		a.fault, a.detail = Subject, "“"+c.text+"”与依据说的不是一件事"
		return false
	}
	return true
}

func (u *unit) says(w string) bool {
	return slices.ContainsFunc(u.pieces, func(p piece) bool { return strings.Contains(p.text, w) })
}

// sameAct reports whether a clause with figures and the pieces that bear it out name an act in common,
// where both name one.
func (j *judging) sameAct(c *clause, a *attempt) bool {
	named, there, common := false, false, false
	for _, t := range c.tokens {
		if t.kind != free || !acts[t.name] {
			continue
		}
		named = true
		for _, id := range append(slices.Clone(a.own), a.unit.above...) {
			common = common || j.g.index.pieces[id].has(t.name)
		}
	}
	for _, id := range a.own {
		for _, t := range j.g.index.pieces[id].tokens {
			there = there || t.kind == free && acts[t.name]
		}
	}
	return common || !named || !there
}
