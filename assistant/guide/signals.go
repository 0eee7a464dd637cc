package guide

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"xiaoyue/retrieval/segment"
)

// signals are what speaks for and against a candidate's being an answer, each of a kind that can be
// told to somebody who asks why. Numbers lie in [0,1].
type signals struct {
	share, strong, focus float64 // see coverage
	gap                  float64 // runes of the longest gap, as a share of wideGap
	rank                 float64 // the score of the passage beside the best
	search               float64 // what the search believes of all that it found
	window               float64 // share of the question's words in the clause of the thing wanted
	near                 float64 // how near the thing wanted stands to the words that it is of
	dense                float64 // share of the question's words in the least part of that clause that holds them
	echo                 float64 // share of the unit's words that are the question's own

	typed, held  bool // the question wants a figure or name; the unit holds one that the question does not
	named, clash bool // the unit is of the period asked about; of another one
	asksYear     bool // the question asks about a year
	dated        bool // it does, and the document has no dates of validity that say whether it is of it
	cut          bool // the unit breaks off
	page         bool // the document is no rule and speaks for none
	forecast     bool // the clause tells what is to come or wanted
}

const wideGap = 4

// signalsOf reads the signals of a candidate.
func (g *Guide) signalsOf(r reading, want ask, c candidate, top, search float64) signals {
	u := c.unit
	s := signals{share: c.cov.share, strong: c.cov.strong, focus: c.cov.focus, gap: float64(min(c.cov.gap, wideGap)) / wideGap, search: search}
	if top > 0 {
		s.rank = c.source.score / top
	}
	asked := periodsOf(r.text)
	s.asksYear = len(asked.years) > 0
	s.dated = s.asksYear && c.source.doc.Validity.From.IsZero()
	said := segment.Normal(published.ReplaceAllString(u.said, ""))
	s.page = !isRuling(c.source.doc)
	s.echo, s.cut = echo(said, r.text), isCut(u.text)
	s.place(r, want, c, said, asked)
	if !s.named && asked.outlived(c.source.before(u)+u.said) {
		s.clash = true
	}
	return s
}

// place reads the signals of the place in a unit where the thing wanted stands, the best of several;
// the unit as a whole where the question wants none.
func (s *signals) place(r reading, want ask, c candidate, said string, asked periods) {
	pairs := pairsOf(r.chunks)
	words := r.focusWords()
	if want == askWho {
		words = roles(r.text)
	}
	above := segment.Normal("\n" + strings.Join(c.unit.above, "\n") + "\n" + c.source.doc.Title)
	found, typed := wanted(r, want, said)
	s.typed = typed
	best, from, to := -2.0, 0, len(said)
	for _, t := range found {
		if ofOtherTitle(r.text, said, t) {
			continue
		}
		a, b := clauseBounds(said, t.start, t.end)
		window, near := pairs.in(said[a:b]+above), near(words, said, t)
		if c.unit.list > 0 && containsAny(above, words...) {
			near = max(near, closeLead)
		}
		named, clash := asked.fits(toldAround(c, said, a, b))
		worth := window + near
		if clash {
			worth--
		}
		if worth > best {
			best, from, to = worth, a, b
			s.held, s.window, s.near, s.named, s.clash = true, window, near, named, clash
		}
	}
	if !s.held {
		s.window = pairs.in(said + above)
		s.named, s.clash = asked.fits(toldAround(c, said, 0, len(said)))
	}
	s.dense = pairs.density(said, said[from:to])
	before, _ := clauseBounds(said, max(0, from-len("，")), from)
	s.forecast = !forecasts.MatchString(r.text) && forecasts.MatchString(said[min(before, from):to])
}

// forecasts are the marks of what is planned, wanted or expected.
var forecasts = regexp.MustCompile(`预计|预测|预估|有望|力争|目标为|计划|规划|将达|将超|或将|估计|预期`)

// isCut recognises a sentence that breaks off, as summaries of search engines do.
func isCut(text string) bool {
	text = strings.TrimRight(text, " 　。[]")
	return slices.ContainsFunc([]string{"...", "…", "、", "，"}, func(s string) bool { return strings.HasSuffix(text, s) })
}

// pairs are the pairs of neighbouring runes of which the subject of a question consists.
type pairs []string

func pairsOf(chunks []chunk) pairs {
	var found pairs
	for _, c := range chunks {
		for i := 0; !c.background && i+1 < len(c.runes); i++ {
			if p := string(c.runes[i : i+2]); !(c.light[i] && c.light[i+1]) && !slices.Contains(found, p) {
				found = append(found, p)
			}
		}
	}
	return found
}

// in returns the share of the pairs that a text holds; 1 where there are none.
func (p pairs) in(text string) float64 {
	if len(p) == 0 {
		return 1
	}
	n := 0
	for _, w := range p {
		if strings.Contains(text, w) {
			n++
		}
	}
	return float64(n) / float64(len(p))
}

// density returns the share that the pairs make up of the least part of a clause that holds all of
// them that it holds; of the whole unit where most of them stand elsewhere in it.
func (p pairs) density(said, clause string) float64 {
	if p.in(clause) < p.in(said)/2 {
		clause = said
	}
	runes := []rune(withoutFigures(clause))
	held := make([]bool, len(runes))
	from, to := len(runes), 0
	for i := 0; i+1 < len(runes); i++ {
		if slices.Contains(p, string(runes[i:i+2])) {
			held[i], held[i+1] = true, true
			from, to = min(from, i), max(to, i+2)
		}
	}
	n, all := 0, 0
	for i := from; i < to; i++ {
		if !unicode.IsLetter(runes[i]) || strings.ContainsRune(edgeRunes, runes[i]) {
			continue
		}
		all++
		if held[i] {
			n++
		}
	}
	return float64(n) / float64(max(1, all))
}

// echo returns the share of a text's pairs of Han runes that a question holds.
func echo(text, question string) float64 {
	question = segment.Normal(question)
	n, all := 0, 0
	var last rune
	for _, r := range text {
		if unicode.Is(unicode.Han, r) && unicode.Is(unicode.Han, last) {
			all++
			if strings.Contains(question, string([]rune{last, r})) {
				n++
			}
		}
		last = r
	}
	return float64(n) / float64(max(1, all))
}
