package markdown

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

var lineBreak = regexp.MustCompile(`(?i)^<br\s*/?>$`)

// inline returns the words of a block without their markup.
func (w *walker) inline(n ast.Node) string {
	var b strings.Builder
	// The walk cannot fail: the visitor never returns an error.
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			w.words(n, &b)
		case *ast.String:
			b.Write(n.Value)
		case *ast.AutoLink:
			b.Write(n.Label(w.src))
		case *ast.RawHTML:
			if lineBreak.Match(n.Segments.Value(w.src)) {
				b.WriteByte('\n')
			}
			return ast.WalkSkipChildren, nil
		case *ast.Image:
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// words writes a stretch of text, escapes and entities resolved. A line break in the source is a
// space, or nothing between Chinese characters.
func (w *walker) words(n *ast.Text, b *strings.Builder) {
	s := n.Segment.Value(w.src)
	if _, code := n.Parent().(*ast.CodeSpan); !code && !n.IsRaw() {
		s = util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(s)))
	}
	b.Write(s)
	switch {
	case n.HardLineBreak():
		b.WriteByte('\n')
	case n.SoftLineBreak():
		last, _ := utf8.DecodeLastRune(s)
		first, _ := utf8.DecodeRune(w.src[min(n.Segment.Stop, len(w.src)):])
		for i := n.Segment.Stop; i < len(w.src) && unicode.IsSpace(first); i++ {
			first, _ = utf8.DecodeRune(w.src[i:])
		}
		if last < 0x2e80 || first < 0x2e80 {
			b.WriteByte(' ')
		}
	}
}
