package guide

import (
	"slices"
	"strings"

	"xiaoyue/assistant/grounding"
	"xiaoyue/assistant/traits"
	"xiaoyue/kb"
	"xiaoyue/kb/privacy"
)

// reject deals with a faulty sentence: the model is asked once more, or the evidence speaks in its
// place, or nobody does, where the evidence has spoken already or the sentence is about nothing in it.
func (w *writer) reject(s draft, handles []int, v grounding.Verdict, retried bool) (again string) {
	fault := string(v.Fault) + ": " + v.Detail
	hopeless := v.Fault == grounding.Instruction || s.borrowed || v.Fault == grounding.Uncited && w.kept > 0
	if !retried && !hopeless && !w.ventures && w.r.retries < maxRetries {
		w.judge(kb.VerdictRetried, fault, s)
		w.faulty = s.raw
		return v.Detail
	}
	if hopeless || v.Fault == grounding.Uncited {
		w.drop(s, fault)
		return ""
	}
	w.replace(s, handles, fault)
	return ""
}

// replace says the evidence's own words in place of a sentence.
func (w *writer) replace(s draft, handles []int, fault string) {
	c, ok := w.stead(s, handles)
	if !ok || w.ventures {
		w.drop(s, fault)
		return
	}
	w.judge(kb.VerdictReplaced, fault, s)
	w.sayLead()
	w.verbatim(c.source.doc.Region, c)
}

// drop leaves a sentence out.
func (w *writer) drop(s draft, fault string) {
	w.judge(kb.VerdictDropped, fault, s)
	w.dropped++
	w.ended = w.ended || w.dropped == maxDropped
}

// judge keeps a verdict with the sentence that was not shown.
func (w *writer) judge(result, fault string, s draft) {
	v := kb.Verdict{Result: result}
	v.Fault, _ = privacy.Mask(fault)
	v.Sentence, _ = privacy.Mask(firstRunes(s.words, maxFaultRunes))
	w.r.record.Verdicts = append(w.r.record.Verdicts, v)
}

// How much of a faulty sentence must stand in a unit for it to be said in its place; less where the
// unit is to be said anyway.
const (
	leastAlike = 0.5
	foundAlike = 0.25
)

// stead returns what is said in place of a faulty sentence: of the units of the pieces that it names,
// and of the findings there, the one most like it that has not been said.
func (w *writer) stead(s draft, handles []int) (candidate, bool) {
	best, most := candidate{}, 0.0
	consider := func(c candidate, bonus float64) {
		alike := likeness(s.words, c.unit.said)
		if w.saidUnit(c) || alike+bonus < leastAlike || alike+bonus <= most || orders(c.unit.said) {
			return
		}
		best, most = c, alike+bonus
	}
	for _, n := range handles {
		p := w.pieces[n]
		found := w.p.picked(p.source)
		for _, u := range p.units {
			isFound := slices.ContainsFunc(found, func(f unit) bool { return f.start <= u.start && u.start < f.start+len(f.text) })
			if isLead(u.text) || isFurniture(u, p.source.doc) || !isFound && traits.Fits(w.p.reading.attributes, u.context()) == traits.Clash {
				continue
			}
			bonus := 0.0
			if isFound {
				bonus = leastAlike - foundAlike
			}
			consider(candidate{unit: u, source: p.source}, bonus)
		}
	}
	return best, most > 0
}

// likeness is the share of the pairs of neighbours of a sentence that a text holds, in [0,1].
func likeness(sentence, text string) float64 {
	runes := []rune(sentence)
	found, all := 0, 0
	for i := 0; i+1 < len(runes); i++ {
		all++
		if strings.Contains(text, string(runes[i:i+2])) {
			found++
		}
	}
	if all == 0 {
		return 0
	}
	return float64(found) / float64(all)
}
