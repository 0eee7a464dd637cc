package grounding

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"xiaoyue/kb/figures"
	"xiaoyue/retrieval/segment"
)

// maxBytes bounds what is read of one text; a unit or sentence of rules is far shorter.
const maxBytes = 12 << 10

// token is a word, a run of unknown characters, a figure or a mark, at bytes [start, end) of the text.
type token struct {
	kind       kind
	name       string // of its group; of others the text itself
	start, end int
	figure     int // index into the reading's figures
}

// figure is a figure with what it is bound by.
type figure struct {
	figures.Figure
	bound  bound
	by     string // the word before it that bounds it
	period string // 每月 is month; empty where none is said
}

// reading is a text cut into tokens and pieces.
type reading struct {
	text   string // normal form without spaces
	pieces []piece
}

// piece is a part of a text between two marks that says one thing.
type piece struct {
	text    string
	short   string // without what stands in brackets, where something does
	from    int    // byte offset in the reading's text
	tokens  []token
	figures []figure
	denials []denial
	when    bool   // says when the pieces behind it hold: …的，
	section int    // counts 。 and ；
	joint   string // the word that joins it to the piece before: 或者, 提高; empty behind a mark
	aside   bool   // in brackets
}

// read cuts a text into pieces.
func (l *lexicon) read(text string) reading {
	r := reading{text: normal(text)}
	figs := figures.Find(r.text)
	tokens, kept := l.tokens(r.text, figs)
	for i := range kept {
		from := 0
		if i > 0 {
			from = kept[i-1].End
		}
		f := &kept[i]
		var start, end, behind int
		f.bound, start, end, behind = l.boundOf(r.text, max(from, lastMark(r.text[:f.Start])), f.Figure)
		f.by = r.text[start:end]
		tokens = without(without(tokens, start, end), f.End, behind)
	}
	r.pieces = cut(r.text, tokens, kept)
	for i := range r.pieces {
		p := &r.pieces[i]
		p.denials = denialsOf(p)
		for n := range p.denials {
			if i > 0 && r.pieces[i-1].when {
				p.denials[n].whole = r.pieces[i-1].text + p.text
			}
		}
		p.setPeriods()
		if i > 0 {
			p.carry(&r.pieces[i-1])
		}
	}
	return r
}

// normal is the form in which texts are compared.
func normal(text string) string {
	if len(text) > maxBytes {
		text = strings.ToValidUTF8(text[:maxBytes], "")
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '*' || r == '#' || r == '`' {
			return -1
		}
		return r
	}, segment.Normal(strings.ReplaceAll(text, "\n", "。")))
}

// marks part the pieces of a text. Colons, quotes and book marks stay inside.
const (
	endMarks  = "。;!?"
	softMarks = ",、"
)

// lastMark returns the offset behind the last mark of a text.
func lastMark(text string) int {
	i := strings.LastIndexAny(text, endMarks+softMarks)
	if i < 0 {
		return 0
	}
	_, n := utf8.DecodeRuneInString(text[i:])
	return i + n
}

// tokens reads the words, figures and marks of a text. Figures that are part of a longer word (一次性)
// are dropped.
func (l *lexicon) tokens(text string, figs []figures.Figure) ([]token, []figure) {
	tokens := make([]token, 0, len(text)/4)
	var kept []figure
	for at := 0; at < len(text); {
		for len(figs) > 0 && figs[0].Start < at {
			figs = figs[1:]
		}
		e, n := l.longest(text[at:])
		if len(figs) > 0 && e != nil && cuts(at, at+n, figs[0]) {
			e = nil
		}
		switch {
		case e == nil && len(figs) > 0 && at == figs[0].Start:
			tokens = append(tokens, token{number, figs[0].Text(), at, figs[0].End, len(kept)})
			kept = append(kept, figure{Figure: figs[0]})
			at = figs[0].End
		case e != nil:
			tokens = append(tokens, token{e.kind, e.name, at, at + n, -1})
			at += n
		default:
			tokens, at = appendRune(tokens, text, at)
		}
	}
	return tokens, kept
}

// cuts reports whether a word at [start, end) would take a part of a figure.
func cuts(start, end int, f figures.Figure) bool {
	return end > f.Start && (end < f.End || start == f.Start && end == f.End)
}

// appendRune appends the rune at a place: a mark, or part of a raw run.
func appendRune(tokens []token, text string, at int) ([]token, int) {
	r, n := utf8.DecodeRuneInString(text[at:])
	k := raw
	if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
		k = mark
	}
	if last := len(tokens) - 1; last >= 0 && k == raw && tokens[last].kind == raw && tokens[last].end == at && r < 0x80 == (text[at-1] < 0x80) {
		tokens[last].end = at + n
		tokens[last].name = text[tokens[last].start:tokens[last].end]
		return tokens, at + n
	}
	return append(tokens, token{k, text[at : at+n], at, at + n, -1}), at + n
}

// without drops the tokens inside a span: the words of a bound deny nothing. A raw run that reaches
// out of it keeps the rest.
func without(tokens []token, start, end int) []token {
	if start == end {
		return tokens
	}
	kept := tokens[:0]
	for _, t := range tokens {
		if t.start >= end || t.end <= start {
			kept = append(kept, t)
			continue
		}
		if t.kind != raw {
			continue
		}
		if t.start < start {
			t.end = start
		} else if t.end > end {
			t.start = end
		} else {
			continue
		}
		kept = append(kept, t)
	}
	return kept
}
