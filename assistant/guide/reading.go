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

// benefitNouns name money that people receive; topicNouns name any matter of government.
var (
	benefitNouns = []string{"补贴", "补助", "津贴", "奖励", "资助", "失业金", "保险金", "养老金", "救助金"}
	topicNouns   = append([]string{"贷款", "公积金", "医保", "保险", "许可证", "落户", "登记", "备案", "入学", "招生", "积分", "公租房", "公寓", "养老", "服务券", "待遇", "门诊", "住院", "申领", "过户", "报名", "政策", "事项"}, benefitNouns...)
)

// isTopic reports whether a text ends with the name of a matter: 租房补贴.
func isTopic(text string) bool {
	return slices.ContainsFunc(topicNouns, func(w string) bool { return strings.HasSuffix(text, w) })
}

func hasTopicNoun(text string) bool { return containsAny(text, topicNouns...) }

// namesTopic reports whether a clause that does not ask names the matter of the question behind it,
// in official or everyday words: 高龄津贴申领，电话是多少.
func namesTopic(clause string, chunks []chunk) bool {
	if hasTopicNoun(clause) {
		return true
	}
	return slices.ContainsFunc(chunks, func(c chunk) bool {
		return slices.ContainsFunc(c.lay, func(w layWord) bool { return hasTopicNoun(w.written[0]) })
	})
}

// splitTopic parts the chunks that name the matter from the story around them. A clause that ends
// with its matter is the matter as a whole.
func splitTopic(clause string, chunks []chunk) (topic, story []chunk) {
	if isTopic(clause) {
		return chunks, nil
	}
	for _, c := range chunks {
		if namesTopic(c.text, []chunk{c}) {
			topic = append(topic, c)
		} else {
			story = append(story, c)
		}
	}
	return topic, story
}

// chunksOf returns the chunks of a clause; the last with content is its focus. Attributes stay in, as
// light runes.
func (g *Guide) chunksOf(clause string, attributes []attribute) []chunk {
	var found []chunk
	for _, text := range g.lexicon.chunks(g.withoutPlaces(withoutFigures(clause))) {
		c := g.newChunk(text)
		for _, a := range attributes {
			if cl := classOf(a); !cl.content {
				for _, v := range cl.values {
					c.mark(true, v.words...)
				}
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
