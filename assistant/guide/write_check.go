package guide

import (
	"fmt"
	"slices"
	"strings"

	"xiaoyue/assistant/grounding"
	"xiaoyue/assistant/guide/prompt"
	"xiaoyue/kb"
)

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
	switch {
	case s.words == "" || w.ended:
		return ""
	case isInsufficient(s):
		w.insufficient, w.ended = true, true
		return ""
	case w.waits(s):
		w.held = append(w.held, s)
		return ""
	}
	if again := w.release(s.handles); again != "" {
		return again
	}
	return w.check(s)
}

// isInsufficient recognises that the evidence is said not to be enough: 材料不足，无法回答. A rule on those whose
// papers are incomplete begins alike: 材料不足的，一次性告知.
func isInsufficient(s draft) bool {
	rest, ok := strings.CutPrefix(s.words, prompt.Insufficient)
	return ok && (len(s.handles) == 0 || strings.Trim(rest, stops) == "")
}

// waits reports whether a sentence states a fact and names no handle, and there is room for it to wait.
func (w *writer) waits(s draft) bool {
	return len(s.handles) == 0 && !(s.entry && len(w.above) > 0) && len(w.held) < maxHeld && w.grounds.Check(s.words, nil).Fault == grounding.Uncited
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
	w.r.judge(kb.VerdictKept)
	w.r.shown = append(w.r.shown, shown{s.words, support})
	w.written += s.raw
	w.kept++
}

// sayLead says the sentence without a fact that leads to the one to be said.
func (w *writer) sayLead() {
	if w.lead != "" {
		w.r.say(w.lead)
		w.r.judge(kb.VerdictKept)
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
