package guide

import (
	"fmt"
	"slices"
	"strings"

	"xiaoyue/assistant/grounding"
	"xiaoyue/assistant/guide/prompt"
	"xiaoyue/assistant/traits"
	"xiaoyue/kb"
	"xiaoyue/kb/figures"
	"xiaoyue/kb/privacy"
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

// maxHeld is how many sentences may wait for the handle at the end of their paragraph.
const maxHeld = 3

// sentence shows a sentence, or what stands in its place. It returns an objection where the model is
// to write it anew. A sentence without a handle waits for that of the next one in its line: models
// name what several sentences rest on behind the last of them.
func (w *writer) sentence(s draft) (again string) {
	if s.first {
		if again := w.release(nil); again != "" {
			return again
		}
	}
	waits := len(s.handles) == 0 && !(s.entry && len(w.above) > 0) && len(w.held) < maxHeld && w.grounds.Check(s.words, nil).Fault == grounding.Uncited
	switch {
	case s.words == "" || w.ended:
		return ""
	case strings.HasPrefix(s.words, prompt.Insufficient):
		w.insufficient, w.ended = true, true
		return ""
	case waits:
		w.held = append(w.held, s)
		return ""
	}
	if again := w.release(s.handles); again != "" {
		return again
	}
	return w.check(s)
}

// release checks the sentences that wait with the handles that they get.
func (w *writer) release(handles []int) (again string) {
	held := w.held
	w.held = nil
	for _, s := range held {
		s.handles, s.borrowed = handles, len(handles) > 0
		if again := w.check(s); again != "" {
			return again
		}
	}
	return ""
}

// check shows a sentence that its evidence bears out, and deals with others.
func (w *writer) check(s draft) (again string) {
	if w.repeats(s.words) {
		w.drop(s, "said already")
		return ""
	}
	retried := w.retried
	w.retried = false
	handles, known := w.handlesOf(s)
	v := w.grounds.Check(s.words, handles)
	switch {
	case isForeign(s.words):
		w.drop(s, "not in Chinese")
		return ""
	case !known:
		v = grounding.Verdict{Fault: grounding.Citation, Detail: "引用了没有给出的材料编号"}
	case v.Sound() && len(v.Support) == 0:
		w.lead = s.words
		return ""
	case v.Sound() && s.row:
		w.replace(s, handles, "row of a table")
		return ""
	case v.Sound():
		w.keep(s, v)
		return ""
	}
	return w.reject(s, handles, v, retried)
}

// handlesOf returns the pieces that a sentence names, counted from 0, and whether all it names were
// given. An entry of a list that names none takes those of the line above the list.
func (w *writer) handlesOf(s draft) (handles []int, known bool) {
	for _, n := range s.handles {
		if n < 1 || n > len(w.pieces) {
			return nil, false
		}
		handles = append(handles, n-1)
	}
	switch {
	case isLead(s.words):
		w.above = handles
	case !s.entry:
		w.above = nil
	case len(handles) == 0:
		handles = w.above
	}
	return handles, true
}

// keep shows a sound sentence, unless it says what the evidence's own words have said.
func (w *writer) keep(s draft, v grounding.Verdict) {
	support := make([]cited, 0, len(v.Support))
	for _, ref := range v.Support {
		p := w.pieces[ref.Evidence]
		support = append(support, cited{p.source, p.units[ref.Unit]})
	}
	if !slices.ContainsFunc(support, func(c cited) bool { return !w.isVerbatim(c) }) {
		w.drop(s, "said already")
		return
	}
	if !w.answers(s.words, support) {
		w.drop(s, "does not answer the question")
		return
	}
	region := w.nearest(support)
	w.sayNearer(region)
	words := s.words
	if w.mustName(region) && len(w.g.regions.Find(words)) == 0 {
		words = w.g.regionName(region) + "：" + words
	}
	w.near = region
	w.sayLead()
	var numbers []int
	for _, c := range support {
		if n := w.r.cite(c.source, c.unit, w.q.scope.AsOf); !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	w.r.say(marked(words, numbers))
	w.r.judge(kb.VerdictKept, "")
	w.r.shown = append(w.r.shown, shown{s.words, support})
	w.written += s.raw
	w.kept++
}

// sayLead says the sentence without a fact that leads to the one to be said.
func (w *writer) sayLead() {
	if w.lead != "" {
		w.r.say(w.lead)
		w.r.judge(kb.VerdictKept, "")
		w.lead = ""
	}
}

// marked writes citation marks behind the words and before their last stop.
func marked(words string, numbers []int) string {
	stop := "。"
	if strings.HasSuffix(words, "？") || strings.HasSuffix(words, "！") || strings.HasSuffix(words, "：") {
		stop = words[len(words)-len(stop):]
	}
	var b strings.Builder
	b.WriteString(strings.TrimRight(words, "；;，,。：:？！ "))
	for _, n := range numbers {
		fmt.Fprintf(&b, "[%d]", n)
	}
	return b.String() + stop
}

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

// repeats reports whether the model has said the same words before.
func (w *writer) repeats(words string) bool {
	return slices.ContainsFunc(w.r.shown, func(s shown) bool { return s.words == words })
}

// saidUnit reports whether a unit was shown, by itself or as what a sentence rests on.
func (w *writer) saidUnit(c candidate) bool {
	return w.r.hasCited(c.source, c.unit) || slices.ContainsFunc(w.r.shown, func(s shown) bool { return s.restsOn(c) })
}

// isVerbatim reports whether a unit was shown in its own words, or the list that it is part of.
func (w *writer) isVerbatim(c cited) bool { return slices.ContainsFunc(w.r.verbatim, c.within) }

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
		w.r.judge(kb.VerdictVerbatim, "")
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
