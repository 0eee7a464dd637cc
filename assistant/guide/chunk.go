package guide

import (
	"slices"
	"strings"
	"unicode/utf8"

	"xiaoyue/retrieval/segment"
)

// chunk is a run of a question's words that carries a subject, in normal form.
type chunk struct {
	text     string
	runes    []rune
	concepts []conceptSpan
	lay      []layWord
	// light marks runes that need not be found: particles, and attributes, which are compared apart.
	light      []bool
	background bool // of a clause that tells the asker's case and does not ask
	focus      bool // next to the words that ask
	loose      bool // of the asker's story where that is all the subject there is
	// known marks the pairs of neighbours, by the index of their first rune, that other evidence
	// holds: where such a pair is missing, the unit is about something else.
	known []bool
}

// withKnown returns the chunks with the pairs marked that a text holds.
func withKnown(chunks []chunk, text string) []chunk {
	marked := slices.Clone(chunks)
	for i, c := range marked {
		marked[i].known = make([]bool, max(0, len(c.runes)-1))
		for j := range marked[i].known {
			marked[i].known[j] = strings.Contains(text, string(c.runes[j:j+2]))
		}
	}
	return marked
}

// conceptSpan is a part of a chunk that stands for a concept of the synonym list.
type conceptSpan struct {
	name     string
	from, to int // runes
}

// newChunk prepares a chunk; parts of up to maxConceptRunes are looked up as concepts.
func (g *Guide) newChunk(text string) chunk {
	text = segment.Normal(text)
	c := chunk{text: text, runes: []rune(text)}
	c.light = make([]bool, len(c.runes))
	for i, r := range c.runes {
		c.light[i] = strings.ContainsRune(edgeRunes+verbRunes, r)
	}
	c.lay = layWords(c.text)
	c.mark(false, compounds...)
	for _, w := range c.lay {
		for i := w.from; i < w.to; i++ {
			c.light[i] = false
		}
	}
	c.mark(true, lightWords...)
	for from := 0; from < len(c.runes); from++ {
		for to := min(len(c.runes), from+maxConceptRunes); to > from+1; to-- {
			if name, ok := g.conceptOf(string(c.runes[from:to])); ok && !isBenefit(c.runes[from:to]) {
				c.concepts = append(c.concepts, conceptSpan{name, from, to})
				from = to - 1
				break
			}
		}
	}
	return c
}

// isBenefit recognises the name of a particular benefit. To the search 安家补贴 and 购房补贴 may be one
// concept; to an answer they are two.
func isBenefit(runes []rune) bool {
	name := string(runes)
	for _, kind := range []string{"补贴", "津贴", "补助", "补助金", "费", "奖励"} {
		if strings.HasSuffix(name, kind) && len(name) > len(kind) {
			return true
		}
	}
	return false
}

// mark makes the runes of words light, or not.
func (c *chunk) mark(light bool, words ...string) {
	for _, w := range words {
		for at := 0; ; {
			i := strings.Index(c.text[at:], w)
			if i < 0 || w == "" {
				break
			}
			from := utf8.RuneCountInString(c.text[:at+i])
			for j := range utf8.RuneCountInString(w) {
				c.light[from+j] = light
			}
			at += i + len(w)
		}
	}
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

// loosen returns the chunks of a story as a subject of which not every word must be found.
func loosen(chunks []chunk) []chunk {
	loose := slices.Clone(chunks)
	for i := range loose {
		loose[i].loose = true
	}
	return loose
}

// blur returns chunks that are asked about, but not the focus.
func blur(chunks []chunk) []chunk {
	blurred := slices.Clone(chunks)
	for i := range blurred {
		blurred[i].focus = false
	}
	return blurred
}

// join returns the chunks of a part with those of the story behind it.
func join(asking, story []chunk) []chunk {
	all := slices.Clone(asking)
	for _, c := range story {
		if !slices.ContainsFunc(asking, func(a chunk) bool { return a.text == c.text }) {
			c.background, c.focus = true, false
			all = append(all, c)
		}
	}
	return all
}

// hasContent reports whether chunks hold a word that must be found.
func hasContent(chunks []chunk) bool { return slices.ContainsFunc(chunks, chunk.hasContent) }

// hasContent reports whether two neighbours of a chunk are not light; a single rune is no word.
func (c chunk) hasContent() bool {
	for i := 0; i+1 < len(c.runes); i++ {
		if !c.light[i] && !c.light[i+1] {
			return true
		}
	}
	return false
}

// withFocus makes the last chunk with content the focus, unless there is one.
func withFocus(chunks []chunk) []chunk {
	if slices.ContainsFunc(chunks, func(c chunk) bool { return c.focus }) {
		return chunks
	}
	for i := len(chunks) - 1; i >= 0; i-- {
		if chunks[i].hasContent() {
			chunks[i].focus = true
			break
		}
	}
	return chunks
}
