// Package traits knows the closed sets of values by which government rules tell people and things
// apart: 硕士 and 博士, 门诊 and 住院, 首套 and 二套. It finds them in a text and says whether a text that
// speaks of some is a rule for others.
//
// It knows no document and decides nothing: which rule answers a question, and which sentence a rule
// bears out, is decided by its callers.
package traits

import (
	"slices"
	"strings"
	"unicode/utf8"

	"xiaoyue/retrieval/segment"
)

// Trait is a value that a text names.
type Trait struct {
	Class string
	Name  string // of the value
	Word  string // as the text writes it, in normal form
}

// Content reports whether the trait's word must be found in evidence; others may be understood.
func (t Trait) Content() bool { return t.of().content }

// Strict reports whether a document that names other values of the class, and never this one, says
// nothing of it.
func (t Trait) Strict() bool { return t.of().strict }

// ClassWords returns all words of all values of the trait's class.
func (t Trait) ClassWords() []string {
	var words []string
	for _, v := range t.of().values {
		words = append(words, v.words...)
	}
	return words
}

func (t Trait) of() class {
	if i := slices.IndexFunc(classes, func(c class) bool { return c.name == t.Class }); i >= 0 {
		return classes[i]
	}
	return class{}
}

// Of returns the traits that a text names, each value once, the longest word at a place. A collective
// word means its first value: people say 研究生 and mean 硕士.
func Of(text string) []Trait {
	text = segment.Normal(text)
	var found []Trait
	for _, c := range classes {
		for _, v := range c.in(text) {
			t := Trait{c.name, v.names()[0], v.words[0]}
			if !slices.ContainsFunc(found, func(o Trait) bool { return o.Class == t.Class && o.Name == t.Name }) {
				found = append(found, t)
			}
		}
	}
	return found
}

func (v value) names() []string {
	if v.name == "" {
		return v.both
	}
	return []string{v.name}
}

// in returns the values named in a normalised text; v.words then holds the one word found.
func (c class) in(text string) []value {
	var found []value
	for at := 0; at < len(text); {
		v, ok := c.at(text, at)
		if !ok {
			_, n := utf8.DecodeRuneInString(text[at:])
			at += n
			continue
		}
		found = append(found, v)
		at += len(v.words[0])
	}
	return c.combine(found)
}

// combine drops the collective value where one of its own is named with it: 硕士研究生 is 硕士 alone.
func (c class) combine(found []value) []value {
	return slices.DeleteFunc(found, func(v value) bool {
		return v.name == "" && slices.ContainsFunc(found, func(w value) bool { return slices.Contains(v.both, w.name) })
	})
}

func (c class) at(text string, at int) (value, bool) {
	best := value{}
	for _, v := range c.values {
		for _, w := range v.words {
			if strings.HasPrefix(text[at:], w) && (best.words == nil || len(w) > len(best.words[0])) {
				best = value{v.name, []string{w}, v.both}
			}
		}
	}
	return best, best.words != nil
}
