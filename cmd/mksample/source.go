package main

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// source is one readable text: key: value lines between two lines of ---, then the body.
type source struct {
	path   string // in the sources folder
	key    string // of the document made from it
	format string
	meta   map[string]string
	blocks []block
}

type blockKind int

const (
	paragraph blockKind = iota
	addressee           // 主送机关: the paragraph under a title that ends in a colon and names 各…
	title               // "# "
	heading             // "## "
	centred             // "^ "
	right               // ">> ": 落款 and 成文日期
	table               // lines of "| a | b |"; << joins the cell to its left, ^^ the one above
	footnote            // "[^1]: ", set at the foot of the page that holds [^1]
	pageBreak           // "==="
	sheet               // "@ ", opens a sheet of a workbook
)

// block is a paragraph of text or a table.
type block struct {
	kind blockKind
	text string
	rows [][]string
}

var extensions = map[string]string{
	"docx": ".docx", "pdf": ".pdf", "scan-pdf": ".pdf", "xlsx": ".xlsx",
	"html": ".html", "md": ".md", "txt-gb18030": ".txt",
}

// metaKeys are the keys that a front matter may hold.
var metaKeys = []string{
	"id", "format", "numbering", "title", "issuer", "number", "index", "topic", "header", "footer",
	"issued_on", "published_on", "valid_from", "valid_until", "effective", "transitional", "status",
	"region", "zone", "audience", "access", "classified",
	"repeals", "amends", "amends_clauses", "supersedes", "consolidates", "extends", "extends_until",
	"suspends", "suspends_clauses", "cleanup_list", "interprets", "attachment_of", "based_on",
}

var footnoteLine = regexp.MustCompile(`^\[\^\d+\]: `)

// readSources reads every source of a folder, ordered by path.
func readSources(fsys fs.FS) ([]source, error) {
	names, err := fs.Glob(fsys, "*/*.md")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var all []source
	for _, name := range names {
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		s, err := parseSource(name, string(b))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, s)
	}
	return all, nil
}

func parseSource(name, text string) (source, error) {
	head, body, ok := strings.Cut(strings.TrimPrefix(text, "---\n"), "\n---\n")
	if !ok || !strings.HasPrefix(text, "---\n") {
		return source{}, fmt.Errorf("front matter between two lines of --- is missing")
	}
	s := source{path: name, meta: map[string]string{}}
	for line := range strings.Lines(head) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok || !slices.Contains(metaKeys, key) {
			return source{}, fmt.Errorf("front matter %q: want key: value with a known key", line)
		}
		s.meta[key] = strings.TrimSpace(value)
	}
	s.format = s.meta["format"]
	ext, ok := extensions[s.format]
	if !ok {
		return source{}, fmt.Errorf("format %q is not known", s.format)
	}
	if want := s.meta["id"] + ".md"; path.Base(name) != want {
		return source{}, fmt.Errorf("id says the file is called %s", want)
	}
	s.key = strings.TrimSuffix(name, ".md") + ext
	s.blocks = parseBlocks(body)
	return s, nil
}

func parseBlocks(body string) []block {
	var blocks []block
	for line := range strings.Lines(body) {
		line = strings.TrimSpace(strings.TrimSuffix(line, "\n"))
		if line == "" {
			continue
		}
		b := parseLine(line)
		if last := len(blocks) - 1; b.kind == table && last >= 0 && blocks[last].kind == table {
			blocks[last].rows = append(blocks[last].rows, b.rows...)
			continue
		}
		if b.kind == paragraph && under(blocks) && strings.HasSuffix(line, "：") && strings.Contains(line, "各") {
			b.kind = addressee
		}
		blocks = append(blocks, b)
	}
	return blocks
}

// under reports whether the next block stands directly under a title or a document number.
func under(blocks []block) bool {
	last := len(blocks) - 1
	return last >= 0 && (blocks[last].kind == title || blocks[last].kind == centred)
}

// opensPage reports whether block i is the title of a text of its own, such as the rules that the
// notice before them puts into force.
func (s source) opensPage(i int) bool {
	if i == 0 || s.blocks[i].kind != title {
		return false
	}
	before := s.blocks[i-1]
	return before.kind == right || before.text == "（此件公开发布）"
}

func parseLine(line string) block {
	marks := []struct {
		mark string
		kind blockKind
	}{{"# ", title}, {"## ", heading}, {"^ ", centred}, {">> ", right}, {"@ ", sheet}}
	for _, m := range marks {
		if text, ok := strings.CutPrefix(line, m.mark); ok {
			return block{kind: m.kind, text: strings.TrimSpace(text)}
		}
	}
	switch {
	case line == "===":
		return block{kind: pageBreak}
	case footnoteLine.MatchString(line):
		return block{kind: footnote, text: footnoteLine.ReplaceAllString(line, "")}
	case strings.HasPrefix(line, "|"):
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i, c := range cells {
			cells[i] = strings.TrimSpace(c)
		}
		return block{kind: table, rows: [][]string{cells}}
	}
	return block{kind: paragraph, text: line}
}
