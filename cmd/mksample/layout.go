package main

import (
	"fmt"
	"strings"
)

// The page of GB/T 9704 in points: A4, the text area 156 mm wide, 22 lines of 28 characters in
// 三号 (16 pt).
const (
	pageWidth, pageHeight = 595.28, 841.89
	leftEdge, topEdge     = 79.37, 104.9
	textWidth             = 448.0
	bodySize, lineHeight  = 16.0, 28.95
	linesPerPage          = 22
	titleSize, cellSize   = 22.0, 9.0
	cellHeight            = 14.0
	edgeSize              = 9.0
)

// mark is something set on a page: text at a baseline, or a ruled box when text is empty. y grows
// downwards from the top of the page.
type mark struct {
	text       string
	x, y, size float64
	wide, high float64
}

// sheetOfPaper is the marks of one page.
type sheetOfPaper []mark

// layout breaks the blocks of a source into lines and pages.
type layout struct {
	pages []sheetOfPaper
	y     float64 // top of the next line, from the top of the text area
}

const textHeight = linesPerPage * lineHeight

// setPages lays out a source, with the header and the footer on every page.
func setPages(s source) ([]sheetOfPaper, error) {
	l := layout{pages: make([]sheetOfPaper, 1)}
	for i, b := range s.blocks {
		if s.opensPage(i) {
			l.breakPage()
		}
		if err := l.block(b); err != nil {
			return nil, err
		}
	}
	for i := range l.pages {
		l.edges(i, s.meta["header"], s.meta["footer"])
	}
	return l.pages, nil
}

func (l *layout) block(b block) error {
	switch b.kind {
	case title:
		l.lines(b.text, titleSize, func(w float64) float64 { return (textWidth - w) / 2 }, 0)
		l.y += lineHeight / 2
	case heading, centred:
		l.lines(b.text, bodySize, func(w float64) float64 { return (textWidth - w) / 2 }, 0)
	case right:
		l.lines(b.text, bodySize, func(w float64) float64 { return textWidth - 2*bodySize - w }, 0)
	case pageBreak:
		l.breakPage()
	case table:
		return l.table(b.rows)
	case addressee:
		l.lines(b.text, bodySize, func(float64) float64 { return 0 }, 0)
	case paragraph:
		l.lines(b.text, bodySize, func(float64) float64 { return 0 }, 2*bodySize)
	default:
		return fmt.Errorf("a page cannot hold %q", b.text)
	}
	return nil
}

// lines sets a paragraph; place gives the x of a line from its width.
func (l *layout) lines(text string, size float64, place func(float64) float64, indent float64) {
	for i, line := range wrap(text, textWidth/size, indent/size) {
		x := place(width(line) * size)
		if i == 0 {
			x += indent
		}
		l.room(lineHeight)
		l.put(mark{text: line, x: leftEdge + x, y: topEdge + l.y + size, size: size})
		l.y += lineHeight
	}
}

// table sets rows of ruled cells; columns are as wide as their longest cell wants.
func (l *layout) table(rows [][]string) error {
	cells, _, err := grid(rows)
	if err != nil {
		return err
	}
	if len(cells) != len(rows)*len(rows[0]) {
		return fmt.Errorf("a table on a page has no merged cells")
	}
	columns := columnWidths(rows)
	for _, row := range rows {
		texts, deepest := make([][]string, len(row)), 0
		for c, text := range row {
			texts[c] = wrap(text, columns[c]/cellSize-1, 0)
			deepest = max(deepest, len(texts[c]))
		}
		high := float64(deepest)*cellHeight + 8
		l.room(high)
		x := leftEdge
		for c := range row {
			l.put(mark{x: x, y: topEdge + l.y, wide: columns[c], high: high})
			for i, line := range texts[c] {
				l.put(mark{text: line, x: x + cellSize/2, y: topEdge + l.y + 4 + float64(i)*cellHeight + cellSize, size: cellSize})
			}
			x += columns[c]
		}
		l.y += high
	}
	l.y += lineHeight / 2
	return nil
}

func columnWidths(rows [][]string) []float64 {
	wants, sum := make([]float64, len(rows[0])), 0.0
	for c := range wants {
		for _, row := range rows {
			wants[c] = max(wants[c], min(width(row[c]), 14)+1.1)
		}
		sum += wants[c]
	}
	for c := range wants {
		wants[c] *= textWidth / sum
	}
	return wants
}

// edges sets the header and the footer, whose {page} and {pages} are filled in.
func (l *layout) edges(page int, header, footer string) {
	fill := strings.NewReplacer("{page}", fmt.Sprint(page+1), "{pages}", fmt.Sprint(len(l.pages)))
	for text, y := range map[string]float64{header: 60, footer: 780} {
		if text == "" {
			continue
		}
		text = fill.Replace(text)
		m := mark{text: text, x: (pageWidth - width(text)*edgeSize) / 2, y: y, size: edgeSize}
		if y < topEdge {
			l.pages[page] = append(sheetOfPaper{m}, l.pages[page]...)
		} else {
			l.pages[page] = append(l.pages[page], m)
		}
	}
}

// room turns the page when less than high is left on it.
func (l *layout) room(high float64) {
	if l.y+high > textHeight {
		l.breakPage()
	}
}

func (l *layout) breakPage() {
	l.pages = append(l.pages, nil)
	l.y = 0
}

func (l *layout) put(m mark) {
	last := len(l.pages) - 1
	l.pages[last] = append(l.pages[last], m)
}
