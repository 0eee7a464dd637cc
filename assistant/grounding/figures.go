package grounding

import (
	"math/big"
	"slices"
	"strings"

	"xiaoyue/kb/figures"
)

// sameFigure reports whether a sentence may write f for the figure e of its evidence: the same, or the
// same time in years and months, or a date less exact than the evidence's.
func sameFigure(f, e figures.Figure) bool {
	switch {
	case f.Same(e):
		return true
	case f.Kind != e.Kind:
		return f.Value == e.Value && (f.Kind == figures.Number && counts(e) || counts(f) && e.Kind == figures.Number)
	case f.Kind == figures.Duration:
		m, ok := months(f)
		n, also := months(e)
		return ok && also && m.Cmp(n) == 0
	case f.Kind == figures.Date:
		return len(f.Value) >= len("2025") && strings.HasPrefix(e.Value, f.Value) && f.Value[0] != '-' ||
			strings.HasPrefix(f.Value, "--") && !strings.HasPrefix(e.Value, "-") && strings.HasSuffix(e.Value, strings.TrimPrefix(f.Value, "-")) && len(f.Value) == len("--03-01")
	}
	return false
}

// ambiguous reports whether a figure is a year that a unit does not say so, of which its document holds
// several dates.
func (s *source) ambiguous(f figure, u *unit) bool {
	if f.Kind != figures.Date || len(f.Value) != len("2025") || holdsSame(u, f) {
		return false
	}
	dates := map[string]bool{}
	for k := range s.units {
		for n := range s.units[k].pieces {
			for _, e := range s.units[k].pieces[n].figures {
				if e.Kind == figures.Date && strings.HasPrefix(e.Value, f.Value) {
					dates[e.Value] = true
				}
			}
		}
	}
	return len(dates) > 1
}

func holdsSame(u *unit, f figure) bool {
	return slices.ContainsFunc(u.pieces, func(p piece) bool {
		return slices.ContainsFunc(p.figures, func(e figure) bool { return e.Same(f.Figure) })
	})
}

// counts reports whether a figure counts or numbers things; its unit may be left out.
func counts(f figures.Figure) bool { return f.Kind == figures.Count || f.Kind == figures.Ordinal }

// names reports whether a figure is the number of a clause, which is compared by its name.
func (f figure) names() bool {
	return f.Kind == figures.Ordinal && strings.Contains("条款项章节", f.Unit)
}

// months returns a time in months, where it is one of years or months.
func months(f figures.Figure) (*big.Rat, bool) {
	v, ok := new(big.Rat).SetString(f.Value)
	switch {
	case !ok:
		return nil, false
	case f.Unit == "年":
		return v.Mul(v, big.NewRat(12, 1)), true
	case f.Unit == "个月":
		return v, true
	}
	return nil, false
}

// bound compares each figure of a clause with the evidence's: on which side of it the matter lies, and
// how often an amount is given.
func (j *judging) bound(c *clause, _ *source, a *attempt) bool {
	for _, f := range c.claims {
		if !c.reckons && !j.boundIn(f, !c.worded() && f.bound != unbounded, a) {
			return false
		}
		if !j.inOrder(f, c, a) {
			a.fault, a.detail = Subject, "“"+c.text+"”中数字的次序与依据不同"
			return false
		}
		if f.Kind == figures.Money && !j.periodIn(f, c, a) {
			return false
		}
	}
	return true
}

// twins returns the figures of an attempt's own pieces that are the same as f, each with its piece.
func (j *judging) twins(f figure, a *attempt) (twins []figure, places []int) {
	for _, id := range append(append([]int{}, a.own...), a.unit.above...) {
		for _, e := range j.g.index.pieces[id].figures {
			if sameFigure(f.Figure, e.Figure) {
				twins, places = append(twins, e), append(places, id)
			}
		}
	}
	return twins, places
}

func (j *judging) boundIn(f figure, bare bool, a *attempt) bool {
	twins, _ := j.twins(f, a)
	for _, e := range twins {
		if f.bound == e.bound || a.unit.row && f.Kind == figures.Date && f.bound == atLeast && a.unit.pieces[0].has("施行") || !bare && f.bound.agrees(e.bound, e.Figure, e.by) {
			return true
		}
	}
	if len(twins) > 0 {
		a.fault, a.detail = Figure, "“"+f.Text()+"”在依据中是"+boundNames[twins[0].bound]+"，句中是"+boundNames[f.bound]
	}
	return false
}

// inOrder reports whether the figures of the kind of f stand in the order of the evidence: 40%、30%、30%.
func (j *judging) inOrder(f figure, c *clause, a *attempt) bool {
	var said []figure
	for _, g := range c.claims {
		if g.Kind == f.Kind && g.Unit == f.Unit {
			said = append(said, g)
		}
	}
	k := 0
	for _, id := range a.own {
		for _, e := range j.g.index.pieces[id].figures {
			if k < len(said) && sameFigure(said[k].Figure, e.Figure) {
				k++
			}
		}
	}
	return len(said) < 2 || k == len(said)
}
