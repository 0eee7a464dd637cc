package grounding

import (
	"regexp"
	"slices"
	"strings"

	"xiaoyue/assistant/traits"
)

// spoken finds what the sentence and the question say: what they say need not be said again.
type spoken struct {
	index index
	all   scope
}

func speak(readings ...reading) spoken {
	s := spoken{index: newIndex()}
	for _, r := range readings {
		for _, p := range r.pieces {
			s.index.add(p)
		}
	}
	s.all = s.index.scope()
	for i := range s.all {
		s.all[i] = true
	}
	return s
}

// times counts a word or figure in what is said.
func (s spoken) times(name string) int {
	n := 0
	for _, p := range s.index.pieces {
		for _, t := range p.tokens {
			if t.name == name {
				n++
			}
		}
	}
	return n
}

// conveyed reports whether at least a share of a piece's words is said, and all of its figures and denials.
func (j *judging) conveyed(p *piece, share float64) bool {
	if traits.Fits(traits.Of(p.text), j.said.text+j.g.question.text) == traits.Clash {
		return false
	}
	all, missing := 0, 0
	skip := asides.FindAllStringIndex(p.text, -1)
	for _, t := range p.tokens {
		if inAny(skip, t.start-p.from) {
			continue
		}
		weight := 2
		if t.name == "本市" {
			continue // the place goes without saying
		}
		if j.g.lexicon.restricting[t.name] && !j.spoken.index.holds(j.spoken.all, t, p.written(t)) {
			return false
		}
		if t.kind == person {
			weight = 1 // often goes without saying
		}
		if t.kind == raw || t.kind == same || t.kind == plain || t.kind == person {
			all += weight * (t.end - t.start)
		}
		for _, w := range j.unsaid(p, t) {
			if _, ok := j.g.lexicon.before[w]; ok {
				return false // 实际租金低于标准的
			}
			missing += weight * len(w)
		}
	}
	if float64(all-missing) < share*float64(all) {
		return false
	}
	for _, f := range p.figures {
		if !isOne(f) && !j.spoken.figure(f) {
			return false
		}
	}
	return len(p.denials) == 0 || j.spoken.denies(p.denials)
}

// asides are the parts of a piece that need not be said: titles, what stands in brackets, how something is done.
var asides = regexp.MustCompile(`《[^》]*》|\([^)]*\)|采取[^,]*?(手段|方式|方法)|第.{1,3}次`)

func inAny(spans [][]int, at int) bool {
	return slices.ContainsFunc(spans, func(s []int) bool { return s[0] <= at && at < s[1] })
}

// unsaid returns what neither the sentence nor the question says of a word of a piece.
func (j *judging) unsaid(p *piece, t token) []string {
	switch t.kind {
	case raw:
		return j.spoken.index.missing(j.spoken.all, p.text, t.start-p.from, t.end-p.from)
	case same, plain, person:
		if !j.spoken.index.holds(j.spoken.all, t, p.written(t)) {
			return []string{p.written(t)}
		}
	}
	return nil
}

func (s spoken) figure(f figure) bool {
	return slices.ContainsFunc(s.index.pieces, func(p piece) bool {
		return slices.ContainsFunc(p.figures, func(e figure) bool { return sameFigure(e.Figure, f.Figure) })
	})
}

// sameBenefits reports whether the benefits that a condition names are said by their names, or are those
// of the document.
func (j *judging) sameBenefits(p *piece, s *source) bool {
	for i := 1; i < len(p.tokens); i++ {
		if !slices.Contains(benefits, p.tokens[i].name) || p.tokens[i-1].kind == free || p.tokens[i-1].kind == empty {
			continue
		}
		name := lastRunes(p.tokens[i-1].name, 2) + p.tokens[i].name
		if !j.spoken.names(name) && !slices.ContainsFunc(s.head, func(id int) bool { return strings.Contains(j.g.index.pieces[id].names(), name) }) {
			return false
		}
	}
	return true
}

// names reports whether words stand side by side in what is said, by their groups.
func (s spoken) names(words string) bool {
	return slices.ContainsFunc(s.index.pieces, func(p piece) bool { return strings.Contains(p.names(), words) })
}

func (s spoken) denies(all []denial) bool {
	for _, d := range all {
		if !slices.ContainsFunc(s.index.pieces, func(p piece) bool { return meetsAny(d, p.denials) }) {
			return false
		}
	}
	return true
}
