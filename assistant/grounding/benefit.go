package grounding

import (
	"slices"
	"strings"
)

// benefits are the nouns whose meaning is in the word before them: 租房补贴, 安家补贴.
var benefits = []string{"补贴", "补助", "津贴", "奖励", "贷款"}

// otherBenefit returns a benefit of a clause that neither the unit nor what stands above it names so.
func (j *judging) otherBenefit(c *clause, s *source, a *attempt) string {
	for k := 1; k < len(c.tokens); k++ {
		t, before := c.tokens[k], c.tokens[k-1]
		if !slices.Contains(benefits, t.name) || before.end != t.start || before.kind != raw && before.kind != same && before.kind != plain {
			continue
		}
		name := lastRunes(before.name, 2) + t.name
		held := false
		for n := range a.unit.pieces {
			if j.together(c, a, n) {
				continue
			}
			held = held || strings.Contains(a.unit.pieces[n].names(), name) || a.unit.pieces[n].has(before.name)
		}
		for _, id := range append(slices.Clone(a.unit.above), s.head...) {
			held = held || strings.Contains(j.g.index.pieces[id].names(), name)
		}
		if !held {
			return name
		}
	}
	return ""
}

// together reports whether a clause says which benefits go together, and the n-th piece of a unit is
// another than the one that says so: 可以与生活补贴叠加，不得与安家补贴重复享受.
func (j *judging) together(c *clause, a *attempt, n int) bool {
	for _, name := range []string{"叠加", "重复享受"} {
		if c.has(name) && !a.unit.pieces[n].has(name) && slices.ContainsFunc(a.unit.pieces, func(p piece) bool { return p.has(name) && p.has(benefits...) }) {
			return true
		}
	}
	return false
}

// names joins the names of a piece's words.
func (p *piece) names() string {
	var b strings.Builder
	for _, t := range p.tokens {
		b.WriteString(t.name)
	}
	return b.String()
}

func lastRunes(s string, n int) string {
	runes := []rune(s)
	return string(runes[max(0, len(runes)-n):])
}
