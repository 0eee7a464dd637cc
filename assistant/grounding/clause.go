package grounding

import (
	"slices"
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
		case isOne(f), c.oncePer(f), f.names(), j.counts(c.piece, f), j.askers(c.piece, f):
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
		return t.kind == raw && t.end-t.start > len("分") || t.kind == same || t.kind == plain || t.kind == person
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
