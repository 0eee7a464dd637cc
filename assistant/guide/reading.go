package guide

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// reading is what one asking part of a question was understood to want.
type reading struct {
	text       string // of the part, with what it takes up from before it
	own        string // the same without the asker's story
	asks       []ask
	attributes []attribute
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
	attributes []attribute
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
			r.add(clause)
		}
	}
	if len(r.parts) == 0 {
		return []reading{g.read(question)}
	}
	return r.parts
}

// read reads a text as one part.
func (g *Guide) read(text string) reading {
	attributes := attributesOf(g.withoutPlaces(text))
	rd := reading{text: text, own: text, asks: g.lexicon.asksOf(text), attributes: attributes}
	for _, clause := range strings.FieldsFunc(text, isClauseEnd) {
		rd.chunks = append(rd.chunks, g.chunksOf(clause, attributes)...)
	}
	return rd
}

func isClauseEnd(r rune) bool { return strings.ContainsRune("，,。；;？?！!\n", r) }

func (r *reader) add(clause string) {
	own := attributesOf(r.g.withoutPlaces(clause))
	r.attributes = merge(own, r.attributes)
	chunks := r.g.chunksOf(clause, r.attributes)
	asks := r.g.lexicon.asksOf(clause)
	switch {
	case len(asks) == 0 && isTopic(clause):
		r.topic, r.topicText = chunks, clause
	case len(asks) == 0:
		r.story = append(r.story, chunks...)
		r.storyText += clause + "，"
	default:
		r.ask(clause, asks, chunks)
	}
}

// ask adds an asking part.
func (r *reader) ask(clause string, asks []ask, chunks []chunk) {
	rd := reading{asks: inContext(asks, r.topicText+r.subjText+r.storyText), attributes: slices.Clone(r.attributes)}
	own := join(chunks, nil)
	if len(r.topic) > 0 {
		own = append(own, blur(r.topic)...)
		clause = r.topicText + "，" + clause
	}
	if hasContent(own) {
		rd.own, rd.text, rd.chunks = clause, r.storyText+clause, join(own, r.story)
		if len(r.subject) > 0 {
			rd.inherited = r.inherit(rd, clause, chunks)
		}
		r.subject, r.subjText = own, clause
	} else {
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
		subject, text, story = r.story, r.storyText, ""
	}
	rd.inherited = nil
	rd.chunks = join(subject, append(slices.Clone(own), r.story...))
	rd.own = text + "，" + clause
	rd.text = story + rd.own
	return &rd
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

// benefitNouns name money that people receive; topicNouns name any matter of government.
var (
	benefitNouns = []string{"补贴", "补助", "津贴", "奖励", "资助", "失业金", "保险金", "养老金", "救助金"}
	topicNouns   = append([]string{"贷款", "公积金", "医保", "保险", "许可证", "落户", "登记", "备案", "入学", "招生", "积分", "公租房", "公寓", "待遇", "门诊", "住院", "申领", "过户", "报名", "政策", "事项"}, benefitNouns...)
	firstPersons = []string{"我", "本人", "咱", "俺", "自己"}
)

// isTopic reports whether a clause ends with the matter of the question that follows: 高龄津贴申领，电话是多少.
func isTopic(clause string) bool {
	names := slices.ContainsFunc(topicNouns, func(w string) bool { return strings.HasSuffix(clause, w) })
	return names && !containsAny(clause, firstPersons...)
}

// chunksOf returns the chunks of a clause; the last with content is its focus. Attributes stay in, as
// light runes.
func (g *Guide) chunksOf(clause string, attributes []attribute) []chunk {
	var found []chunk
	for _, text := range g.lexicon.chunks(g.withoutPlaces(withoutFigures(clause))) {
		c := g.newChunk(text)
		for _, a := range attributes {
			if a.class != "filing" || a.word != a.name {
				c.lighten(a.word)
			}
		}
		for word := range requires {
			c.lighten(word) // looked for apart
		}
		if len(c.runes) > 1 || len(c.runes) == 1 && c.runes[0] < 0x80 {
			found = append(found, c)
		}
	}
	for i := len(found) - 1; i >= 0; i-- {
		if found[i].hasContent() {
			found[i].focus = true
			break
		}
	}
	return found
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
