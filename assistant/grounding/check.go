package grounding

import (
	"slices"
	"strings"
)

// Checker reads evidence. It is immutable and may be used concurrently.
type Checker struct{ lexicon *lexicon }

// New returns a checker with the built-in lexicon.
func New() (*Checker, error) {
	l, err := parseLexicon(lexiconText)
	if err != nil {
		return nil, err
	}
	return &Checker{lexicon: l}, nil
}

// The bounds of a sentence; nobody reads longer ones.
const (
	maxSentence = 1500 // bytes
	maxClauses  = 20
)

// Check judges a sentence without its marks; cited are indexes into the evidence. A sentence without a
// fact (具体如下：) needs no evidence.
func (g *Grounds) Check(sentence string, cited []int) Verdict {
	if len(sentence) > maxSentence {
		return Verdict{Fault: Invented, Detail: "句子过长"}
	}
	if v, found := instructs(normal(sentence)); found {
		return v
	}
	cited = g.known(cited)
	v := g.check(sentence, cited)
	if v.Sound() || !v.Fault.reassignable() {
		return v
	}
	for n := range g.evidence {
		if !slices.Contains(cited, n) && g.check(sentence, []int{n}).Sound() {
			return Verdict{Fault: Citation, Detail: "这句话的依据不是所注明的材料，是《" + g.evidence[n].Title + "》"}
		}
	}
	return v
}

// reassignable reports whether other evidence may bear a sentence out.
func (f Fault) reassignable() bool {
	return f != Uncited && f != Instruction && f != Expired
}

// known keeps the indexes that name evidence.
func (g *Grounds) known(cited []int) []int {
	var known []int
	for _, n := range cited {
		if n >= 0 && n < len(g.evidence) && !slices.Contains(known, n) {
			known = append(known, n)
		}
	}
	return known
}

func (g *Grounds) check(sentence string, cited []int) Verdict {
	j := &judging{g: g, cited: cited, last: -1}
	j.said = g.lexicon.read(distribute(unmark(sentence)))
	if connects(j.said) {
		return Verdict{}
	}
	if len(cited) == 0 {
		return Verdict{Fault: Uncited, Detail: "没有注明依据"}
	}
	if v, ok := j.authority(); !ok {
		return v
	}
	if len(j.said.pieces) > maxClauses {
		return Verdict{Fault: Invented, Detail: "句子过长"}
	}
	if ref, ok := j.verbatim(); ok {
		j.support = []Ref{ref}
		if v, ok := j.standing(ref.Evidence); !ok {
			return v
		}
		return Verdict{Support: j.support}
	}
	if strings.ContainsAny(j.said.text, "《〔[(第") {
		j.said = g.lexicon.read(distribute(j.plain(sentence)))
	}
	j.spoken = speak(j.said, g.question)
	for i := range j.said.pieces {
		if v, ok := j.judge(i); !ok {
			return v
		}
	}
	if len(j.support) == 0 {
		return Verdict{Fault: Invented, Detail: "“" + j.said.text + "”没有依据"}
	}
	for _, n := range j.used() {
		if v, ok := j.standing(n); !ok {
			return v
		}
	}
	return Verdict{Support: j.support}
}

// judge looks for what bears out the i-th clause, and notes it.
func (j *judging) judge(i int) (Verdict, bool) {
	c := j.clauseAt(i)
	if !c.contentful() && len(c.denials) == 0 || j.askersOwn(c) {
		return Verdict{}, true
	}
	if j.ended(c) {
		return Verdict{}, true
	}
	if ref, ok := j.leads(c); ok {
		j.support = append(j.support, ref)
		return Verdict{}, true
	}
	a := j.bear(c)
	if a.stage != stageSound {
		if a.fault == "" {
			a.fault, a.detail = Invented, "“"+c.text+"”没有依据"
		}
		return Verdict{Fault: a.fault, Detail: a.detail}, false
	}
	if n := a.unit.ref.Evidence; j.last >= 0 && n != j.last && !j.topical(c, n) {
		return Verdict{Fault: Subject, Detail: "“" + c.text + "”说的是《" + j.g.evidence[n].Title + "》，句中没有说明"}, false
	}
	if v, ok := j.placed(c, a.unit.ref.Evidence); !ok {
		return v, false
	}
	j.last, j.before, j.under = a.unit.ref.Evidence, a.unit, nil
	if c.when && slices.ContainsFunc(a.own, func(id int) bool { return j.g.index.pieces[id].when }) {
		j.under = a.unit
	}
	if !slices.Contains(j.support, a.unit.ref) {
		j.support = append(j.support, a.unit.ref)
	}
	return Verdict{}, true
}

// used returns the evidence that bears out a clause.
func (j *judging) used() []int {
	var used []int
	for _, r := range j.support {
		if !slices.Contains(used, r.Evidence) {
			used = append(used, r.Evidence)
		}
	}
	return used
}

// topical reports whether a clause names what its evidence is about and the evidence of the clause
// before is not.
func (j *judging) topical(c *clause, n int) bool {
	before := j.g.evidence[j.last].text
	for _, id := range j.g.evidence[n].head {
		runes := []rune(j.g.index.pieces[id].text)
		for k := 0; k+1 < len(runes); k++ {
			if pair := string(runes[k : k+2]); strings.Contains(c.text, pair) && !strings.Contains(before, pair) {
				return true
			}
		}
	}
	return false
}
