// Package html reads web pages as an ingest.Reader, above all those of government sites: the main
// content with headings, lists and tables, and the labels that such sites put beside it (索引号,
// 文号, 发布日期, 有效性) as properties.
//
// Navigation, scripts and hidden text stay out. It fetches nothing: images, frames and scripts of a
// page are not followed.
package html

import (
	"context"
	"errors"
	"io"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"

	"xiaoyue/ingest"
	"xiaoyue/ingest/text"
)

// Format is the name that readings carry.
const Format = "html"

// Reader implements ingest.Reader. The zero value is ready and safe for concurrent use.
type Reader struct{}

// Read implements ingest.Reader.
func (Reader) Read(ctx context.Context, r io.ReaderAt, size int64, limits ingest.Limits) (ingest.Reading, error) {
	limits = limits.Filled()
	reading := ingest.Reading{Format: Format}
	decoded, err := decode(r, size, limits)
	if err != nil {
		return reading, err
	}
	root, err := parse(decoded.Text, limits.Depth)
	if err != nil {
		return reading, err
	}
	body := find(root, func(n *html.Node) bool { return n.DataAtom == atom.Body })
	if body == nil {
		return reading, text.Empty()
	}
	page := readPage(root, body)
	w := &walker{ctx: ctx, out: ingest.NewCollector(limits), skip: page.tables}
	if err := w.title(page.properties["title"], page.main); err != nil {
		return reading, err
	}
	if err := w.walk(page.main, style{}); err != nil {
		return reading, err
	}
	if err := w.flush(style{}); err != nil {
		return reading, err
	}
	reading.Blocks, reading.Properties = w.out.Blocks, page.properties
	reading.Coverage = decoded.Coverage() * w.coverage()
	if w.placed == 0 {
		return reading, text.Empty()
	}
	return reading, nil
}

// Blocks reads a fragment of HTML, such as a table inside markdown, into out.
func Blocks(ctx context.Context, fragment string, depth int, out *ingest.Collector) error {
	root, err := parse(fragment, depth)
	if err != nil {
		return err
	}
	w := &walker{ctx: ctx, out: out}
	if err := w.walk(root, style{}); err != nil {
		return err
	}
	return w.flush(style{})
}

var declared = regexp.MustCompile(`(?i)<meta[^>]{0,200}charset\s*=\s*["']?\s*([a-z0-9_-]{2,20})`)

// decode trusts the bytes before the page's own word, which is often wrong about GBK and UTF-8,
// and the page's word before the guess.
func decode(r io.ReaderAt, size int64, limits ingest.Limits) (text.Decoded, error) {
	d, err := text.ReadAll(r, size, limits)
	if err != nil || d.Encoding != "GB18030" {
		return d, err
	}
	head := make([]byte, min(size, 4096))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return d, nil
	}
	m := declared.FindSubmatch(head)
	if m == nil {
		return d, nil
	}
	e, name := charset.Lookup(string(m[1]))
	if e == nil || strings.HasPrefix(name, "gb") || name == "utf-8" {
		return d, nil
	}
	s, err := io.ReadAll(e.NewDecoder().Reader(io.NewSectionReader(r, 0, size)))
	if err != nil {
		return d, nil
	}
	return text.Decoded{Text: string(s), Encoding: name}, nil
}

// parse builds the tree and refuses one that is nested past depth.
func parse(s string, depth int) (*html.Node, error) {
	root, err := html.Parse(strings.NewReader(s))
	if err != nil {
		return nil, &ingest.ReadError{Status: ingest.StatusHostile, Reason: "网页结构异常，已拒绝读取，请在浏览器中打开后另存为网页再上传", Err: err}
	}
	if deeper(root, depth) {
		return nil, &ingest.ReadError{Status: ingest.StatusHostile, Reason: "网页嵌套层数过多，已拒绝读取，请在浏览器中打开后另存为网页再上传"}
	}
	return root, nil
}

// deeper walks without recursion, since the depth is what is in doubt.
func deeper(root *html.Node, depth int) bool {
	level := 0
	for n := root; ; {
		switch {
		case n.FirstChild != nil:
			n = n.FirstChild
			if level++; level > depth {
				return true
			}
		default:
			for n != root && n.NextSibling == nil {
				n = n.Parent
				level--
			}
			if n == root {
				return false
			}
			n = n.NextSibling
		}
	}
}
