package grounding

import (
	"slices"
	"strings"

	"xiaoyue/kb/figures"
)

// hold holds a clause against a unit.
func (j *judging) hold(c *clause, s *source, u *unit) attempt {
	a := attempt{unit: u}
	if u.told {
		return a
	}
	if !c.worded() && len(c.claims) > 0 && u.beside(j.before) {
		a.fault, a.detail = Subject, "“"+c.text+"”在依据中不是同一项的"
		return a
	}
	for _, f := range c.claims {
		at, ok := j.place(c.piece, f, u)
		if !ok || s.ambiguous(f, u) {
			return j.noFigure(a, f, u)
		}
		a.own = appendOnce(a.own, at)
	}
	slices.Sort(a.own)
	sc := j.scopeOf(s, u, a.own, c.claims)
	if missing := j.strange(c, sc, s, u); len(missing) > 0 {
		a.stage = stageWords
		a.fault, a.detail = j.nowhere(c, missing, s)
		return a
	}
	if a.own = j.ownPieces(c.piece, s, u, a.own); len(a.own) == 0 && u == j.under {
		return j.led(c, a)
	}
	if len(a.own) == 0 {
		a.stage = stageWords
		a.fault, a.detail = Invented, "“"+c.text+"”没有依据"
		return a
	}
	a.own = j.caseOf(c, s, u, a.own)
	if c.when && u.mixes(a.own) || u.scatters(a.own) {
		a.stage = stageWords
		a.fault, a.detail = Subject, "“"+c.text+"”在依据中不是一处说的"
		return a
	}
	a.own = j.rest(c, u, a.own)
	for _, check := range []func(*clause, *source, *attempt) bool{j.bound, j.rhythm, j.contrast, j.mentions, j.roles, j.denials, j.modals, j.conditions} {
		if a.stage = stageBinding; !check(c, s, &a) {
			return a
		}
	}
	a.stage = stageSound
	return a
}

// beside reports whether a unit is another row or entry beside the one that the clause before is from: a
// clause without a word of its own cannot be of it.
func (u *unit) beside(v *unit) bool {
	return v != nil && u != v && u.ref.Evidence == v.ref.Evidence && u.family == v.family && (u.row && v.row || u.listed && v.listed)
}

// isOne reports whether a figure is the 一 of 一个, 一家, which is an article, or of 每季度一次.
func isOne(f figure) bool {
	return f.Kind == figures.Count && f.Value == "1" && strings.Contains("个家名位种件项类", f.Unit)
}

// oncePer reports whether a figure is the 一次 of a period, which says no more than the period.
func (p *piece) oncePer(f figure) bool {
	return f.Unit == "次" && f.Value == "1" && p.lastPeriod() != ""
}

// place returns the piece of a unit that holds a figure, the one with the most words of the clause
// where several do. A time written in other units (1年 for 12个月) counts where none is written alike.
func (j *judging) place(c *piece, f figure, u *unit) (int, bool) {
	if at, ok := j.placeOf(c, f, u, figures.Figure.Same); ok {
		return at, true
	}
	return j.placeOf(c, f, u, sameFigure)
}

func (j *judging) placeOf(c *piece, f figure, u *unit, same func(f, e figures.Figure) bool) (int, bool) {
	best, most := -1, -1
	for k := range u.pieces {
		holds, bounded := false, false
		for _, e := range u.pieces[k].figures {
			if same(f.Figure, e.Figure) {
				holds, bounded = true, bounded || e.bound == f.bound
			}
		}
		if !holds {
			continue
		}
		sc := j.g.index.scope()
		sc.add(u.at + k)
		n := 2 * j.shared(c, sc)
		if bounded {
			n++ // 达到100分 rather than 未达到100分
		}
		if n > most {
			best, most = u.at+k, n
		}
	}
	return best, best >= 0
}

// noFigure is the fault of a figure that a unit does not hold.
func (j *judging) noFigure(a attempt, f figure, u *unit) attempt {
	a.fault, a.detail = Figure, "“"+f.Text()+"”在所引依据中没有"
	for _, p := range u.pieces {
		for _, e := range p.figures {
			if e.Kind == f.Kind && e.Value == f.Value && e.Unit != f.Unit {
				a.fault, a.detail = UnitFault, "依据是"+e.Text()+"，不是"+f.Text()
			}
		}
	}
	return a
}

// scopeOf is where the words of a clause may stand: in the pieces that hold its figures, in those that
// hold none of their kind, and in what stands above.
func (j *judging) scopeOf(s *source, u *unit, own []int, figs []figure) scope {
	sc := j.g.index.scope()
	sc.add(s.head...)
	sc.add(u.above...)
	sc.add(own...)
	for k := range u.pieces {
		if !u.pieces[k].rivals(figs) {
			sc.add(u.at + k)
		}
	}
	return sc
}

// rivals reports whether a piece holds other figures of the kind of one of these.
func (p *piece) rivals(figs []figure) bool {
	return slices.ContainsFunc(p.figures, func(e figure) bool {
		return slices.ContainsFunc(figs, func(f figure) bool { return e.Kind == f.Kind && e.Unit == f.Unit })
	})
}

// led holds a clause against the lead above the condition that the clause before says: 有下列情形之一的，
// 不适用简易程序：.
func (j *judging) led(c *clause, a attempt) attempt {
	a.stage, a.fault, a.detail = stageBinding, Invented, "“"+c.text+"”没有依据"
	for _, id := range j.leadOf(a.unit) {
		p := &j.g.index.pieces[id]
		if p.when || p.obliges() != c.obliges() || len(p.denials) != len(c.denials) {
			continue
		}
		if len(p.denials) == 0 || c.denials[0].meets(p.denials[0]) {
			a.stage, a.fault, a.detail = stageSound, "", ""
			return a
		}
	}
	return a
}
