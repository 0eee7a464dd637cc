package guide

import (
	"strings"
	"unicode/utf8"

	"xiaoyue/retrieval/segment"
)

// chunk is a run of a question's words that carries a subject, in normal form.
type chunk struct {
	text     string
	runes    []rune
	concepts []conceptSpan
	// background marks words of a clause that tells the asker's case and does not ask.
	background bool
}

// worthBackground is what words of the asker's own story count beside those of the question.
const worthBackground = 0.25

// conceptSpan is a part of a chunk that stands for a concept of the synonym list.
type conceptSpan struct {
	name     string
	from, to int // runes
}

// The worth of finding a word of the question in the layers around a unit.
const (
	worthOwn   = 1.0
	worthAbove = 0.95 // lead, headings, table head
	worthTitle = 0.85
	worthNear  = 0.6 // elsewhere in the same clause
)

// layer is a text in which words of a question are looked for.
type layer struct {
	text     string // normal form
	concepts map[string]bool
	worth    float64
}

func (g *Guide) newLayer(text string, worth float64) layer {
	text = segment.Normal(text)
	l := layer{text: text, concepts: map[string]bool{}, worth: worth}
	for _, t := range g.segmenter.Terms(text) {
		if t.Kind == segment.Concept {
			l.concepts[t.Text] = true
		}
	}
	return l
}

// newChunk prepares a chunk; parts of up to maxConceptRunes are looked up as concepts.
func (g *Guide) newChunk(text string) chunk {
	text = segment.Normal(text)
	c := chunk{text: text, runes: []rune(text)}
	for from := 0; from < len(c.runes); from++ {
		for to := min(len(c.runes), from+maxConceptRunes); to > from+1; to-- {
			if name, ok := g.conceptOf(string(c.runes[from:to])); ok {
				c.concepts = append(c.concepts, conceptSpan{name, from, to})
				from = to - 1
				break
			}
		}
	}
	return c
}

const maxConceptRunes = 8

// conceptOf returns the concept that a text stands for as a whole.
func (g *Guide) conceptOf(text string) (string, bool) {
	inner := text
	if _, n := utf8.DecodeLastRuneInString(text); n > 0 {
		inner = text[:len(text)-n]
	}
	whole, part := g.concepts(text), g.concepts(inner)
	if len(whole) != 1 || len(part) == 1 && part[0] == whole[0] {
		return "", false
	}
	_, n := utf8.DecodeRuneInString(text)
	if tail := g.concepts(text[n:]); len(tail) == 1 && tail[0] == whole[0] {
		return "", false
	}
	return whole[0], true
}

func (g *Guide) concepts(text string) []string {
	var names []string
	for _, t := range g.segmenter.Terms(text) {
		if t.Kind == segment.Concept {
			names = append(names, t.Text)
		}
	}
	return names
}

// covered returns, for each rune of the chunk, the worth of the best layer in which it is found as
// part of a pair of neighbours or of a concept. A chunk of one rune is looked for as it is.
func (c chunk) covered(layers []layer) []float64 {
	worth := make([]float64, len(c.runes))
	for _, l := range layers {
		c.mark(worth, l)
	}
	return worth
}

func (c chunk) mark(worth []float64, l layer) {
	raise := func(from, to int) {
		for i := from; i < to; i++ {
			worth[i] = max(worth[i], l.worth)
		}
	}
	if len(c.runes) == 1 && strings.Contains(l.text, c.text) {
		raise(0, 1)
	}
	for i := 0; i+1 < len(c.runes); i++ {
		if strings.Contains(l.text, string(c.runes[i:i+2])) {
			raise(i, i+2)
		}
	}
	for _, s := range c.concepts {
		if l.concepts[s.name] {
			raise(s.from, s.to)
		}
	}
}

// coverage is how much of a question's words a unit accounts for.
type coverage struct {
	share   float64 // of all runes, by worth, in [0,1]
	weakest float64 // of the chunk found least
	missing string  // that chunk
}

// cover measures chunks against layers.
func cover(chunks []chunk, layers []layer) coverage {
	cov := coverage{share: 1, weakest: 1}
	var sum, n float64
	for _, c := range chunks {
		part := 0.0
		for _, w := range c.covered(layers) {
			part += w
		}
		if c.background {
			sum += worthBackground * part
			n += worthBackground * float64(len(c.runes))
			continue
		}
		sum += part
		n += float64(len(c.runes))
		if share := part / float64(len(c.runes)); share < cov.weakest {
			cov.weakest, cov.missing = share, c.text
		}
	}
	if n > 0 {
		cov.share = sum / n
	}
	return cov
}
