package ingest

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"xiaoyue/kb"
)

// node is a part of the clause tree: a numbered clause, a heading, an annex, or the root. Its own
// lines run from first up to the first line of the next node in reading order.
type node struct {
	rank    rank
	level   int // of a styled heading, 0 otherwise
	number  string
	title   string
	value   int
	parent  int
	depth   int
	first   int // line
	body    int // byte where its own words begin
	para    int // 款: of an article, how many it has; of its items, the one they belong to
	article bool
}

func (n node) headed() bool { return n.level > 0 }

// outline builds the clause tree of a text in one pass over its lines.
type outline struct {
	page
	nodes  []node
	stack  []int        // open nodes, the root first
	headed map[rank]int // level of the headings that carry markers of a rank
	latest int          // number of the last article, 0 in a new annex
	signed bool         // a signature date was seen: what follows is annexed
	quoted int          // lines for which an unclosed quotation of amended clauses goes on
}

// outlineOf returns the nodes of a text, the root first, in reading order.
func outlineOf(p page) []node {
	o := &outline{page: p, nodes: []node{{}}, stack: []int{0}, headed: map[rank]int{}}
	skip := o.contents()
	title := o.titleLine()
	for i := range p.lines {
		if p.lines[i].table > 0 || i < skip || i == title {
			continue
		}
		if n, ok := o.nodeAt(i); ok {
			o.open(n)
		}
		o.follow(i)
	}
	o.countParagraphs()
	return o.nodes
}

// nodeAt decides whether a line opens a node.
func (o *outline) nodeAt(i int) (node, bool) {
	l, text := o.lines[i], o.line(i)
	if o.quoted > 0 {
		return node{}, false
	}
	if n, ok := o.annexAt(i); ok {
		return n, true
	}
	m, ok := markerOf(text)
	ok = ok && o.plausible(m, text, l.heading)
	switch {
	case ok:
		return o.numbered(i, m), true
	case l.heading && l.level > 0:
		return node{level: l.level, title: text, first: i, body: l.end}, true
	case o.newParagraph(i):
		return node{rank: rankParagraph, first: i, body: l.start}, true
	}
	return node{}, false
}

func (o *outline) numbered(i int, m marker) node {
	l, text := o.lines[i], o.line(i)
	title, body := titleOf(m, text[m.length:])
	n := node{rank: m.rank, number: strings.TrimSpace(m.number), title: title, value: m.value, first: i,
		body: l.start + m.length + body, article: m.rank == rankArticle}
	if l.heading && l.level > 0 {
		n.level = l.level
		if n.title == "" {
			n.title, n.body = text[m.length:], l.end
		}
		o.headed[m.rank] = l.level
	} else if level, ok := o.headed[m.rank]; ok && m.rank <= rankFirst && n.title != "" {
		n.level = level
	}
	return n
}

// plausible tells a heading from a reference or a number that only looks like one.
func (o *outline) plausible(m marker, text string, heading bool) bool {
	rest := text[m.length:]
	switch {
	case rest == "" && m.rank > rankArticle:
		return false
	case m.rank < rankArticle:
		return !refers(rest) && len(text) <= 180 && !endsSentence(rest)
	case m.rank == rankArticle && refers(rest):
		return false
	case m.rank == rankArticle:
		return heading || m.spaced || strings.HasPrefix(rest, "【") || strings.HasPrefix(rest, "（") ||
			m.value == 1 || m.value == o.latest+1
	case m.rank == rankSecond || m.rank == rankFourth:
		return !refers(rest)
	case m.rank > rankDecimal && m.rank < rankFourth:
		return heading || o.continuesDecimal(m)
	}
	return true
}

// referring are the words that follow a number where it is a reference: 第三条第二款规定的…
var referring = []string{"规定", "所称", "所列", "所指", "第", "、", "和第", "至第", "到第", "或者第", "或第", "及第", "以及第", "与第",
	"的", "中的", "之规定", "修改为", "增加", "删去", "删除", "项", "款", "，", "；", "。", "）", "”", "至（", "和（"}

func refers(rest string) bool {
	for _, w := range referring {
		if strings.HasPrefix(rest, w) {
			return true
		}
	}
	return false
}

func endsSentence(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return strings.ContainsRune("。；，：！？;", r) && r != utf8.RuneError
}

// continuesDecimal reports whether 1.2 stands below 1. or beside 1.1.
func (o *outline) continuesDecimal(m marker) bool {
	prefix := m.number[:strings.LastIndexByte(m.number, '.')]
	for _, at := range o.stack[1:] {
		n := o.nodes[at]
		number := strings.TrimRight(n.number, ".．、")
		if number == prefix || n.rank == m.rank && n.value+1 == m.value && strings.HasPrefix(number, prefix+".") {
			return true
		}
	}
	return false
}

// newParagraph reports whether line i is a further 款 of an article whose items ended before it.
func (o *outline) newParagraph(i int) bool {
	top := o.nodes[o.stack[len(o.stack)-1]]
	if i == 0 || o.lines[i].right || top.rank < rankSecond || top.title != "" || !o.inArticle() {
		return false
	}
	return o.lines[i-1].table > 0 || strings.HasSuffix(o.line(i-1), "。")
}

func (o *outline) inArticle() bool {
	for _, at := range o.stack {
		if o.nodes[at].article {
			return true
		}
	}
	return false
}

// open puts a node under the innermost open node that it nests in.
func (o *outline) open(n node) {
	for len(o.stack) > 1 && !nests(o.nodes[o.stack[len(o.stack)-1]], n) {
		o.stack = o.stack[:len(o.stack)-1]
	}
	n.parent = o.stack[len(o.stack)-1]
	n.depth = len(o.stack)
	if n.article {
		o.latest = n.value
	} else if n.rank == rankAnnex {
		o.latest = 0
	}
	o.stack = append(o.stack, len(o.nodes))
	o.nodes = append(o.nodes, n)
}

// nests reports whether child belongs below parent. Styled headings are outside of plain clauses;
// among headings the style decides, then the marker; among clauses the marker.
func nests(parent, child node) bool {
	switch {
	case child.rank == rankAnnex:
		return false
	case parent.rank == rankAnnex:
		return true
	case parent.headed() && child.headed() && parent.level != child.level:
		return child.level > parent.level
	case parent.headed() && child.headed():
		return parent.rank > 0 && child.rank > parent.rank
	case parent.headed():
		return true
	case child.headed():
		return false
	}
	return child.rank > parent.rank
}

// follow keeps track of what the next line must know: signatures and unclosed quotations.
func (o *outline) follow(i int) {
	text := o.line(i)
	if isSignatureDate(text) {
		o.signed = true
	}
	if o.quoted > 0 {
		o.quoted--
		if strings.Count(text, "”") > strings.Count(text, "“") {
			o.quoted = 0
		}
		return
	}
	const longestAmendment = 40
	if strings.Count(text, "“") > strings.Count(text, "”") && amends(text) {
		o.quoted = longestAmendment
	}
}

func amends(text string) bool {
	return strings.Contains(text, "修改为") || strings.Contains(text, "增加") || strings.Contains(text, "改为")
}

// countParagraphs numbers the 款 of every article: each of its own lines is one, items belong to the
// one before them.
func (o *outline) countParagraphs() {
	article := 0
	for i := range o.nodes {
		n := &o.nodes[i]
		if n.rank > rankNone && n.rank < rankArticle || n.headed() && !n.article {
			article = 0
		}
		if n.article {
			article = i
		}
		if article == 0 {
			continue
		}
		if n.article || n.rank == rankParagraph && n.number == "" {
			o.nodes[article].para += o.ownParagraphs(i)
		}
		if i != article {
			n.para = o.nodes[article].para
		}
	}
}

func (o *outline) ownParagraphs(i int) int {
	count := 0
	for l := o.nodes[i].first; l < o.ownEnd(i); l++ {
		if o.lines[l].table == 0 && o.lines[l].end > o.nodes[i].body {
			count++
		}
	}
	return count
}

// ownEnd returns the line after the own lines of node i.
func (o *outline) ownEnd(i int) int {
	if i+1 < len(o.nodes) {
		return o.nodes[i+1].first
	}
	return len(o.lines)
}

// sections returns the clause tree in its published form, without the root.
func sections(p page, nodes []node) []kb.Section {
	out := make([]kb.Section, 0, len(nodes)-1)
	for i, n := range nodes[1:] {
		end := len(p.lines)
		if i+2 < len(nodes) {
			end = nodes[i+2].first
		}
		stop := p.lines[end-1].end
		start := min(n.body, stop)
		text := p.text[start:stop]
		trimmed := strings.TrimLeftFunc(text, unicode.IsSpace)
		out = append(out, kb.Section{Level: n.depth, Number: n.number, Title: n.title, Page: p.lines[n.first].page,
			Text: trimmed, Start: start + len(text) - len(trimmed)})
	}
	return out
}
