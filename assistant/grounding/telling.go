package grounding

import (
	"math/big"
	"slices"
	"strings"
)

// telling is what tells one piece from another.
type telling struct {
	words   []string // names of groups, and runs of characters
	figures []figure
}

func (t telling) empty() bool { return len(t.words) == 0 && len(t.figures) == 0 }

// different returns what a piece says, with the pieces around it, that neither the other piece with its
// surroundings nor what stands above says. Figures of the kind of f are what is compared, and tell
// nothing.
func (j *judging) different(f figure, at int, u *unit, other int, v *unit) telling {
	sc := j.g.index.scope()
	if u != v {
		sc.add(u.above...)
		sc.add(v.above...)
	}
	apart := u != v || u.pieces[at-u.at].section != v.pieces[other-v.at].section
	sc.add(around(other, v, apart)...)
	t := telling{}
	for _, id := range around(at, u, apart) {
		t = j.foreign(t, f, id, sc)
	}
	return t
}

// around returns a piece with the pieces that say when it holds; beside another unit the first piece
// of its sentence as well, where its subject stands.
func around(at int, u *unit, first bool) []int {
	found := []int{at}
	k := at - u.at
	for n := k - 1; n >= 0 && (u.row || u.pieces[n].section == u.pieces[k].section); n-- {
		leads := n == 0 || u.pieces[n-1].section != u.pieces[k].section
		if u.row && (n == 0 || len(u.pieces[n].figures) == 0) || !u.row && (u.pieces[n].when || first && leads) {
			found = append(found, u.at+n)
		}
	}
	return found
}

// foreign adds the words and figures of a piece that a scope does not hold.
func (j *judging) foreign(to telling, f figure, at int, sc scope) telling {
	p := &j.g.index.pieces[at]
	for _, t := range p.tokens {
		if times[t.name] {
			continue // said of every time
		}
		switch t.kind {
		case raw:
			to.words = append(to.words, j.g.index.missing(sc, p.text, t.start-p.from, t.end-p.from)...)
		case same, plain, person, deny, denied:
			if !j.g.index.holds(sc, t, p.written(t)) {
				to.words = append(to.words, t.name)
			}
		case number:
			if e := p.figures[t.figure]; !j.holdsBound(sc, e) && (e.Kind != f.Kind || e.Unit != f.Unit) {
				to.figures = append(to.figures, e)
			}
		}
	}
	return to
}

// holdsBound reports whether a scope holds a figure with its bound.
func (j *judging) holdsBound(sc scope, f figure) bool {
	for id, in := range sc {
		if in && slices.ContainsFunc(j.g.index.pieces[id].figures, func(e figure) bool { return e.bound == f.bound && sameFigure(f.Figure, e.Figure) }) {
			return true
		}
	}
	return false
}

// saidIn reports whether a piece says any of it, of long words at least a share.
func (t telling) saidIn(p *piece, share float64) bool {
	return slices.ContainsFunc(t.words, func(w string) bool {
		return strings.Contains(p.text, w) || slices.ContainsFunc(p.tokens, func(u token) bool { return u.name == w }) || mostly(w, p.text, share)
	}) || slices.ContainsFunc(p.figures, t.covers)
}

// covers reports whether a figure is one of the telling ones, or lies between them: 85岁 of 80至89周岁.
func (t telling) covers(e figure) bool {
	low, high := false, false
	for _, f := range t.figures {
		if sameFigure(e.Figure, f.Figure) && (e.bound == unbounded || e.bound == f.bound) {
			return true
		}
		if e.Kind != f.Kind || e.Unit != f.Unit || e.bound != unbounded {
			continue
		}
		v, ok := new(big.Rat).SetString(e.Value)
		w, also := new(big.Rat).SetString(f.Value)
		if !ok || !also {
			continue
		}
		low = low || v.Cmp(w) > 0 && f.bound != atMost && f.bound != below
		high = high || v.Cmp(w) < 0 && f.bound != atLeast && f.bound != above
	}
	return low && high || len(t.figures) == 1 && (low && t.figures[0].bound == atLeast || high && t.figures[0].bound == below)
}

// mostly reports whether a text holds at least a share of the pairs of characters of a long word.
func mostly(word, text string, share float64) bool {
	runes := []rune(word)
	if len(runes) < 4 {
		return false
	}
	found := 0
	for k := 0; k+1 < len(runes); k++ {
		if strings.Contains(text, string(runes[k:k+2])) {
			found++
		}
	}
	return float64(found) >= share*float64(len(runes)-1)
}
