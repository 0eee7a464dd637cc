package guide

import (
	"strings"
	"unicode/utf8"

	"xiaoyue/retrieval/segment"
)

// The worth of finding a word of the question in the layers around a unit.
const (
	worthOwn   = 1.0
	worthAbove = 1.0 // lead, headings, table head
	worthTitle = 0.85
	worthNear  = 0.6  // elsewhere in the same clause
	worthTopic = 0.6  // all over the document
	worthDoc   = 0.35 // elsewhere in the document
	topicTimes = 3    // how often a document names its topic
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

// covered returns, for each rune of the chunk, the worth of the best layer in which it is found as
// part of a pair of neighbours or of a concept. A chunk of one rune is looked for as it is.
func (c chunk) covered(layers []layer) []float64 {
	worth := make([]float64, len(c.runes))
	pairs := make([]bool, len(c.runes))
	for _, l := range layers {
		c.raise(worth, pairs, l)
	}
	for i, known := range c.known {
		if known && !pairs[i] && !c.light[i] && !c.light[i+1] && (worth[i] == 0 || worth[i+1] == 0) {
			worth[i], worth[i+1] = 0, 0 // 租房 is no 购房
		}
	}
	c.nameWhole(worth)
	return worth
}

// nameWhole takes back the words that tell one benefit from another, 购房 of 购房补贴, where they do
// not stand in the unit or right above it: elsewhere in a text they are of another benefit.
func (c chunk) nameWhole(worth []float64) {
	for _, noun := range benefitNouns {
		i := strings.Index(c.text, noun)
		if i <= 0 {
			continue
		}
		end := utf8.RuneCountInString(c.text[:i])
		from, missing := max(0, end-2), false
		for j := from; j < end; j++ {
			missing = missing || worth[j] < worthTitle && !c.light[j]
		}
		for j := from; missing && j < end; j++ {
			worth[j] = 0
		}
	}
}

// raise raises the worth of the runes that a layer holds, and marks the pairs found in it.
func (c chunk) raise(worth []float64, pairs []bool, l layer) {
	raise := func(from, to int) {
		for i := from; i < to; i++ {
			worth[i] = max(worth[i], l.worth)
		}
	}
	if len(c.runes) == 1 && strings.Contains(l.text, c.text) {
		raise(0, 1)
	}
	for i := 0; i+1 < len(c.runes); i++ {
		pair := string(c.runes[i : i+2])
		if !strings.Contains(l.text, pair) {
			continue
		}
		pairs[i] = true
		if l.worth == worthDoc && strings.Count(l.text, pair) >= topicTimes {
			worth[i], worth[i+1] = max(worth[i], worthTopic), max(worth[i+1], worthTopic)
			continue
		}
		raise(i, i+2)
	}
	for _, w := range c.lay {
		if containsAny(l.text, w.written...) {
			raise(w.from, w.to)
			for i := w.from; i < w.to; i++ {
				pairs[i] = true
			}
		}
	}
	for _, s := range c.concepts {
		if l.concepts[s.name] {
			raise(s.from, s.to)
			for i := s.from; i < s.to; i++ {
				pairs[i] = true
			}
		}
	}
}

// coverage is how much of a question's words a unit accounts for.
type coverage struct {
	share   float64 // of all runes, by worth, in [0,1]
	strong  float64 // of the runes of the question itself, the share found in the unit or right above
	focus   float64 // the same of its focus; 1 where it has none
	gap     int     // the longest run of runes not found near, outside of the asker's own story
	missing string  // that run
	vague   bool    // the question has no word of content, and a part of one is missing
}

// cover measures chunks against layers. Light runes count only where they are found.
func cover(chunks []chunk, layers []layer) coverage {
	var cov coverage
	var sum, all, strong, asked, focus, focused float64
	for _, c := range chunks {
		worth := c.covered(layers)
		weight := c.weight()
		for i, w := range worth {
			if w < worthTitle && c.light[i] {
				continue
			}
			sum += weight * w
			all += weight
			if c.background {
				continue
			}
			found := 0.0
			if w >= worthTitle {
				found = 1
			}
			asked++
			strong += found
			if c.focus {
				focused++
				focus += found
			}
		}
		if c.background || c.loose {
			continue
		}
		if from, to := c.longestGap(worth); to-from > cov.gap {
			cov.gap, cov.missing = to-from, string(c.runes[from:to])
		}
	}
	cov.vague = cov.gap > 0 && len(chunks) > 0 && !hasContent(chunks)
	cov.share, cov.strong, cov.focus = 1, 1, 1
	if focused > 0 {
		cov.focus = focus / focused
	}
	if all > 0 {
		cov.share = sum / all
	}
	if asked > 0 {
		cov.strong = strong / asked
	}
	return cov
}

// The weight of a chunk's runes beside those of an ordinary one.
const (
	weightBackground = 0.25 // the asker's own story
	weightFocus      = 1.5  // next to the words that ask
)

func (c chunk) weight() float64 {
	switch {
	case c.background:
		return weightBackground
	case c.focus:
		return weightFocus
	}
	return 1
}

// longestGap returns the longest run of runes, not light, that are found neither near the unit nor above it.
func (c chunk) longestGap(worth []float64) (from, to int) {
	start := 0
	for i := 0; i <= len(worth); i++ {
		if i < len(worth) && worth[i] < worthNear && !c.light[i] {
			continue
		}
		if i-start > to-from {
			from, to = start, i
		}
		start = i + 1
	}
	return from, to
}

// focusIn returns how much of the focus of a question a layer holds, in [0,1].
func focusIn(chunks []chunk, l layer) float64 {
	var found, all float64
	for _, c := range chunks {
		if !c.focus || c.background {
			continue
		}
		c.known = nil
		for i, w := range c.covered([]layer{l}) {
			if !c.light[i] {
				all++
				found += w / l.worth
			}
		}
	}
	if all == 0 {
		return 0
	}
	return found / all
}
