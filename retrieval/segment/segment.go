// Package segment turns Chinese text into the terms of the lexical index.
//
// The terms of a text are the characters and the pairs of neighbouring characters of its Han runs,
// the words of other scripts, things that must not fall apart (发文字号, 第N条, item codes, numbers
// with their unit), and the concepts of a list of synonyms. Pairs of characters need no dictionary
// and beat dictionary words on all three measured sets (docs/measurements.md); a concept is added
// beside the pairs and never replaces them. All terms are of normal form, see Normal.
//
// The package ranks nothing and knows no corpus; weights here are those of the kind of a term, and
// lexical multiplies its own inverse document frequency.
package segment

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"
)

// Version names the terms that this package makes. It is part of an index's stamp: terms of two
// versions are never mixed in one index.
const Version = "bigram-1"

// Kind is what a term is.
type Kind uint8

// The kinds of terms.
const (
	Pair    Kind = iota // two neighbouring Han characters, or a run of one
	Char                // a single Han character inside a longer run
	Word                // of another script, or a number
	Whole               // kept whole: 越人社发〔2025〕3号, 第3条, 2025年
	Concept             // a group of synonyms
)

// Term is a term of a text.
type Term struct {
	Text string
	Kind Kind
}

// Weighted is a term of a question with the weight of its kind. Terms of a question are distinct.
type Weighted struct {
	Text   string
	Kind   Kind
	Weight float32
}

// Weights are the weights of kinds of terms in a question.
type Weights struct {
	Pair, Char, Word, Whole, Concept float32
}

// DefaultWeights were chosen on the dev parts, see docs/measurements.md.
func DefaultWeights() Weights {
	return Weights{Pair: 1, Char: 0.2, Word: 1, Whole: 1, Concept: 0.5}
}

// Options configure a Segmenter.
type Options struct {
	Weights Weights // zero: DefaultWeights
}

//go:embed synonyms.txt
var synonymsText string

// Segmenter makes terms. It is immutable and may be used concurrently.
type Segmenter struct {
	concepts *lexicon
	weights  Weights
	rooms    sync.Pool // of *[]Term without content
}

// New returns a segmenter with the built-in list of synonyms.
func New(opts *Options) (*Segmenter, error) {
	s := &Segmenter{weights: DefaultWeights()}
	if opts != nil && opts.Weights != (Weights{}) {
		s.weights = opts.Weights
	}
	var err error
	if s.concepts, err = parseSynonyms(synonymsText); err != nil {
		return nil, fmt.Errorf("read synonyms: %w", err)
	}
	return s, nil
}

// Terms returns the terms of a text in reading order, with repetitions. They share the memory of
// one normalised copy of the text.
func (s *Segmenter) Terms(text string) []Term {
	return s.append(make([]Term, 0, len(text)*2/3+8), text)
}

func (s *Segmenter) append(terms []Term, text string) []Term {
	text = Normal(text)
	terms = appendRuns(terms, text)
	terms = appendWholes(terms, text)
	return s.appendConcepts(terms, text)
}

// Passage returns the index terms of a passage: those of its title, counted once, and of its text.
func (s *Segmenter) Passage(title, text string) []string {
	room, _ := s.rooms.Get().(*[]Term)
	if room == nil {
		room = new([]Term)
	}
	terms := s.append(s.append((*room)[:0], title), text)
	out := make([]string, len(terms))
	for i := range terms {
		out[i] = terms[i].Text
	}
	clear(terms)
	*room = terms
	s.rooms.Put(room)
	return out
}

// Question returns the distinct terms of a question with their weights. Words that only ask
// (什么, 如何, 请问) and polite formulas carry nothing to look for and are left out, unless nothing
// else is there.
func (s *Segmenter) Question(text string) []Weighted {
	if out := s.weigh(stripAsking(Normal(text))); len(out) > 0 {
		return out
	}
	return s.weigh(text)
}

func (s *Segmenter) weigh(text string) []Weighted {
	terms := s.Terms(text)
	out := make([]Weighted, 0, len(terms))
	seen := make(map[string]bool, len(terms))
	for _, t := range terms {
		if w := s.weights.of(t.Kind); w > 0 && !seen[t.Text] {
			seen[t.Text] = true
			out = append(out, Weighted{Text: t.Text, Kind: t.Kind, Weight: w})
		}
	}
	return out
}

func (w Weights) of(k Kind) float32 {
	switch k {
	case Pair:
		return w.Pair
	case Char:
		return w.Char
	case Word:
		return w.Word
	case Whole:
		return w.Whole
	}
	return w.Concept
}

// appendHan appends the pairs and characters of a run of Han characters.
func appendHan(terms []Term, run string) []Term {
	n := hanSize(run[0])
	if n == len(run) {
		return append(terms, Term{run, Pair})
	}
	for len(run) > n {
		next := hanSize(run[n])
		terms = append(terms, Term{run[:n], Char}, Term{run[:n+next], Pair})
		run, n = run[n:], next
	}
	return append(terms, Term{run, Char})
}

// appendWord appends a word of another script, its parts when it is joined by hyphens or dots, and
// a number together with the Han character that follows it: 2025年, 3万.
func appendWord(terms []Term, text string, r run) []Term {
	word := text[r.start:r.end]
	terms = append(terms, Term{word, Word})
	if strings.ContainsAny(word, joiners) {
		for part := range strings.FieldsFuncSeq(word, isJoiner) {
			terms = append(terms, Term{part, Word})
		}
	}
	next, n := utf8.DecodeRuneInString(text[r.end:])
	if isDigit(rune(word[len(word)-1])) && isHan(next) {
		terms = append(terms, Term{text[r.start : r.end+n], Whole})
	}
	return terms
}

func (s *Segmenter) appendConcepts(terms []Term, text string) []Term {
	for i := 0; i < len(text); {
		r, n := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			if r, n = hanAt(text, i), 3; r == 0 {
				r, n = utf8.DecodeRuneInString(text[i:])
			}
		}
		if name, length := s.concepts.longest(text[i:], r); length > 0 {
			terms, n = append(terms, Term{name, Concept}), length
		}
		i += n
	}
	return terms
}
