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
	if strings.Contains(c.text, "以下") && !strings.Contains(own.String(), "以下") && strings.Contains(own.String(), "以上") {
		a.fault, a.detail = Figure, "依据说的是“以上”，不是“以下”"
		return false
	}
	where := own.String()
	if !speaksOfLevels(where) {
		where = a.unit.text()
	}
	if w := movedLevel(s.Places, c.text, where); w != "" {
		a.fault, a.detail = Place, "依据的这一处说的不是“"+w+"”"
		return false
	}
	if w := j.otherBenefit(c, s, a); w != "" {
		a.fault, a.detail = Subject, "依据的这一处说的不是“"+w+"”"
		return false
	}
	if len(c.claims) > 0 && !a.unit.row && !j.sameAct(c, a) {
		a.fault, a.detail = Subject, "“"+c.text+"”与依据说的不是一件事"
		return false
	}
	return true
}

// text joins the pieces of a unit.
func (u *unit) text() string {
	var b strings.Builder
	for k := range u.pieces {
		b.WriteString(u.pieces[k].text + "\n")
	}
	return b.String()
}

// sameAct reports whether a clause with figures and the pieces that bear it out name an act in common,
// where both name one.
func (j *judging) sameAct(c *clause, a *attempt) bool {
	named, there, common := false, false, false
	for _, t := range c.tokens {
		if !acts[t.name] && !steps[t.name] {
			continue
		}
		named = true
		for _, id := range append(slices.Clone(a.own), j.leadOf(a.unit)...) {
			common = common || j.g.index.pieces[id].has(t.name)
		}
	}
	for _, id := range a.own {
		for _, t := range j.g.index.pieces[id].tokens {
			there = there || acts[t.name] || steps[t.name]
		}
	}
	return common || !named || !there
}

// steps are what is done to an application, each in its time.
var steps = map[string]bool{"审核": true, "初审": true, "公示": true, "受理": true}

// leadOf returns the pieces of the lead right above a unit.
func (j *judging) leadOf(u *unit) []int {
	var found []int
	for _, id := range u.above {
		if strings.HasSuffix(u.lead, ":") && strings.Contains(u.lead, j.g.index.pieces[id].text) {
			found = append(found, id)
		}
	}
	return found
}
