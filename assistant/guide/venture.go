package guide

import (
	"context"
	"slices"
	"strings"

	"xiaoyue/assistant/traits"
)

// venture lets the model answer from rules where the search says that it found an answer and no sentence
// of them stands out by its words. Nothing is shown unless a sentence is borne out by its evidence and
// answers the question as a sentence of the evidence would have to.
func (g *Guide) venture(ctx context.Context, q query, rd reading, r *reply) (bool, error) {
	if g.chat == nil {
		return false, nil
	}
	ev, err := g.gather(ctx, rd, q.scope)
	if isDown(err) || err == nil && !ev.result.Answers {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	ev.sources = slices.DeleteFunc(ev.sources, func(s source) bool { return !isRuling(s.doc) })
	w := &writer{g: g, q: q, p: part{reading: rd, evidence: ev}, r: r, ventures: true}
	if err := w.run(ctx); err != nil || w.kept == 0 {
		return false, err
	}
	w.label()
	w.p.findings = findingsOf(r.shown)
	return true, g.remarks(ctx, q, w.p, r)
}

// What a model's sentence and the unit below it must account for of a question: a word of it may be
// missing, where the search says that it found an answer and the model wrote it for this question.
const (
	leastVenture = 0.7
	mostGap      = 2
)

// answers reports whether a sentence answers the question, seen with the units that bear it out: what
// is held against a sentence of the evidence is held against it. Once one answers, others may add to it.
func (w *writer) answers(words string, support []cited) bool {
	if !w.ventures || w.kept > 0 {
		return true
	}
	rd, ev := w.p.reading, w.p.evidence
	wants := rd.asks
	if len(wants) == 0 {
		wants = []ask{askYesNo}
	}
	chunks := withKnown(rd.chunks, ev.text())
	c := support[0]
	above := append(slices.Clone(c.unit.above), c.unit.said)
	one := candidate{source: c.source, unit: unit{kind: sentence, text: words, said: words, above: above, start: c.unit.start, para: c.unit.para}}
	one.cov = cover(chunks, []layer{
		w.g.newLayer(words, worthOwn),
		w.g.newLayer(strings.Join(above, "\n"), worthAbove),
		w.g.newLayer(c.source.near(c.unit)+"\n"+c.source.doc.Title, worthNear),
	})
	if cov := one.cov; cov.vague || cov.gap > mostGap || cov.share < leastVenture || cov.strong < leastStrong || cov.focus < leastFocus {
		return false
	}
	for _, want := range wants {
		if w.g.signalsOf(rd, want, one, ev.top(), ev.result.Answerable).rulesOut(want) || !eligible(rd, want, c.source, one.unit) {
			return false
		}
	}
	return traits.Fits(rd.attributes, words+"\n"+c.unit.context()+"\n"+c.source.doc.Title) != traits.Clash
}

// findingsOf returns the units that sentences rest on, by region.
func findingsOf(all []shown) []finding {
	var found []finding
	at := map[string]int{}
	for _, s := range all {
		for _, c := range s.support {
			region := c.source.doc.Region
			if _, ok := at[region]; !ok {
				at[region] = len(found)
				found = append(found, finding{region: region})
			}
			found[at[region]].add([]candidate{{unit: c.unit, source: c.source}})
		}
	}
	return found
}
