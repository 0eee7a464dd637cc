package main

import (
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// gb18030 writes plain text as an office machine does: GB18030, CRLF, first lines indented.
func gb18030(s source) ([]byte, error) {
	var b strings.Builder
	for _, bl := range s.blocks {
		switch bl.kind {
		case paragraph:
			b.WriteString("　　" + bl.text)
		case title, heading, centred, addressee:
			b.WriteString(bl.text)
		case right:
			b.WriteString(strings.Repeat("　", 16) + bl.text)
		default:
			return nil, fmt.Errorf("plain text cannot hold %q", bl.text)
		}
		b.WriteString("\r\n")
	}
	return simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(b.String()))
}

// markdown writes the body as common markdown: the marks of the sources that markdown lacks become
// plain paragraphs, tables get their separator row.
func markdown(s source) []byte {
	var b strings.Builder
	for i, bl := range s.blocks {
		// the items of a list stay together
		if i > 0 && !(listed(bl.text) && listed(s.blocks[i-1].text)) {
			b.WriteString("\n")
		}
		switch bl.kind {
		case title:
			b.WriteString("# " + bl.text + "\n")
		case heading:
			b.WriteString("## " + bl.text + "\n")
		case table:
			markdownTable(&b, bl.rows)
		default:
			b.WriteString(bl.text + "\n")
		}
	}
	return []byte(b.String())
}

var listMark = regexp.MustCompile(`^(- |\d+\. )`)

func listed(text string) bool { return listMark.MatchString(text) }

func markdownTable(b *strings.Builder, rows [][]string) {
	for i, row := range rows {
		fmt.Fprintf(b, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
}
