package html

import (
	"math"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// find returns the first node in reading order that ok accepts.
func find(n *html.Node, ok func(*html.Node) bool) *html.Node {
	if ok(n) {
		return n
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if f := find(c, ok); f != nil {
			return f
		}
	}
	return nil
}

// each calls f for every visible element under n, and goes into it when f says so.
func each(n *html.Node, f func(*html.Node) bool) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && !left(c) && f(c) {
			each(c, f)
		}
	}
}

// attr returns the value of an attribute.
func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}

// left says whether an element is left out with all it holds: machinery, navigation and what a
// visitor does not see.
func left(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Iframe, atom.Object, atom.Svg,
		atom.Canvas, atom.Nav, atom.Footer, atom.Aside, atom.Button, atom.Select, atom.Textarea, atom.Head:
		return true
	}
	switch attr(n, "role") {
	case "navigation", "search", "contentinfo":
		return true
	}
	css := strings.ToLower(strings.ReplaceAll(attr(n, "style"), " ", ""))
	return has(n, "hidden") || strings.Contains(css, "display:none") || strings.Contains(css, "visibility:hidden") ||
		strings.HasSuffix(css, "font-size:0") || strings.Contains(css, "font-size:0;") || strings.Contains(css, "font-size:0p")
}

// words returns the visible text under n on one line.
func words(n *html.Node) string {
	s, _ := wordsUpTo(n, math.MaxInt)
	return s
}

// wordsUpTo returns the visible text under n, and false if it has more than about limit bytes.
func wordsUpTo(n *html.Node, limit int) (string, bool) {
	var b strings.Builder
	ok := gather(n, &b, limit)
	return oneLine(b.String()), ok
}

func gather(n *html.Node, b *strings.Builder, limit int) bool {
	if n.Type == html.TextNode {
		b.WriteString(n.Data)
	}
	for c := n.FirstChild; c != nil && b.Len() <= limit; c = c.NextSibling {
		if c.Type == html.ElementNode && left(c) {
			continue
		}
		if c.DataAtom == atom.Br || blockLevel(c) {
			b.WriteByte(' ')
		}
		if !gather(c, b, limit) {
			return false
		}
	}
	return b.Len() <= limit
}

// oneLine collapses white space, and drops it between Chinese characters, where a line break in the
// source means nothing.
func oneLine(s string) string {
	var b strings.Builder
	var last rune
	gap, wrapped := false, false
	for _, r := range s {
		switch r {
		case ' ', '\t', '\n', '\r', '\f', '\u00a0', '\u3000':
			gap = true
			wrapped = wrapped || r == '\n'
			continue
		case '\u200b', '\ufeff', '\u00ad':
			continue
		}
		if gap && last != 0 && (!wrapped || !wide(last) || !wide(r)) {
			b.WriteByte(' ')
		}
		gap, wrapped, last = false, false, r
		b.WriteRune(r)
	}
	return b.String()
}

// wide says whether a character is set in a full square.
func wide(r rune) bool {
	return r >= 0x2e80 && r <= 0x9fff || r >= 0xf900 && r <= 0xfaff || r >= 0xff00 && r <= 0xff60 || r >= 0x20000
}

// blockLevel says whether an element starts on a line of its own.
func blockLevel(n *html.Node) bool {
	switch n.DataAtom {
	case atom.P, atom.Div, atom.Section, atom.Article, atom.Main, atom.Header, atom.Li, atom.Ul, atom.Ol,
		atom.Dl, atom.Dt, atom.Dd, atom.Blockquote, atom.Pre, atom.Center, atom.Address, atom.Figure,
		atom.Figcaption, atom.Fieldset, atom.Form, atom.Table, atom.Caption, atom.Tr, atom.Td, atom.Th, atom.Hr, atom.Body,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return true
	}
	return false
}
