package html

import (
	"context"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"xiaoyue/ingest"
)

// walker turns a tree into blocks.
type walker struct {
	ctx  context.Context // of the one Read call it lives for
	out  *ingest.Collector
	skip map[*html.Node]bool // tables whose content went into the properties
	line strings.Builder     // inline text of the block under way, \n for <br>
	run  int                 // bytes of text in line

	seen, placed int // bytes of text met and of text that reached a block
}

// style is what a block inherits.
type style struct {
	align   string
	heading int
	marker  string // of a list item, used up by its first block
}

// walk reads the children of n.
func (w *walker) walk(n *html.Node, s style) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	item := 0
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode:
			w.text(c.Data)
		case c.Type != html.ElementNode || left(c) || w.skip[c]:
		case c.DataAtom == atom.Br:
			w.line.WriteByte('\n')
		case c.DataAtom == atom.Table:
			if err := w.table(c, s); err != nil {
				return err
			}
		case blockLevel(c):
			if c.DataAtom == atom.Li {
				item++
			}
			if err := w.block(c, s, item); err != nil {
				return err
			}
		default:
			if err := w.walk(c, s); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *walker) text(s string) {
	w.seen += len(s)
	w.run += len(s)
	w.line.WriteString(strings.NewReplacer("\r", " ", "\n", " \u2028").Replace(s)) // \n is for <br>
}

// block reads an element that stands on lines of its own.
func (w *walker) block(n *html.Node, s style, item int) error {
	if err := w.flush(s); err != nil {
		return err
	}
	inner := style{align: alignment(n, s.align), heading: s.heading}
	if n.DataAtom == atom.Li {
		inner.marker = marker(n, item)
	}
	if len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6' {
		inner.heading = int(n.Data[1] - '0')
	}
	if err := w.walk(n, inner); err != nil {
		return err
	}
	return w.flush(inner)
}

// flush ends the block under way. A break followed by an indent, or by another break, is how many
// editors make paragraphs; those are taken apart.
func (w *walker) flush(s style) error {
	raw, run := w.line.String(), w.run
	w.line.Reset()
	w.run = 0
	b := ingest.Block{Kind: ingest.BlockParagraph, Centered: s.align == "center", Right: s.align == "right"}
	if s.heading > 0 {
		b.Kind, b.Level = ingest.BlockHeading, s.heading
	}
	marker := s.marker
	for _, p := range paragraphs(raw) {
		b.Text = marker + p
		marker = ""
		if err := w.out.Add(b); err != nil {
			return err
		}
	}
	w.placed += run
	return nil
}

// paragraphs splits inline text at its paragraph breaks and cleans the lines.
func paragraphs(raw string) []string {
	var all []string
	var open []string
	end := func() {
		if len(open) > 0 {
			all = append(all, strings.Join(open, "\n"))
		}
		open = nil
	}
	for _, l := range strings.Split(raw, "\n") {
		line := oneLine(strings.ReplaceAll(l, "\u2028", "\n"))
		if line == "" || indented(l) {
			end()
		}
		if line != "" {
			open = append(open, line)
		}
	}
	end()
	return all
}

// indented says whether a line starts with the two spaces of a Chinese paragraph.
func indented(l string) bool {
	l = strings.TrimLeft(l, " \t\u2028")
	return strings.HasPrefix(l, "\u3000") || strings.HasPrefix(l, "\u00a0\u00a0")
}

// alignment returns how an element aligns its text.
func alignment(n *html.Node, inherited string) string {
	if n.DataAtom == atom.Center {
		return "center"
	}
	css := strings.ToLower(strings.ReplaceAll(attr(n, "style"), " ", ""))
	if _, v, ok := strings.Cut(css, "text-align:"); ok {
		v, _, _ = strings.Cut(v, ";")
		return v
	}
	if v := attr(n, "align"); v != "" {
		return strings.ToLower(v)
	}
	return inherited
}

// marker prints the number of an item in an ordered list.
func marker(n *html.Node, item int) string {
	if n.Parent == nil || n.Parent.DataAtom != atom.Ol {
		return ""
	}
	if start, err := strconv.Atoi(attr(n.Parent, "start")); err == nil {
		item += start - 1
	}
	return strconv.Itoa(item) + ". "
}

// title puts the page's title in front when the content does not start with it.
func (w *walker) title(title string, main *html.Node) error {
	if title == "" {
		return nil
	}
	if find(main, func(n *html.Node) bool { return n.DataAtom == atom.H1 && words(n) == title }) != nil {
		return nil
	}
	head := []rune(squeeze(words(main)))
	if at := squeeze(title); strings.Contains(string(head[:min(len(head), 2*len([]rune(at))+200)]), at) {
		return nil
	}
	return w.out.Add(ingest.Block{Kind: ingest.BlockHeading, Text: title, Centered: true})
}

// squeeze drops all spaces, for comparing what differs only in them.
func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

// coverage is the share of visible text that reached a block.
func (w *walker) coverage() float64 {
	if w.seen == 0 {
		return 1
	}
	return float64(w.placed) / float64(w.seen)
}
