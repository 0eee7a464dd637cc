package grounding

import (
	"slices"
	"unicode/utf8"

	"xiaoyue/assistant/traits"
)

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

// caseOf leaves of the own pieces of a condition those that say when something holds, where the others
// only name the case (硕士 of 满6个月的全日制毕业生：硕士2000元) that the clause behind is held against.
func (j *judging) caseOf(c *clause, s *source, u *unit, own []int) []int {
	if !c.when || !u.mixes(own) {
		return own
	}
	if k := own[0] - u.at; len(own) == 2 && u.pieces[k].isTopic() && own[1] == own[0]+1 && (k == 0 || u.pieces[k-1].section != u.pieces[k].section) {
		return own[1:]
	}
	when := slices.DeleteFunc(slices.Clone(own), func(id int) bool { return !u.pieces[id-u.at].when })
	sc := j.g.index.scope()
	sc.add(s.head...)
	sc.add(u.above...)
	sc.add(when...)
	for _, w := range j.missing(c.piece, sc) {
		if !slices.ContainsFunc(traits.Of(w), traits.Trait.Strict) {
			return own
		}
	}
	return when
}

// isTopic reports whether a piece only names what its sentence is about: 婚姻状况证明，可以…的，无须提交.
func (p *piece) isTopic() bool {
	return !p.when && len(p.figures) == 0 && len(p.denials) == 0 && !p.obliges() && !p.permits() && !slices.ContainsFunc(p.tokens, func(t token) bool { return t.kind == free })
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
