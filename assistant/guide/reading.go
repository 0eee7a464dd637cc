package guide

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// reading is what a completed question was understood to want.
type reading struct {
	text       string
	asks       []ask
	attributes []attribute
	chunks     []chunk // its subject, without attributes, places and times
	region     string  // code of the place asked about, empty where several are
	place      string  // a place outside the table of regions that evidence must name
}

// read analyses a question. Places and dates are taken out of its subject: they are the scope.
func (g *Guide) read(question string) reading {
	r := reading{text: question, asks: g.lexicon.asksOf(question)}
	r.attributes = attributesOf(g.withoutPlaces(question))
	clauses := strings.FieldsFunc(question, isClauseEnd)
	var asking, background []chunk
	for _, c := range clauses {
		found := g.chunksOf(c, r.attributes)
		if len(clauses) > 1 && len(g.lexicon.asksOf(c)) == 0 {
			background = append(background, found...)
		} else {
			asking = append(asking, found...)
		}
	}
	for i := range background {
		background[i].background, background[i].focus = len(asking) > 0, false
	}
	r.chunks = append(asking, background...)
	return r
}

func isClauseEnd(r rune) bool { return strings.ContainsRune("，,。；;？?！!\n", r) }

// chunksOf returns the chunks of a clause; the last is its focus. Attributes stay in, as light runes.
func (g *Guide) chunksOf(clause string, attributes []attribute) []chunk {
	var found []chunk
	for _, text := range g.lexicon.chunks(g.withoutPlaces(withoutFigures(clause))) {
		c := g.newChunk(text)
		for _, a := range attributes {
			c.lighten(a.word)
		}
		for word := range requires {
			c.lighten(word) // looked for apart
		}
		if len(c.runes) > 1 || len(c.runes) == 1 && c.runes[0] < 0x80 {
			found = append(found, c)
		}
	}
	for i := len(found) - 1; i >= 0; i-- {
		if slices.Contains(found[i].light, false) {
			found[i].focus = true
			break
		}
	}
	return found
}

// inherit gives a question without a subject that of the question before it in the same turn.
func (r reading) inherit(before reading) reading {
	if slices.ContainsFunc(r.chunks, func(c chunk) bool { return !c.background && slices.Contains(c.light, false) }) {
		r.attributes = merge(r.attributes, before.attributes)
		return r
	}
	r.chunks = append(r.chunks, before.chunks...)
	r.attributes = merge(r.attributes, before.attributes)
	r.text = before.text + r.text
	return r
}

// merge adds attributes of classes that are not named yet.
func merge(own, more []attribute) []attribute {
	own = slices.Clone(own)
	for _, a := range more {
		if !slices.ContainsFunc(own, func(b attribute) bool { return b.class == a.class }) {
			own = append(own, a)
		}
	}
	return own
}

// subject returns the words that the question is about, for comparing with names.
func (r reading) subject() string {
	var parts []string
	for _, c := range r.chunks {
		parts = append(parts, c.text)
	}
	return strings.Join(parts, " ")
}

func (r reading) wants(kinds ...ask) bool {
	return slices.ContainsFunc(kinds, func(k ask) bool { return slices.Contains(r.asks, k) })
}

// sentencesOf splits a turn into its questions.
func sentencesOf(text string) []string {
	var parts []string
	for at := 0; at < len(text); {
		end := sentenceEnd(text, at)
		if p := strings.TrimSpace(text[at:end]); utf8.RuneCountInString(p) > 1 {
			parts = append(parts, p)
		}
		at = end
	}
	return parts
}
