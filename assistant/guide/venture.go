package guide

import (
	"context"
	"strings"

	"xiaoyue/assistant/traits"
)

// venture lets the model answer where the search says that it found an answer and no sentence of the
// evidence stands out by its words. Nothing is shown unless a sentence is borne out by its evidence,
// holds what was asked for and accounts for the words of the question, as a sentence of the evidence
// would have to.
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
	w := &writer{g: g, q: q, p: part{reading: rd, evidence: ev}, r: r}
	w.venture = &venture{chunks: withKnown(rd.chunks, ev.text())}
	if err := w.run(ctx); err != nil || w.kept == 0 {
		return false, err
	}
	w.label()
	w.p.findings = findingsOf(r.shown)
	return true, g.remarks(ctx, q, w.p, r)
}

// venture is what a sentence has to account for.
type venture struct{ chunks []chunk }

// answers reports whether a sentence answers the question, seen with the units that bear it out. Once
// one does, the others may add to it.
func (w *writer) answers(words string, support []cited) bool {
	if w.venture == nil || w.kept > 0 {
		return true
	}
	rd := w.p.reading
	for _, want := range rd.asks {
		if !bears(want, unit{kind: sentence, said: words}) {
			return false
		}
	}
	above, around := words, words
	for _, c := range support {
		above += "\n" + c.unit.context()
		around += "\n" + c.source.near(c.unit) + "\n" + c.source.doc.Title
	}
	cov := cover(w.venture.chunks, []layer{w.g.newLayer(words, worthOwn), w.g.newLayer(above, worthAbove), w.g.newLayer(around, worthNear)})
	return candidate{cov: cov}.good(true) && traits.Fits(rd.attributes, strings.Join([]string{words, above, around}, "\n")) != traits.Clash
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
