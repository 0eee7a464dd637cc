package grounding

import (
	"slices"
	"strings"
	"unicode/utf8"

	"xiaoyue/kb/figures"
)

// judging is the check of one sentence.
type judging struct {
	g     *Grounds
	cited []int
	said  reading // the sentence
	spoken
	last    int // evidence that bore out the clause before, -1 for none
	support []Ref
	before  *unit // the unit that bears out the clause before
	under   *unit // the unit whose condition the clause before says
}

// spoken finds what the sentence and the question say: what they say need not be said again.
type spoken struct {
	index index
	all   scope
}

func speak(readings ...reading) spoken {
	s := spoken{index: newIndex()}
	for _, r := range readings {
		for _, p := range r.pieces {
			s.index.add(p)
		}
	}
	s.all = s.index.scope()
	for i := range s.all {
		s.all[i] = true
	}
	return s
}

// attempt is what comes of holding a clause against a unit. The better of two failures is the one
// that came further, because its fault says more of what is wrong.
type attempt struct {
	fault  Fault
	detail string
	stage  int
	unit   *unit
	own    []int // the pieces of the unit that say what the clause says
}

// The stages of an attempt, in their order.
const (
	stageFigures = iota
	stageWords
	stageBinding
	stageSense
	stageSound
)

func (a attempt) better(b attempt) bool { return a.stage > b.stage }

// clause is a piece of the sentence under check.
type clause struct {
	*piece
	at     int      // its place in the sentence
	claims []figure // that evidence has to hold
	// reckons is set where an amount is made of the others, which then stand without their bounds.
	reckons bool
}

func (j *judging) clauseAt(i int) *clause {
	c := &clause{piece: &j.said.pieces[i], at: i}
	for _, f := range c.figures {
		switch {
		case isOne(f), c.oncePer(f), j.counts(c.piece, f), j.askers(c.piece, f):
		case j.reckoned(c.piece, f):
			c.reckons = true
		default:
			c.claims = append(c.claims, f)
		}
	}
	return c
}

// bear looks for a unit of the cited evidence that bears out a clause. Behind a condition it is the
// unit of the condition; of several that hold a condition, one that bears out what follows is taken.
func (j *judging) bear(c *clause) attempt {
	best := attempt{stage: -1}
	if u := j.unitOf(c); u != nil {
		return j.hold(c, &j.g.evidence[u.ref.Evidence], u)
	}
	for _, n := range j.order() {
		s := &j.g.evidence[n]
		for k := range s.units {
			a := j.hold(c, s, &s.units[k])
			if a.better(best) {
				best = a
			}
			if a.stage == stageSound && j.goesOn(c, s, a) {
				return a
			}
		}
		if a, ok := j.listed(c, s); ok && best.stage != stageSound {
			return a
		}
	}
	return best
}

// unitOf returns the unit that has to bear out a clause: that of the condition before it, or of the
// clause before it where a clause leaves out of what it speaks (不用自己提交).
func (j *judging) unitOf(c *clause) *unit {
	if !c.worded() && len(c.claims) == 0 {
		return j.before
	}
	return j.under
}

// worded reports whether a clause has a word that tells of what it speaks.
func (p *piece) worded() bool {
	return slices.ContainsFunc(p.tokens, func(t token) bool {
		return t.kind == raw || t.kind == same || t.kind == plain || t.kind == person
	})
}

// goesOn reports whether the unit that holds a condition bears out the clause behind it too.
func (j *judging) goesOn(c *clause, s *source, a attempt) bool {
	if !c.when || c.at+1 >= len(j.said.pieces) {
		return true
	}
	next := j.clauseAt(c.at + 1)
	return !next.contentful() || j.hold(next, s, a.unit).stage == stageSound
}

// order returns the cited evidence, that of the clause before first.
func (j *judging) order() []int {
	order := slices.Clone(j.cited)
	if at := slices.Index(order, j.last); at > 0 {
		order[0], order[at] = order[at], order[0]
	}
	return order
}

// hold holds a clause against a unit.
func (j *judging) hold(c *clause, s *source, u *unit) attempt {
	a := attempt{unit: u}
	if u.told {
		return a
	}
	for _, f := range c.claims {
		at, ok := j.place(c.piece, f, u)
		if !ok {
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

// isOne reports whether a figure is the 一 of 一个, 一家, which is an article, or of 每季度一次.
func isOne(f figure) bool {
	return f.Kind == figures.Count && f.Value == "1" && strings.Contains("个家名位种件项类", f.Unit)
}

// oncePer reports whether a figure is the 一次 of a period, which says no more than the period.
func (p *piece) oncePer(f figure) bool {
	return f.Unit == "次" && f.Value == "1" && p.lastPeriod() != ""
}

// place returns the piece of a unit that holds a figure, the one with the most words of the clause
// where several do.
func (j *judging) place(c *piece, f figure, u *unit) (int, bool) {
	best, most := -1, -1
	for k := range u.pieces {
		if !slices.ContainsFunc(u.pieces[k].figures, func(e figure) bool { return sameFigure(f.Figure, e.Figure) }) {
			continue
		}
		sc := j.g.index.scope()
		sc.add(u.at + k)
		if n := j.shared(c, sc); n > most {
			best, most = u.at+k, n
		}
	}
	return best, best >= 0
}

// shared counts the bytes of a clause's words that a scope holds.
func (j *judging) shared(c *piece, sc scope) int {
	n := 0
	for _, t := range c.tokens {
		switch t.kind {
		case raw:
			n += t.end - t.start
			for _, m := range j.g.index.missing(sc, c.text, t.start-c.from, t.end-c.from) {
				n -= len(m)
			}
		case same, plain, person, free, must, may, deny, denied, period:
			if j.g.index.holds(sc, t, c.written(t)) {
				n += t.end - t.start
			}
		case number:
			if slices.ContainsFunc(c.figures[t.figure:t.figure+1], func(f figure) bool { return j.holdsFigure(sc, f) }) {
				n += t.end - t.start
			}
		}
	}
	return n
}

func (j *judging) holdsFigure(sc scope, f figure) bool {
	for id, in := range sc {
		if in && slices.ContainsFunc(j.g.index.pieces[id].figures, func(e figure) bool { return sameFigure(f.Figure, e.Figure) }) {
			return true
		}
	}
	return false
}

func (p *piece) written(t token) string { return p.text[t.start-p.from : t.end-p.from] }

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

// missing returns the words of a clause that a scope does not hold.
func (j *judging) missing(c *piece, sc scope) []string {
	var found []string
	for _, t := range c.tokens {
		switch t.kind {
		case raw:
			found = append(found, j.g.index.missing(sc, c.text, t.start-c.from, t.end-c.from)...)
		case same, plain:
			if !j.g.index.holds(sc, t, c.written(t)) {
				found = append(found, c.written(t))
			}
		case period:
			if !j.g.index.holds(sc, t, c.written(t)) && !c.tells(t.name) {
				found = append(found, c.written(t))
			}
		}
	}
	return found
}

// tells reports whether a period is that of an amount, which is compared with the amount.
func (p *piece) tells(name string) bool {
	return slices.ContainsFunc(p.figures, func(f figure) bool { return f.period == name })
}

// ownPieces adds to the pieces that hold a clause's figures the fewest that, with what stands above the
// unit, hold its words; where headings hold them all, the one with the most of its words.
func (j *judging) ownPieces(c *piece, s *source, u *unit, own []int) []int {
	base := j.g.index.scope()
	base.add(s.head...)
	base.add(u.above...)
	base.add(own...)
	for left := j.size(j.missing(c, base)); ; {
		best, most, rest := -1, 0, left
		for k := range u.pieces {
			id := u.at + k
			if base[id] {
				continue
			}
			alone := j.g.index.scope()
			alone.add(id)
			base[id] = true
			now := j.size(j.missing(c, base))
			base[id] = false
			if n := (left-now)*100 + j.shared(c, alone); n > most && (left > now || len(own) == 0) {
				best, most, rest = id, n, now
			}
		}
		if best < 0 || len(own) > 0 && rest == left {
			break
		}
		own = append(own, best)
		base[best] = true
		if left = rest; left == 0 {
			break
		}
	}
	slices.Sort(own)
	return own
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

// mixes reports whether some of these pieces say a condition and others what follows from it.
func (u *unit) mixes(own []int) bool {
	when := 0
	for _, id := range own {
		if u.pieces[id-u.at].when {
			when++
		}
	}
	return when > 0 && when < len(own)
}

// scatters reports whether pieces stand in different sentences of a unit. The cells of a row do not.
func (u *unit) scatters(own []int) bool {
	return !u.row && u.pieces[own[0]-u.at].section != u.pieces[own[len(own)-1]-u.at].section
}

// rest adds the rule that hangs on a condition, where a clause is no condition itself.
func (j *judging) rest(c *clause, u *unit, own []int) []int {
	last := own[len(own)-1] - u.at
	section := u.pieces[last].section
	done := c.when
	for _, id := range own {
		done = done || !u.pieces[id-u.at].when
	}
	for n := last + 1; !done && n < len(u.pieces) && u.pieces[n].section == section; n++ {
		if done = !u.pieces[n].when; done {
			own = append(own, u.at+n)
		}
	}
	slices.Sort(own)
	return own
}

// acts are the predicates that a rule permits, obliges to or denies.
var acts = map[string]bool{"领取": true, "申请": true, "办理": true, "提交": true, "收取": true, "前往": true, "适用": true}

func (j *judging) size(words []string) int {
	n := 0
	for _, w := range words {
		n += utf8.RuneCountInString(w)
	}
	return n
}
