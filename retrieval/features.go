package retrieval

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"xiaoyue/retrieval/segment"
)

// question is what the ranking knows about a question: its terms, and how much each one tells.
type question struct {
	terms []term
	ideal float64 // BM25 score of a passage that repeats every term endlessly
	sum   float64 // of the information of the telling terms
}

// term is a term of the question. Information is its inverse document frequency, the same as
// lexical's; terms that no passage holds count as if one in the corpus did.
type term struct {
	text        string
	weight      float64
	information float64
	telling     bool // a pair, word or whole: what a passage has to hold to be about the question
	word        bool // not of Han characters: found only between characters of another sort
}

// saturation is k1+1 of BM25, the most that a term's frequency can multiply its weight by.
const saturation = 2.2

// newQuestion weighs the terms of a question. Without document frequencies every term tells the same
// and the ideal is not known.
func newQuestion(terms []segment.Weighted, df []int, passages int) question {
	q := question{terms: make([]term, len(terms))}
	for i, t := range terms {
		w := term{text: t.Text, weight: float64(t.Weight), information: 1}
		w.telling = t.Kind != segment.Char && t.Kind != segment.Concept
		w.word = t.Kind == segment.Word
		if df != nil {
			n := float64(df[i])
			w.information = math.Log(1 + (float64(passages)-n+0.5)/(n+0.5))
			q.ideal += w.weight * w.information * saturation
		}
		if w.telling {
			q.sum += w.information
		}
		q.terms[i] = w
	}
	return q
}

// length is the number of telling terms.
func (q question) length() int {
	n := 0
	for _, t := range q.terms {
		if t.telling {
			n++
		}
	}
	return n
}

// coverage is a set of the question's telling terms.
type coverage []bool

// cover returns which telling terms of the question a normalised text holds.
func (q question) cover(text string) coverage {
	c := make(coverage, len(q.terms))
	for i, t := range q.terms {
		c[i] = t.telling && t.in(text)
	}
	return c
}

// in reports whether a normalised text holds the term: 3 is in 第3条 and not in 2023年.
func (t term) in(text string) bool {
	for {
		at := strings.Index(text, t.text)
		if at < 0 || !t.word {
			return at >= 0
		}
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(t.text):])
		if !wordRune(before) && !wordRune(after) {
			return true
		}
		text = text[at+len(t.text):]
	}
}

func wordRune(r rune) bool {
	return r != utf8.RuneError && !unicode.Is(unicode.Han, r) && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// add joins another coverage into c.
func (c coverage) add(o coverage) {
	for i := range o {
		c[i] = c[i] || o[i]
	}
}

// share is the part of the question's information that is covered, in [0,1].
func (q question) share(c coverage) float64 {
	if q.sum == 0 {
		return 0
	}
	got := 0.0
	for i, t := range q.terms {
		if t.telling && i < len(c) && c[i] {
			got += t.information
		}
	}
	return got / q.sum
}
