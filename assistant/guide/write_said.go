package guide

import (
	"slices"
	"strings"

	"xiaoyue/assistant/grounding"
	"xiaoyue/kb"
	"xiaoyue/kb/figures"
)

// shown is a sentence of the model that was shown, with the units that bear it out.
type shown struct {
	words   string
	support []cited
}

type cited struct {
	source *source
	unit   unit
}

// within reports whether a unit is another one or lies in it.
func (c cited) within(o cited) bool {
	from, to := o.unit.start, o.unit.start+len(o.unit.text)
	return c.source.doc.ID == o.source.doc.ID && c.source.doc.Version == o.source.doc.Version && from <= c.unit.start && c.unit.start+len(c.unit.text) <= to
}

func (s shown) restsOn(c candidate) bool {
	return slices.ContainsFunc(s.support, func(x cited) bool { return x.within(cited{c.source, c.unit}) })
}

// repeats reports whether the model has said the same words before.
func (w *writer) repeats(words string) bool {
	return slices.ContainsFunc(w.r.shown, func(s shown) bool { return s.words == words })
}

// saidUnit reports whether a unit was shown, by itself or as what a sentence rests on.
func (w *writer) saidUnit(c candidate) bool {
	return w.r.hasCited(c.source, c.unit) || slices.ContainsFunc(w.r.shown, func(s shown) bool { return s.restsOn(c) })
}

// isVerbatim reports whether a unit was shown in its own words, or the list that it is part of.
func (w *writer) isVerbatim(c cited) bool {
	one := candidate{unit: c.unit, source: c.source}
	rests := slices.ContainsFunc(w.r.shown, func(s shown) bool { return s.restsOn(one) })
	return slices.ContainsFunc(w.r.verbatim, c.within) || w.r.hasCited(c.source, c.unit) && !rests
}

// nearest returns the region of the texts that bear a sentence out, the nearest of several.
func (w *writer) nearest(support []cited) string {
	best := support[0].source.doc.Region
	for _, c := range support[1:] {
		if r := c.source.doc.Region; nearness(w.q.scope, r) < nearness(w.q.scope, best) {
			best = r
		}
	}
	return best
}

// mustName reports whether a sentence must say whose rule it tells: where there are rules of several
// regions, whenever it changes.
func (w *writer) mustName(region string) bool {
	several := len(w.p.findings) > 1 || len(w.p.findings) == 1 && w.p.findings[0].region != region
	return several && region != "" && region != w.near
}

// sayNearer says what regions nearer than one rule, where the model has not come to it: what holds
// where the asker is comes first.
func (w *writer) sayNearer(region string) {
	for _, f := range w.p.findings {
		if nearness(w.q.scope, f.region) >= nearness(w.q.scope, region) {
			return
		}
		if !slices.ContainsFunc(f.picks, w.saidUnit) {
			w.verbatim(f.region, f.picks...)
		}
	}
}

// verbatim says units in their own words, the region named first, and leaves out those said so before.
func (w *writer) verbatim(region string, picks ...candidate) {
	w.near = region
	picks = slices.DeleteFunc(slices.Clone(picks), func(c candidate) bool { return w.isVerbatim(cited{c.source, c.unit}) })
	for i, c := range picks {
		words := c.words()
		if i == 0 && region != "" {
			words = w.g.regionName(region) + "：" + words
		}
		w.r.say(mark(words, w.r.cite(c.source, c.unit, w.q.scope.AsOf)))
		w.r.judge(kb.VerdictVerbatim)
		w.r.verbatim = append(w.r.verbatim, cited{c.source, c.unit})
	}
}

// rest says what the findings hold and the model has not said.
func (w *writer) rest() {
	for _, f := range w.p.findings {
		var left []candidate
		for _, c := range f.picks {
			left = append(left, w.left(c)...)
		}
		w.verbatim(f.region, left...)
	}
}

// left returns what is not said yet of a finding: of a list of which a part was said, the other
// entries.
func (w *writer) left(c candidate) []candidate {
	switch {
	case len(w.r.shown) == 0:
		return []candidate{c}
	case w.inOtherWords(c):
		return nil
	case c.unit.kind != block:
		return []candidate{c}
	}
	var left []candidate
	entries := 0
	for _, u := range c.source.units {
		if u.kind == block || u.list != c.unit.list {
			continue
		}
		entries++
		if e := (candidate{unit: u, source: c.source}); !w.inOtherWords(e) {
			left = append(left, e)
		}
	}
	if len(left) == entries {
		return []candidate{c}
	}
	return left
}

// inOtherWords reports whether the sentences shown say what a unit does: one rests on it and holds the
// figures that the question wants of it, or together they bear it out.
func (w *writer) inOtherWords(c candidate) bool {
	var words []string
	var units []grounding.Unit
	rests := false
	for _, s := range w.r.shown {
		words = append(words, s.words)
		units = append(units, grounding.Unit{Said: s.words, Above: c.unit.above})
		rests = rests || s.restsOn(c)
	}
	switch {
	case c.unit.kind == block:
		return false
	case rests && w.holdsFigures(c.unit.said, strings.Join(words, "\n")):
		return true
	}
	d := c.source.doc
	back := grounding.Evidence{Title: d.Title, Number: d.Number, Clause: c.source.passage.Clause, Places: w.g.placesOf(d.Region), Units: units}
	day := w.q.scope.AsOf
	return w.g.checker.Prepare(w.q.question, day, w.q.today, []grounding.Evidence{back}).Check(c.unit.said, []int{0}).Sound()
}

// holdsFigures reports whether a text holds the figures of a unit that are of the kinds asked for.
func (w *writer) holdsFigures(said, text string) bool {
	there := figures.Find(text)
	for _, f := range figures.Find(said) {
		wanted := slices.ContainsFunc(w.p.reading.asks, func(a ask) bool { return slices.Contains(kindsOf[a], f.Kind) })
		if wanted && !slices.ContainsFunc(there, f.Same) {
			return false
		}
	}
	return true
}
