package guide

import (
	"cmp"
	"slices"
	"strings"

	"xiaoyue/assistant/traits"
	"xiaoyue/kb"
	"xiaoyue/kb/figures"
)

// candidate is a unit that may answer a question.
type candidate struct {
	unit    unit
	source  *source
	cov     coverage
	fit     traits.Fit
	score   float64
	belief  float64 // the probability that it answers, as far as it was judged
	answers bool    // it can be an answer by itself
}

// The weights of the parts of a candidate's score, and the least that makes it an answer. They were
// set on questions about the sample knowledge; RGB (rgb_test.go) was not looked at for them.
const (
	weightCover   = 1.0
	weightFit     = 0.25
	weightRank    = 0.15
	weightTitle   = 0.25 // of a document whose title names the focus of the question
	weightClose   = 0.12 // of the figure asked for next to the words that it is of
	weightMeasure = 0.1  // of a figure in the measure that the question names
	weightLimit   = 0.15 // of how long a benefit is had at most, against times for something else
	weightPlace   = 0.1  // of a row that names the place asked about
	weightPlain   = 0.05 // of the text itself before an explanation of it
	leastCover    = 0.6
	leastFocus    = 0.6  // of its focus, in the same place
	leastStrong   = 0.5  // of the words of the question, in the unit or right above it
	leastUnsure   = 0.63 // where the search doubts
	leastGapped   = 0.83 // where a word of the question is found nowhere
)

// maxDocBytes is how much of a document is looked at for words outside of the passages found.
const maxDocBytes = 64 << 10

// candidates returns the units that can answer one kind of question, best first.
func (g *Guide) candidates(r reading, want ask, ev evidence) []candidate {
	var found []candidate
	r.chunks = withKnown(r.chunks, ev.text())
	top := ev.top()
	others := false // rules tell the asker's class apart, and none so far names the asker's value
	for i := range ev.sources {
		s := &ev.sources[i]
		others = others || s.silentOn(r.attributes) && focusIn(r.chunks, s.layer(g, s.doc.Title, worthOwn)) > leastStrong
		if ofOtherYear(r.year, s.doc.Title) || s.silentOn(r.attributes) || !strings.Contains(s.doc.Title+s.doc.Text, r.place) {
			continue
		}
		if slices.Contains(measures, want) && s.foreignTo(r.attributes) {
			continue
		}
		around := []layer{
			s.layer(g, s.doc.Title+"\n"+strings.Join(s.passage.Headings, "\n"), worthTitle),
			s.layer(g, s.doc.Text[:min(len(s.doc.Text), maxDocBytes)], worthDoc),
		}
		for _, u := range s.units {
			if c, ok := g.weigh(r, want, s, u, around); ok {
				if top > 0 {
					c.score += weightRank * s.score / top
				}
				found = append(found, c)
			}
		}
	}
	if others && slices.Contains(measures, want) {
		strict := slices.DeleteFunc(slices.Clone(r.attributes), func(a traits.Trait) bool { return !a.Strict() })
		found = slices.DeleteFunc(found, func(c candidate) bool { return fitUnit(strict, c.unit, c.source.doc.Title) == traits.Neutral })
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	return found
}

// measures are the questions whose answer depends on the asker's class wherever rules tell classes apart.
var measures = []ask{askAmount, askFigure, askRatio}

// weigh checks one unit against a question and scores it: the words of the question it accounts for,
// and what speaks for it beside them.
func (g *Guide) weigh(r reading, want ask, s *source, u unit, around []layer) (candidate, bool) {
	c := candidate{unit: u, source: s, fit: fitUnit(r.attributes, u, s.doc.Title)}
	spans := fitsSpans(r.text, u)
	near, ours := g.placeFits(r.region, u)
	if c.fit == traits.Clash || spans == traits.Clash || !ours || !eligible(r, want, s, u) {
		return c, false
	}
	layers := append([]layer{
		s.layer(g, u.said, worthOwn),
		s.layer(g, strings.Join(u.above, "\n"), worthAbove),
		s.layer(g, s.near(u), worthNear),
	}, around...)
	c.cov = cover(r.chunks, append(layers, g.givenLayers(r.attributes, u.context())...))
	c.score = weightCover*c.cov.share + near + weightTitle*focusIn(r.chunks, around[0]) + weightClose*closeness(r, want, u) + signs(r, want, s, u)
	if c.fit == traits.Named {
		c.score += weightFit
	}
	if spans == traits.Named {
		c.score += weightFit
	}
	return c, true
}

// eligible reports whether a unit can answer a kind of question at all: it holds the figure or words
// wanted, takes up what it must, and states something of the time asked about.
func eligible(r reading, want ask, s *source, u unit) bool {
	switch {
	case !bears(want, u), !holdsRequired(r.text, u), isFurniture(u, s.doc), ofOtherTime(r.year, u, s.doc):
		return false
	case want == askDate:
		return datesFit(r.text, u)
	case want == askDuration:
		return fitsMeasure(r.own, u.said)
	}
	return true
}

// signs are the smaller things that speak for or against a unit.
func signs(r reading, want ask, s *source, u unit) float64 {
	score := 0.0
	add := func(holds bool, weight float64) {
		if holds {
			score += weight
		}
	}
	add(want == askFigure && holds(u.said, figures.Money), weightPlain)  // 多少 is mostly asked of money
	add(want == askDate && !holds(u.said, figures.Date), -weightMeasure) // 自次月起 is a date for want of a better one
	add(want == askYesNo && u.list > 0, -weightMeasure)                  // an amount of a list is no yes or no
	add(measured(r.text, u.said), weightMeasure)
	add(want == askDuration && strings.Contains(r.own, "领") && strings.Contains(u.context(), "期限"), weightMeasure)
	if want == askDuration && r.ofBenefit() && !r.deadline() {
		add(had.MatchString(u.said), weightLimit)
		add(acted.MatchString(u.said), -weightLimit)
	}
	add(containsAny(r.own, denials.asked...) && containsAny(u.said, denials.said...), weightPlain)
	add(strings.Contains(r.own, "满") && strings.Contains(u.said, "满"), weightPlain)
	add(!isExplanation(s.doc), weightPlain)
	return score
}

// givenLayers hold the words of attributes that a text names in other words: 成立 where it says 设立.
func (g *Guide) givenLayers(wanted []traits.Trait, text string) []layer {
	var layers []layer
	for _, w := range wanted {
		if w.Content() && traits.Fits([]traits.Trait{w}, text) == traits.Named {
			layers = append(layers, g.newLayer(w.Word, worthAbove))
		}
	}
	return layers
}

// fitUnit compares attributes with a unit's own words, and with what stands above it only for the
// classes that the own words leave open.
func fitUnit(wanted []traits.Trait, u unit, title string) traits.Fit {
	worst := traits.Named
	if len(wanted) == 0 {
		return traits.Neutral
	}
	for _, w := range wanted {
		f := traits.Fits([]traits.Trait{w}, u.said)
		if f == traits.Neutral {
			f = traits.Fits([]traits.Trait{w}, strings.Join(u.above, "\n")+"\n"+title)
		}
		worst = min(worst, f)
	}
	return worst
}

// placeFits compares the places that a row names with the one asked about: its own row is worth more,
// that of a sibling is none of ours.
func (g *Guide) placeFits(region string, u unit) (worth float64, ok bool) {
	if region == "" || u.kind != row {
		return 0, true
	}
	mentions := g.regions.Find(u.said)
	if len(mentions) == 0 {
		return 0, true
	}
	chain, err := g.regions.Chain(region)
	if err != nil {
		return 0, true
	}
	for _, m := range mentions {
		if m.Region.Code == region {
			return weightPlace, true
		}
		below, err := g.regions.Chain(m.Region.Code)
		if slices.Contains(chain, m.Region.Code) || err == nil && slices.Contains(below, region) {
			return 0, true
		}
	}
	return 0, false
}

// silentOn reports whether a document tells cases of a strict class apart without the one asked.
func (s *source) silentOn(wanted []traits.Trait) bool {
	return slices.ContainsFunc(wanted, func(w traits.Trait) bool {
		return w.Strict() && s.fit(w) == traits.Clash
	})
}

// foreignTo reports whether a document says nothing of a strict class that the asker names a value of:
// an amount that is not given by degree is no answer to somebody who asks as a 硕士.
func (s *source) foreignTo(wanted []traits.Trait) bool {
	return slices.ContainsFunc(wanted, func(w traits.Trait) bool {
		return w.Strict() && s.fit(w) == traits.Neutral
	})
}

// isExplanation reports whether a document explains another instead of ruling itself.
func isExplanation(d kb.Document) bool {
	return containsAny(d.Title, "解读", "问答", "一图读懂", "答记者问") ||
		slices.ContainsFunc(d.Relations, func(r kb.Relation) bool { return r.Kind == kb.Interprets && r.From == d.ID })
}

// good reports whether a candidate accounts for enough of the question to be an answer. Where the
// search itself doubts that it found one, no word of the question may be missing.
func (c candidate) good(sure bool) bool {
	switch {
	case c.cov.vague, c.cov.gap >= 2 && c.cov.share < leastGapped:
		return false
	case !sure && c.cov.share < leastUnsure:
		return false
	}
	return c.cov.share >= leastCover && c.cov.strong >= leastStrong && c.cov.focus >= leastFocus
}
