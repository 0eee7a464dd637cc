package main

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"strings"
)

var footnoteMark = regexp.MustCompile(`\[\^\d+\]`)

// docx writes a Word document: styles, automatic numbering where the source asks for it, tables
// with merged cells, footnotes, header and footer.
func docx(s source) ([]byte, error) {
	w := wordWriter{auto: s.meta["numbering"] == "auto"}
	for i, b := range s.blocks {
		if s.opensPage(i) {
			w.paragraph("Title", "<w:pageBreakBefore/>", b.text)
			continue
		}
		if err := w.block(b); err != nil {
			return nil, err
		}
	}
	if w.cited != len(w.notes) {
		return nil, fmt.Errorf("%d footnote marks for %d footnotes", w.cited, len(w.notes))
	}
	return archive(wordParts(s, w.body.String(), w.notes))
}

// wordWriter writes the body of word/document.xml.
type wordWriter struct {
	body  strings.Builder
	auto  bool
	count counter
	cited int
	notes []string
}

func (w *wordWriter) block(b block) error {
	switch b.kind {
	case title:
		w.paragraph("Title", "", b.text)
	case heading:
		return w.numbered("1", b.text)
	case addressee:
		w.paragraph("a", "", b.text)
	case centred:
		w.paragraph("Centre", "", b.text)
	case right:
		w.paragraph("Right", "", b.text)
	case pageBreak:
		w.body.WriteString(`<w:p><w:r><w:br w:type="page"/></w:r></w:p>`)
	case footnote:
		w.notes = append(w.notes, b.text)
	case table:
		return w.table(b.rows)
	default:
		return w.numbered("Body", b.text)
	}
	return nil
}

// numbered writes a paragraph whose number is counted by Word where the document asks for that.
func (w *wordWriter) numbered(style, text string) error {
	properties := ""
	if w.auto {
		rest, at, err := w.count.cut(text)
		if err != nil {
			return err
		}
		if text = rest; at != nil {
			properties = fmt.Sprintf(`<w:numPr><w:ilvl w:val="%d"/><w:numId w:val="%d"/></w:numPr>`, at.depth, at.list)
		}
	}
	w.paragraph(style, properties, text)
	return nil
}

func (w *wordWriter) paragraph(style, properties, text string) {
	fmt.Fprintf(&w.body, `<w:p><w:pPr><w:pStyle w:val="%s"/>%s</w:pPr>`, style, properties)
	at := 0
	for _, mark := range footnoteMark.FindAllStringIndex(text, -1) {
		w.cited++
		w.run(text[at:mark[0]])
		fmt.Fprintf(&w.body, `<w:r><w:rPr><w:rStyle w:val="NoteMark"/></w:rPr><w:footnoteReference w:id="%d"/></w:r>`, w.cited)
		at = mark[1]
	}
	w.run(text[at:])
	w.body.WriteString("</w:p>\n")
}

func (w *wordWriter) run(text string) {
	if text != "" {
		fmt.Fprintf(&w.body, `<w:r><w:t xml:space="preserve">%s</w:t></w:r>`, escape(text))
	}
}

// table writes a table over the width of the text. A cell that spans rows is repeated empty in
// each of them, as the format wants it.
func (w *wordWriter) table(rows [][]string) error {
	cells, owner, err := grid(rows)
	if err != nil {
		return err
	}
	const textWidth = 8845 // twentieths of a point: A4 less both margins
	width := textWidth / len(rows[0])
	w.body.WriteString(`<w:tbl><w:tblPr><w:tblStyle w:val="Grid"/><w:tblW w:w="0" w:type="auto"/></w:tblPr><w:tblGrid>`)
	w.body.WriteString(strings.Repeat(fmt.Sprintf(`<w:gridCol w:w="%d"/>`, width), len(rows[0])))
	w.body.WriteString("</w:tblGrid>\n")
	for r := range rows {
		w.body.WriteString("<w:tr>")
		if r == 0 {
			w.body.WriteString("<w:trPr><w:tblHeader/></w:trPr>")
		}
		for c := 0; c < len(rows[r]); {
			own := cells[owner[r][c]]
			w.cell(own, r, width)
			c += own.wide
		}
		w.body.WriteString("</w:tr>\n")
	}
	w.body.WriteString("</w:tbl>\n")
	return nil
}

func (w *wordWriter) cell(c cell, row, width int) {
	fmt.Fprintf(&w.body, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/>`, width*c.wide)
	if c.wide > 1 {
		fmt.Fprintf(&w.body, `<w:gridSpan w:val="%d"/>`, c.wide)
	}
	text := c.text
	switch {
	case c.high > 1 && row == c.row:
		w.body.WriteString(`<w:vMerge w:val="restart"/>`)
	case c.high > 1:
		w.body.WriteString(`<w:vMerge/>`)
		text = ""
	}
	w.body.WriteString(`<w:vAlign w:val="center"/></w:tcPr>`)
	w.paragraph("Cell", "", text)
	w.body.WriteString("</w:tc>")
}

// escape makes a text safe as XML character data.
func escape(text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		panic(err) // a strings.Builder does not fail
	}
	return b.String()
}
