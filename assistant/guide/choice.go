package guide

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"xiaoyue/assistant/traits"
)

// choice is a question that was asked back, with the labels of what was offered.
type choice struct {
	kind     doubt
	question string // the one that led to it, completed
	labels   []string
}

// offered is a line of what askBack says.
var offered = regexp.MustCompile(`(?m)^([1-9])\. (.+?)(?:（[^（）]*）)?$`)

// askedBack reads in an answer what was asked back; nil where nothing was.
func askedBack(answer, question string) *choice {
	for _, a := range askedWords {
		i := strings.Index(answer, a.words)
		if i < 0 {
			continue
		}
		c := &choice{kind: a.kind, question: question}
		for _, m := range offered.FindAllStringSubmatch(answer[i:], maxOptions) {
			c.labels = append(c.labels, m[2])
		}
		if len(c.labels) > 0 {
			return c
		}
	}
	return nil
}

// with returns the question of a choice with one label settled.
func (g *Guide) with(c *choice, label string) string {
	switch c.kind {
	case doubtPlace:
		return g.replacePlaces(c.question, label)
	case doubtDay:
		return replaceTimes(c.question, label)
	}
	return g.itemQuestion(label, c.question)
}

// itemQuestion returns a question asked of the item of a name.
func (g *Guide) itemQuestion(name, question string) string {
	stem := g.withoutPlaces(g.stem(question))
	ask := g.askPhrase(question)
	if ask != "？" && !strings.Contains(stem, "，") && cover(g.read(stem).chunks, []layer{g.newLayer(name, worthOwn)}).share == 1 {
		return placeNames(question, g.regions.Find(question)) + name + ask
	}
	return name + " " + question
}

// unknowing are replies of somebody who cannot choose, choosingAll of one who wants it all.
var (
	unknowing   = []string{"不知道", "不清楚", "不太清楚", "不确定", "随便", "都行", "都可以", "无所谓", "不懂", "没想好"}
	choosingAll = []string{"都要", "都问", "都是", "全部", "全都", "两个都", "两个", "都说", "都讲", "一起", "都想"}
)

// shortReply bounds a reply that chooses nothing.
const shortReply = 10

// chosen completes the reply to a question that was asked back.
func (g *Guide) chosen(t thread, question string) (completion, bool) {
	c := t.asked
	if n, rest := ordinalOf(question, t.offered); n >= 0 {
		label := t.offered.labels[n]
		if rest != "" && g.partsOf(rest).asks {
			return completion{question: g.withAsk(t.offered, label, rest), settled: t.offered.kind}, true
		}
		return completion{question: g.with(t.offered, label), settled: t.offered.kind}, true
	}
	if c == nil {
		return completion{}, false
	}
	f := g.partsOf(question)
	switch {
	case f.asks:
		return completion{}, false
	case containsAny(question, unknowing...) && utf8.RuneCountInString(question) <= shortReply:
		return completion{question: c.question, settled: c.kind}, true
	case startsWithAny(question, choosingAll):
		return g.allOf(c), true
	case c.kind == doubtDay && timeIn(question) != "":
		return completion{question: replaceTimes(c.question, question), settled: c.kind}, true
	}
	if n := g.labelOf(c, question); n >= 0 {
		return completion{question: g.with(c, c.labels[n]), settled: c.kind}, true
	}
	if c.kind == doubtPlace && len(g.regions.Find(question)) > 0 {
		return completion{question: g.replacePlaces(c.question, question), settled: c.kind}, true
	}
	return completion{}, false
}

// withAsk asks something else of an offer: 第二个要什么材料.
func (g *Guide) withAsk(c *choice, label, ask string) string {
	if c.kind == doubtItem {
		return label + ask
	}
	return g.stem(g.with(c, label)) + ask
}

// allOf asks for all that was offered: places together, items one after the other.
func (g *Guide) allOf(c *choice) completion {
	done := completion{question: c.question, settled: c.kind}
	switch c.kind {
	case doubtPlace:
		done.question = g.replacePlaces(c.question, "")
		done.question = strings.Join(c.labels, "和") + done.question
	case doubtItem:
		var parts []string
		for _, l := range c.labels {
			parts = append(parts, strings.TrimRight(g.itemQuestion(l, c.question), "？?。 "))
		}
		done.question = strings.Join(parts, "？") + "？"
	}
	return done
}

// numbers are the ordinals of lists in order.
const numbers = "一二三四五六七八九"

// ordinalOf returns the index of the entry of a list that a reply points at, and what else it says;
// -1 for none.
func ordinalOf(question string, c *choice) (n int, rest string) {
	m, rest := entryOf(question)
	if c == nil || m == nil {
		return -1, question
	}
	switch digit := m[1] + m[4]; {
	case m[3] != "":
		n = len(c.labels) - 1
	case m[2] != "":
		n = 0
	case digit == "两":
		n = 1
	case digit[0] < utf8.RuneSelf:
		n = int(digit[0] - '1')
	default:
		n = strings.Index(numbers, digit) / len("一")
	}
	if n >= len(c.labels) {
		return -1, question
	}
	return n, rest
}

// labelOf returns the index of the only offer that the words of a reply fit, -1 for none: by its name,
// or by what sets it apart: 丢了 for 补领.
func (g *Guide) labelOf(c *choice, question string) int {
	reply := strings.Trim(question, "我要办想是就选按吧的呢。！! ")
	wanted := traits.Of(question)
	scores := make([]int, len(c.labels))
	for i, l := range c.labels {
		if strings.Contains(question, l) {
			return i
		}
		scores[i] = 2 * shared(reply, l)
		if at := strings.Index(c.question, l); at >= 0 && c.kind == doubtPlace { // 按上班的地方
			scores[i] += shared(reply, clauseAround(c.question, at, at+len(l)))
		}
		if len(wanted) > 0 && traits.Fits(wanted, l) == traits.Named {
			scores[i] += 2
		}
	}
	best := slices.Max(scores)
	i := slices.Index(scores, best)
	if best == 0 || slices.Contains(scores[i+1:], best) {
		return -1
	}
	return i
}

// shared counts the pairs of neighbouring characters that two texts share.
func shared(a, b string) int {
	n, runes := 0, []rune(a)
	for i := 0; i+1 < len(runes); i++ {
		if strings.Contains(b, string(runes[i:i+2])) {
			n++
		}
	}
	return n
}
