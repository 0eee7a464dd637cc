package grounding

import (
	"regexp"
	"slices"
	"strings"
)

// cut parts a text at its marks, and where a second figure begins something new: 博士3000元、硕士1500元
// are two pieces, 3月、9月 is one.
func cut(text string, tokens []token, figs []figure) []piece {
	c := cutter{text: text, figures: figs}
	for i, t := range tokens {
		switch {
		case t.kind == mark && (t.name == "(" || t.name == ")"):
			c.bracket(tokens[i:])
		case t.kind == mark && t.name == "、", isJoint(t):
			if c.counted() && beginsAnew(tokens[i+1:]) || slices.Contains(parting, t.name) && c.open.contentful() {
				c.flush(t.start)
				c.joint = t.name
			}
			if t.kind != mark || len(c.open.tokens) > 0 {
				c.take(t)
			}
		case t.kind == mark && strings.Contains(endMarks+",", t.name):
			c.flush(t.start)
			if strings.Contains(endMarks, t.name) {
				c.section++
			} else {
				c.mayBeWhen()
			}
		case t.kind == mark && t.name == ":" && !c.counted() && c.open.contentful() && heads(tokens[i+1:]):
			c.flush(t.start)
		case t.kind == mark:
		default:
			c.take(t)
		}
	}
	c.flush(len(text))
	return c.pieces
}

// heads reports whether what stands before these tokens, at a colon, is said of more than one piece
// with a figure: 生活补贴：博士3000元，硕士2000元.
func heads(rest []token) bool {
	comma := false
	for _, t := range rest {
		switch {
		case t.kind == mark && strings.Contains(endMarks, t.name):
			return false
		case t.kind == number && comma:
			return true
		case t.kind == mark && t.name == ",":
			comma = true
		}
	}
	return false
}

type cutter struct {
	text    string
	figures []figure // of the whole text
	pieces  []piece
	open    piece
	section int
	joint   string // of the piece that opens
	aside   bool
}

func (c *cutter) take(t token) {
	if len(c.open.tokens) == 0 {
		c.open.from = t.start
	}
	if t.kind == number {
		f := c.figures[t.figure]
		t.figure = len(c.open.figures)
		c.open.figures = append(c.open.figures, f)
	}
	c.open.tokens = append(c.open.tokens, t)
}

func (c *cutter) counted() bool { return len(c.open.figures) > 0 }

// flush ends the open piece at a place.
func (c *cutter) flush(end int) {
	if c.bare() {
		last := &c.pieces[len(c.pieces)-1]
		last.text = c.text[last.from:end]
		last.tokens = append(last.tokens, c.open.tokens...)
	} else if len(c.open.tokens) > 0 {
		c.open.text = c.text[c.open.from:end]
		c.open.section, c.open.joint, c.open.aside = c.section, c.joint, c.aside
		c.pieces = append(c.pieces, c.open)
	}
	c.open, c.joint = piece{}, ""
}

// bare reports whether the open piece only denies what the piece before names: 小微企业，免收.
func (c *cutter) bare() bool {
	if len(c.pieces) == 0 || len(c.open.tokens) != 1 || c.open.tokens[0].kind != deny && c.open.tokens[0].kind != denied {
		return false
	}
	last := &c.pieces[len(c.pieces)-1]
	return !last.when && last.section == c.section && last.contentful()
}

// bracket cuts at a bracket that holds a figure of its own; other brackets are read on.
func (c *cutter) bracket(rest []token) {
	if rest[0].name == ")" {
		if c.aside {
			c.flush(rest[0].start)
			c.aside = false
		}
		return
	}
	end := slices.IndexFunc(rest, func(t token) bool { return t.name == ")" })
	if end > 0 && slices.ContainsFunc(rest[:end], func(t token) bool { return t.kind == number }) && c.counted() {
		c.flush(rest[0].start)
		c.aside = true
	}
}

// joints are words behind which a figure of its own may begin; parting ones always begin a piece.
var (
	joints  = []string{"和", "与", "及", "以及", "并", "且", "并且", "而", "或", "或者", "提高", "降低", "调整"}
	parting = []string{"或", "或者", "并", "且", "并且"}
)

func isJoint(t token) bool {
	return (t.kind == empty || t.kind == same) && slices.Contains(joints, t.name)
}

// mayBeWhen marks the piece that a comma ends, and those that a joint ties to it, as saying when the
// pieces behind it hold.
func (c *cutter) mayBeWhen() {
	for n := len(c.pieces) - 1; n >= 0; n-- {
		if !c.pieces[n].when && !isWhen(&c.pieces[n]) && n == len(c.pieces)-1 {
			return
		}
		c.pieces[n].when = true
		if !slices.Contains(parting, c.pieces[n].joint) && !slices.Contains(parting, c.pieces[n].tokens[0].name) {
			return
		}
	}
}

// beginsAnew reports whether the tokens up to the next mark hold a figure that something else stands
// before.
func beginsAnew(rest []token) bool {
	words := false
	for _, t := range rest {
		switch {
		case t.kind == mark && strings.Contains(endMarks+softMarks+"()", t.name):
			return false
		case t.kind == number:
			return words
		case t.kind != mark && t.kind != empty && t.kind != period:
			words = true
		}
	}
	return false
}

// Words that make a piece say when the pieces behind it hold.
var (
	whenBegins = []string{"如果", "如", "若", "凡", "除", "除了", "要是", "只要", "每满", "每连续", "每多"}
	whenEnds   = []string{"的", "时", "后", "期间", "情况下", "情形下", "情况的", "的话", "外", "以外", "之外", "之后", "以后", "前提下", "的人", "的人员", "的家庭"}
)

// whose matches a piece that only says of whom the pieces behind it speak: 在鉴湖区租房的硕士研究生，.
var whose = regexp.MustCompile(`(的|具有|年满|取得).*(人员|人才|家庭|老年人|毕业生|职工|研究生|企业|子女|学生|对象|单位|居民)$`)

func isWhen(p *piece) bool {
	if len(p.tokens) == 1 && p.tokens[0].kind == empty {
		return false
	}
	return whose.MatchString(p.text) || slices.ContainsFunc(whenBegins, func(w string) bool { return strings.HasPrefix(p.text, w) }) ||
		slices.ContainsFunc(whenEnds, func(w string) bool { return strings.HasSuffix(p.text, w) })
}

// has reports whether a piece holds a word of one of the groups.
func (p *piece) has(names ...string) bool {
	return slices.ContainsFunc(p.tokens, func(t token) bool { return t.kind != raw && slices.Contains(names, t.name) })
}
