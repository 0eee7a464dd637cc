package grounding

import (
	"strings"

	"xiaoyue/kb/figures"
)

var periodNames = map[string]string{"month": "每月", "quarter": "每季度", "year": "每年", "once": "一次性", "day": "每日", "time": "每次", "area": "每平方米", "piece": "每张", "term": "每学期"}

// setPeriods gives each amount of the piece the period said nearest before it, or right behind it.
func (p *piece) setPeriods() {
	said := ""
	for i, t := range p.tokens {
		switch {
		case t.kind == period:
			said = t.name
		case t.kind == number && p.figures[t.figure].Kind == figures.Money:
			f := &p.figures[t.figure]
			if f.period = said; i+1 < len(p.tokens) && p.tokens[i+1].kind == period && p.tokens[i+1].start <= t.end+len("·") {
				f.period = p.tokens[i+1].name
			}
		}
	}
}

// periodBefore returns the last period that the pieces before the i-th say, or "".
func periodBefore(pieces []piece, i int) string {
	for i--; i >= 0; i-- {
		if said := pieces[i].lastPeriod(); said != "" {
			return said
		}
	}
	return ""
}

func (p *piece) lastPeriod() string {
	for n := len(p.tokens) - 1; n >= 0; n-- {
		if t := p.tokens[n]; t.kind == period {
			return t.name
		}
	}
	return ""
}

// sums reports whether a piece speaks of a sum or a limit, which has no period of its own.
func (p *piece) sums() bool {
	return p.has("累计") || strings.Contains(p.text, "总") || strings.Contains(p.text, "最高") || strings.Contains(p.text, "上限")
}

// periodIn compares the period of an amount: one that is said must be the evidence's, and one that the
// evidence gives the amount must be said, in the clause, before it, or in the question.
func (j *judging) periodIn(f figure, c *clause, a *attempt) bool {
	said := f.period
	if said == "" && !c.sums() {
		if said = periodBefore(j.said.pieces, c.at); said == "" {
			said = periodBefore(j.g.question.pieces, len(j.g.question.pieces))
		}
	}
	twins, places := j.twins(f, a)
	there := ""
	for n, e := range twins {
		if there = e.period; there == "" {
			there = j.periodAround(places[n], a.unit)
		}
		if there == said || there == "" && f.period == "" {
			return true
		}
	}
	a.fault = Period
	switch {
	case said == "":
		a.detail = "“" + f.Text() + "”在依据中是" + periodNames[there] + "的，句中没有说"
	case there == "":
		a.detail = "依据没有说“" + f.Text() + "”是" + periodNames[said] + "的"
	default:
		a.detail = "“" + f.Text() + "”在依据中是" + periodNames[there] + "，不是" + periodNames[said]
	}
	return false
}

// periodAround returns the period that stands before a piece in its unit, or in the leads above it.
func (j *judging) periodAround(at int, u *unit) string {
	if j.g.index.pieces[at].sums() {
		return ""
	}
	if k := at - u.at; k >= 0 && k < len(u.pieces) {
		if said := periodBefore(u.pieces, k); said != "" {
			return said
		}
	}
	for n := len(u.above) - 1; n >= 0; n-- {
		for m := range j.g.index.pieces[u.above[n]].tokens {
			if t := j.g.index.pieces[u.above[n]].tokens[m]; t.kind == period {
				return t.name
			}
		}
	}
	return ""
}

// rhythm compares the period of an act without an amount: 按季度发放 is not 每月发放, though something
// else is 按月.
func (j *judging) rhythm(c *clause, _ *source, a *attempt) bool {
	for _, t := range c.tokens {
		if t.kind != free || !acts[t.name] {
			continue
		}
		said := c.periodOf(t.name)
		if said == "" || c.tells(said) {
			continue
		}
		for k := range a.unit.pieces {
			if there := a.unit.pieces[k].periodOf(t.name); there != "" && there != said {
				a.fault, a.detail = Period, "依据说的是"+periodNames[there]+"，不是"+periodNames[said]
				return false
			}
		}
	}
	return true
}

// periodOf returns the period said nearest before an act.
func (p *piece) periodOf(act string) string {
	said := ""
	for _, t := range p.tokens {
		if t.kind == period {
			said = t.name
		}
		if t.kind == free && t.name == act {
			return said
		}
	}
	return ""
}
