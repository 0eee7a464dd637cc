package ingest

import (
	"strings"
	"unicode/utf8"
)

// The longest titles, in characters; longer words after a number are the clause itself.
const (
	maxTitle  = 40 // a line of its own
	maxRunIn  = 25 // 补贴对象。凡是…
	maxLabel  = 12 // 补贴对象：凡是…
	maxBraced = 30 // 【补贴对象】
)

// titleOf splits the words after a marker into the title they begin with, if any, and the byte
// where the clause's own words begin.
func titleOf(m marker, rest string) (title string, body int) {
	if m.rank < rankArticle {
		return rest, len(rest)
	}
	if title, body = braced(m, rest); title != "" {
		return title, body
	}
	length := utf8.RuneCountInString(rest)
	if length <= maxTitle && rest != "" && !strings.ContainsAny(rest, "。；，：！？;") && (m.rank != rankArticle || length <= maxRunIn) {
		return rest, len(rest)
	}
	if m.rank == rankArticle {
		return "", 0
	}
	return runIn(rest)
}

// braced reads 【目的】 after any number and （目的） after an article.
func braced(m marker, rest string) (string, int) {
	pairs := []struct{ left, right string }{{"【", "】"}, {"［", "］"}}
	if m.rank == rankArticle {
		pairs = append(pairs, struct{ left, right string }{"（", "）"}, struct{ left, right string }{"(", ")"})
	}
	for _, p := range pairs {
		if !strings.HasPrefix(rest, p.left) {
			continue
		}
		inner, _, ok := strings.Cut(rest[len(p.left):], p.right)
		if !ok || inner == "" || utf8.RuneCountInString(inner) > maxBraced {
			continue
		}
		body := len(p.left) + len(inner) + len(p.right)
		return strings.TrimSpace(inner), body + leadingSpace(rest[body:])
	}
	return "", 0
}

// runIn reads a short title that its own clause follows in the same line.
func runIn(rest string) (string, int) {
	at := strings.IndexAny(rest, "。；，：！？;")
	if at <= 0 {
		return "", 0
	}
	r, size := utf8.DecodeRuneInString(rest[at:])
	after := at + size
	length := utf8.RuneCountInString(rest[:at])
	if after == len(rest) {
		return "", 0
	}
	if r == '。' && length <= maxRunIn || r == '：' && length <= maxLabel && !strings.HasPrefix(rest[after:], "“") {
		return rest[:at], after + leadingSpace(rest[after:])
	}
	return "", 0
}

// annexAt reads 附件1：名称 where it opens an annex. In the list at the end of a letter (附件：1.名册)
// the same words only announce it.
func (o *outline) annexAt(i int) (node, bool) {
	number, title, ok := annexMarker(o.line(i))
	if !ok || o.lines[i].right {
		return node{}, false
	}
	if m, numbered := markerOf(title); numbered && m.rank >= rankThird || title != "" && !o.signed && o.announces(i) {
		return node{}, false
	}
	n := node{rank: rankAnnex, number: number, title: title, first: i, body: o.lines[i].end}
	if title == "" {
		if n.title = o.annexTitle(i + 1); n.title != "" {
			n.body = o.lines[i+1].end
		}
	}
	return n, true
}

func annexMarker(text string) (number, title string, ok bool) {
	const longest = 150
	if len(text) > longest || !strings.HasPrefix(text, "附件") && !strings.HasPrefix(text, "附录") {
		return "", "", false
	}
	at := len("附件")
	at += leadingSpace(text[at:])
	_, n := numeral(text[at:])
	at += n
	rest := text[at:]
	r, size := utf8.DecodeRuneInString(rest)
	switch {
	case rest == "":
		return text, "", true
	case r == '：' || r == ':' || n > 0 && (r == ' ' || r == '\u3000' || r == '.' || r == '、' || r == '-'):
		return strings.TrimSpace(text[:at]), strings.TrimSpace(rest[size:]), !endsSentence(rest[size:])
	}
	return "", "", false
}

// announces reports whether the named annex at line i is only listed: another one, the signature or
// nothing follows.
func (o *outline) announces(i int) bool {
	if i+1 >= len(o.lines) {
		return true
	}
	next := o.line(i + 1)
	_, _, annex := annexMarker(next)
	if annex || o.lines[i+1].right || isSignatureDate(next) {
		return true
	}
	return i+2 < len(o.lines) && isSignatureDate(o.line(i+2)) && o.lines[i+1].runes <= maxTitle
}

// annexTitle is the line under a bare 附件1 where that is a title.
func (o *outline) annexTitle(i int) string {
	if i >= len(o.lines) || o.lines[i].table > 0 || o.lines[i].runes > maxTitle {
		return ""
	}
	text := o.line(i)
	if _, numbered := markerOf(text); numbered || strings.ContainsAny(text, "。；，：") {
		return ""
	}
	return text
}

// isSignatureDate recognises a line that is nothing but a date: 2025年3月1日, 二〇二五年三月一日.
func isSignatureDate(text string) bool {
	if len(text) > 60 {
		return false
	}
	d, n := dateAt(text)
	return !d.IsZero() && strings.TrimSpace(text[n:]) == ""
}

// contents returns the line after a table of contents at the head of the text: chapter lines that
// are all repeated from the first one on. 0 where there is none.
func (o *outline) contents() int {
	for i := range min(len(o.lines), 60) {
		if o.lines[i].runes > maxTitle {
			continue
		}
		squeezed := squeeze(o.line(i))
		if squeezed != "目录" && squeezed != "目次" || i+1 >= len(o.lines) {
			continue
		}
		first, ok := markerOf(o.line(i + 1))
		if !ok {
			return 0
		}
		for j := i + 2; j < len(o.lines); j++ {
			m, ok := markerOf(o.line(j))
			if ok && m.rank == first.rank && m.value == first.value {
				return j
			}
			if o.lines[j].runes > maxTitle || o.lines[j].table > 0 {
				return 0
			}
		}
	}
	return 0
}

// titleLine returns the line of the document's title where a style marks it, -1 otherwise: the
// heading of level 0, or a first heading that is the only one of its level and bears no number.
func (o *outline) titleLine() int {
	first, same := -1, 0
	for i, l := range o.lines {
		switch {
		case !l.heading:
		case l.level == 0:
			return i
		case first < 0:
			first, same = i, 1
		case l.level == o.lines[first].level:
			same++
		}
	}
	if same != 1 {
		return -1
	}
	if _, numbered := markerOf(o.line(first)); numbered {
		return -1
	}
	return first
}
