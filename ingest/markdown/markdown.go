// Package markdown reads Markdown files (CommonMark with tables) as an ingest.Reader: headings,
// paragraphs, list items with their numbers, tables, and HTML tables inside.
//
// It reads what the page would show; links become their words, and the front matter becomes
// properties.
package markdown

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	table "github.com/yuin/goldmark/extension/ast"
	source "github.com/yuin/goldmark/text"

	"xiaoyue/ingest"
	"xiaoyue/ingest/html"
	"xiaoyue/ingest/text"
)

// Format is the name that readings carry.
const Format = "md"

// Reader implements ingest.Reader. The zero value is ready and safe for concurrent use.
type Reader struct{}

// Read implements ingest.Reader.
func (Reader) Read(ctx context.Context, r io.ReaderAt, size int64, limits ingest.Limits) (ingest.Reading, error) {
	limits = limits.Filled()
	reading := ingest.Reading{Format: Format}
	decoded, err := text.ReadAll(r, size, limits)
	if err != nil {
		return reading, err
	}
	body, props := frontMatter(decoded.Text)
	if err := checkNesting(body, limits.Depth); err != nil {
		return reading, err
	}
	src := []byte(body)
	root := goldmark.New(goldmark.WithExtensions(extension.Table)).Parser().Parse(source.NewReader(src))
	w := &walker{ctx: ctx, src: src, limits: limits, out: ingest.NewCollector(limits)}
	if err := w.children(root, 0); err != nil {
		return reading, err
	}
	reading.Blocks, reading.Properties, reading.Coverage = w.out.Blocks, props, decoded.Coverage()
	if len(w.out.Blocks) == 0 {
		return reading, text.Empty()
	}
	return reading, nil
}

// frontMatter takes the lines "key: value" between two lines "---" off the front.
func frontMatter(s string) (string, map[string]string) {
	props := make(map[string]string)
	rest, ok := strings.CutPrefix(s, "---\n")
	if !ok {
		return s, props
	}
	head, body, ok := strings.Cut(rest, "\n---\n")
	if !ok {
		return s, props
	}
	for line := range strings.Lines(head) {
		k, v, ok := strings.Cut(line, ":")
		if k, v = strings.TrimSpace(k), strings.Trim(strings.TrimSpace(v), `"'`); ok && k != "" && v != "" {
			props[k] = v
		}
	}
	return body, props
}

// checkNesting refuses lines that open more quotes and lists than depth, before the parser, which
// takes the square of them in time, sees them.
func checkNesting(s string, depth int) error {
	for line := range strings.Lines(s) {
		opened := 0
		for rest := strings.TrimLeft(line, " "); opened <= depth; opened++ {
			n := opener(rest)
			if n == 0 {
				break
			}
			rest = strings.TrimLeft(rest[n:], " ")
		}
		if opened > depth {
			return tooDeep()
		}
	}
	return nil
}

// opener returns the length of the mark at the head of s that opens a quote or a list item, 0 where
// none does.
func opener(s string) int {
	if strings.HasPrefix(s, ">") {
		return 1
	}
	rest := strings.TrimLeft(s, "0123456789")
	marks := "*-+"
	if len(rest) < len(s) {
		marks = ".)"
	}
	if len(rest) < 2 || rest[1] != ' ' || !strings.Contains(marks, rest[:1]) {
		return 0
	}
	return len(s) - len(rest) + 1
}

func tooDeep() *ingest.ReadError {
	return &ingest.ReadError{
		Status: ingest.StatusHostile,
		Reason: "列表或引用嵌套层数过多，已拒绝读取，请核实来源后再上传",
		Err:    errors.New("markdown: nested too deep"),
	}
}

// walker turns the tree into blocks.
type walker struct {
	ctx    context.Context // of the one Read call it lives for
	src    []byte
	limits ingest.Limits
	out    *ingest.Collector
	marker string // number of the list item whose first block comes next
}

// children reads the blocks under n.
func (w *walker) children(n ast.Node, depth int) error {
	if depth > w.limits.Depth {
		return tooDeep()
	}
	item := 0
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if list, ok := n.(*ast.List); ok {
			w.marker = marker(list, item)
			item++
		}
		if err := w.block(c, depth); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) block(n ast.Node, depth int) error {
	switch n := n.(type) {
	case *ast.Heading:
		return w.add(ingest.Block{Kind: ingest.BlockHeading, Level: n.Level, Text: w.inline(n)})
	case *ast.Paragraph, *ast.TextBlock:
		return w.add(ingest.Block{Kind: ingest.BlockParagraph, Text: w.inline(n)})
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		return w.add(ingest.Block{Kind: ingest.BlockParagraph, Text: string(n.Lines().Value(w.src))})
	case *ast.HTMLBlock:
		raw := string(n.Lines().Value(w.src))
		if n.HasClosure() {
			raw += string(n.ClosureLine.Value(w.src))
		}
		return html.Blocks(w.ctx, raw, w.limits.Depth, w.out)
	case *table.Table:
		return w.out.Add(w.table(n))
	}
	return w.children(n, depth+1)
}

// add emits a block with the number of its list item in front.
func (w *walker) add(b ingest.Block) error {
	if b.Text = strings.TrimSpace(b.Text); b.Text != "" {
		b.Text = w.marker + b.Text
		w.marker = ""
	}
	return w.out.Add(b)
}

func (w *walker) table(n *table.Table) ingest.Block {
	b := ingest.Block{Kind: ingest.BlockTable}
	for r := n.FirstChild(); r != nil; r = r.NextSibling() {
		var row []string
		for c := r.FirstChild(); c != nil; c = c.NextSibling() {
			row = append(row, strings.TrimSpace(w.inline(c)))
		}
		if _, ok := r.(*table.TableHeader); ok {
			b.Heads++
		}
		b.Rows = append(b.Rows, row)
	}
	return b
}

// marker prints the number of the item with that index; bullets are not text.
func marker(l *ast.List, index int) string {
	if !l.IsOrdered() {
		return ""
	}
	return strconv.Itoa(l.Start+index) + string(rune(l.Marker)) + " "
}
