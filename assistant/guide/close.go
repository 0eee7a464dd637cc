package guide

import (
	"slices"
	"strings"
	"unicode/utf8"

	"xiaoyue/kb/figures"
)

// kindsOf are the figures that a kind of question wants.
var kindsOf = map[ask][]figures.Kind{
	askAmount: {figures.Money}, askFee: {figures.Money}, askRatio: {figures.Percent}, askDuration: {figures.Duration},
	askDate: {figures.Date}, askAge: {figures.Age}, askCount: {figures.Count, figures.Number}, askPhone: {figures.Phone},
}

// farRunes is the distance from which on a figure is not taken to be of a word.
const farRunes = 12

// closeLead is the closeness of an entry whose lead holds a word of the focus.
const closeLead = 0.75

// closeness is 1 where a figure of the kind asked for stands next to a word of the question's focus,
// falling to 0 at farRunes, and 0 where there is none.
func closeness(r reading, want ask, u unit) float64 {
	said := u.said
	words := r.focusWords()
	best := farRunes
	for _, f := range figures.Find(said) {
		if !slices.Contains(kindsOf[want], f.Kind) {
			continue
		}
		for _, w := range words {
			i := strings.LastIndex(said[:f.Start], w)
			if i < 0 || containsAny(said[i+len(w):f.Start], "满后", "届满", "之日起", "以后", "之后") {
				continue
			}
			best = min(best, utf8.RuneCountInString(said[i+len(w):f.Start]))
		}
	}
	near := 1 - float64(best)/farRunes
	if u.kind == entry && containsAny(u.lead, words...) {
		near = max(near, closeLead)
	}
	return near
}

// focusWords are the required words of a question and the pairs of its focus.
func (r reading) focusWords() []string {
	var words []string
	for w := range requires {
		if strings.Contains(r.text, w) {
			words = append(words, w)
		}
	}
	if len(words) > 0 {
		return words
	}
	for _, c := range r.chunks {
		for i := 0; c.focus && i+1 < len(c.runes); i++ {
			if !c.light[i] && !c.light[i+1] {
				words = append(words, string(c.runes[i:i+2]))
			}
		}
	}
	return words
}
