package guide

import (
	"slices"
	"strings"
	"unicode/utf8"

	"xiaoyue/assistant/traits"
)

// reading is what one asking part of a question was understood to want.
type reading struct {
	text       string // of the part, with what it takes up from before it
	own        string // the same without the asker's story
	asks       []ask
	attributes []traits.Trait
	chunks     []chunk // its subject; places and figures are left out
	region     string  // code of the place asked about, empty where several are
	place      string  // a place outside of the table of regions that evidence must name
	year       int     // that the question names, 0 for none
	// inherited is the same part with the subject of the part before it; nil where it has none of
	// its own, or there is none before it.
	inherited *reading
}

func (r reading) wants(kinds ...ask) bool {
	return slices.ContainsFunc(kinds, func(k ask) bool { return slices.Contains(r.asks, k) })
}

// subject returns the words that a part is about.
func (r reading) subject() string {
	var parts []string
	for _, c := range r.chunks {
		if !c.background {
			parts = append(parts, c.text)
		}
	}
	return strings.Join(parts, " ")
}

// reader collects the parts of a question clause by clause.
type reader struct {
	g          *Guide
	story      []chunk // of clauses that tell the asker's case
	storyText  string
	subject    []chunk // of the last asking part
	subjText   string
	topic      []chunk // of clauses that name a matter and do not ask
	topicText  string
	attributes []traits.Trait
	parts      []reading
}

// readTurn splits a question into its asking parts. A part without a subject of its own takes that
// of the part before it, or of the asker's story. A question that asks nothing is one part.
func (g *Guide) readTurn(question string) []reading {
	r := &reader{g: g}
	previous := ""
	for _, s := range sentencesOf(question) {
		if previous != "" && isBare(s) && len(g.lexicon.asksOf(s)) == 0 {
			s = g.follow(previous, s)
		}
		previous = s
		for _, clause := range strings.FieldsFunc(s, isClauseEnd) {
			r.addAll(clause)
		}
	}
	if len(r.parts) == 0 {
		return []reading{g.read(question)}
	}
	return r.parts
}

// read reads a text as one part.
func (g *Guide) read(text string) reading {
	attributes := traits.Of(g.withoutPlaces(text))
	rd := reading{text: text, own: text, asks: g.lexicon.asksOf(text), attributes: attributes}
	for _, clause := range strings.FieldsFunc(text, isClauseEnd) {
		rd.chunks = append(rd.chunks, g.chunksOf(clause, attributes)...)
	}
	return rd
}

func isClauseEnd(r rune) bool { return strings.ContainsRune("，,。；;？?！!\n", r) }

// addAll adds a clause, or one for each of two subjects; neither takes over the words of the other.
func (r *reader) addAll(clause string) {
	pair := pairOf(clause)
	if pair == nil {
		r.add(clause)
	}
	for _, one := range pair {
		n := len(r.parts)
		r.add(one)
		for i := range r.parts[n:] {
			r.parts[n+i].inherited = nil
		}
	}
}

func (r *reader) add(clause string) {
	own := traits.Of(r.g.withoutPlaces(clause))
	r.attributes = merge(own, r.attributes)
	chunks := r.g.chunksOf(clause, r.attributes)
	asks := r.g.lexicon.asksOf(clause)
	switch {
	case len(asks) == 0:
		if namesTopic(clause, chunks) {
			topic, rest := splitTopic(clause, chunks)
			r.topic = append(r.topic, blur(topic)...)
			r.story = append(r.story, rest...)
			r.topicText += clause + "，"
		} else {
			r.story = append(r.story, chunks...)
		}
		r.storyText += clause + "，"
	default:
		r.ask(clause, asks, chunks)
	}
}

// ask adds an asking part.
func (r *reader) ask(clause string, asks []ask, chunks []chunk) {
	rd := reading{asks: inContext(asks, r.topicText+r.subjText+r.storyText), attributes: slices.Clone(r.attributes)}
	own, words := slices.Clone(chunks), clause
	story := slices.Clone(r.story)
	if hasTopicNoun(clause) || !hasContent(chunks) && len(r.subject) > 0 {
		story = append(story, r.topic...)
	} else {
		own, words = withFocus(append(own, r.topic...)), r.storyText+clause
	}
	rd.text = r.storyText + clause
	switch {
	case hasContent(own) || len(r.subject)+len(r.story) == 0:
		rd.own, rd.chunks = words, join(own, story)
		if len(r.subject) > 0 {
			rd.inherited = r.inherit(rd, clause, chunks)
		}
		r.subject, r.subjText = own, words
	default:
		rd = *r.inherit(rd, clause, chunks)
	}
	r.topic, r.topicText = nil, ""
	r.parts = append(r.parts, rd)
}

// inContext makes 多少 a question of money where what came before is about a benefit.
func inContext(asks []ask, before string) []ask {
	if i := slices.Index(asks, askFigure); i >= 0 && containsAny(before, benefitNouns...) {
		asks = slices.Clone(asks)
		asks[i] = askAmount
	}
	return asks
}

// inherit returns a part with the subject before it; its own words become part of the story.
func (r *reader) inherit(rd reading, clause string, own []chunk) *reading {
	subject, text, story := r.subject, r.subjText, r.storyText
	if len(subject) == 0 {
		subject, text, story = loosen(r.story), r.storyText, ""
	}
	rd.inherited = nil
	rd.chunks = join(subject, append(slices.Clone(own), r.story...))
	rd.text = story + strings.TrimLeft(text+"，"+clause, "，")
	rd.own = rd.text
	return &rd
}

// chunksOf returns the chunks of a clause; the last with content is its focus. Attributes stay in, as
// light runes.
func (g *Guide) chunksOf(clause string, attributes []traits.Trait) []chunk {
	var found []chunk
	for _, text := range g.lexicon.chunks(g.withoutPlaces(withoutFigures(clause))) {
		c := g.newChunk(text)
		for _, a := range attributes {
			if !a.Content() {
				c.mark(true, a.ClassWords()...)
			}
		}
		for word := range requires {
			c.mark(true, word) // looked for apart
		}
		if len(c.runes) > 1 || len(c.runes) == 1 && c.runes[0] < 0x80 {
			found = append(found, c)
		}
	}
	return withFocus(found)
}

// merge adds attributes of classes that are not named yet.
func merge(own, more []traits.Trait) []traits.Trait {
	own = slices.Clone(own)
	for _, a := range more {
		if !slices.ContainsFunc(own, func(b traits.Trait) bool { return b.Class == a.Class }) {
			own = append(own, a)
		}
	}
	return own
}

// isBare recognises a follow-up of the kind 那博士呢.
func isBare(text string) bool {
	return strings.HasSuffix(strings.TrimRight(text, "？?。！! "), "呢")
}

// sentencesOf splits a turn into its sentences.
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
