package ingest

import (
	"strings"
	"unicode/utf8"

	"xiaoyue/kb/privacy"
)

// line is a line of the document text: a paragraph, a heading or a row of a table.
type line struct {
	start, end int // bytes in the text
	runes      int
	page       int
	table      int  // ordinal of the table from 1, 0 outside of tables
	head       bool // a head row of its table
	heading    bool // by style or markup
	level      int  // of the heading
	right      bool
	centered   bool
}

// page lays a reading out as one text of lines.
type page struct {
	text   string
	lines  []line
	tables int
	lost   int // characters that could not be decoded
}

func (p page) line(i int) string { return p.text[p.lines[i].start:p.lines[i].end] }

// maxLevel is the deepest level of styled headings that is told apart.
const maxLevel = 9

// layout joins the blocks into one text, a line for every paragraph and table row. Personal data are
// masked before a line is put down where masked is set.
func layout(blocks []Block, masked bool) page {
	var p page
	var b strings.Builder
	size := 0
	for _, block := range blocks {
		size += len(block.Text) + 1
	}
	b.Grow(size)
	p.lines = make([]line, 0, len(blocks))
	put := func(text string, l line) {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		l.start = b.Len()
		b.WriteString(text)
		l.end = b.Len()
		l.runes = utf8.RuneCountInString(text)
		p.lines = append(p.lines, l)
	}
	for _, block := range blocks {
		if block.Kind == BlockTable {
			p.lost += putTable(block, p.tables+1, masked, put)
			p.tables++
			continue
		}
		text, lost := clean(block.Text)
		p.lost += lost
		for part := range strings.SplitSeq(text, "\n") {
			if part == "" {
				continue
			}
			if masked {
				part, _ = privacy.Mask(part)
			}
			put(part, line{page: block.Page, heading: block.Kind == BlockHeading, level: min(block.Level, maxLevel),
				right: block.Right, centered: block.Centered})
		}
	}
	p.text = b.String()
	return p
}

// putTable puts a table down as Markdown rows. A row whose cells are all one merged cell is printed
// once, empty rows are dropped. Cells below a head such as 姓名 are masked by it.
func putTable(block Block, ordinal int, masked bool, put func(string, line)) (lost int) {
	var heads []string
	for i, row := range block.Rows {
		cells, n := cleanRow(row)
		lost += n
		if len(cells) == 0 {
			continue
		}
		if i < max(block.Heads, 1) {
			heads = cells
		} else if masked {
			maskColumns(heads, cells)
		}
		text := "| " + strings.Join(cells, " | ") + " |"
		if masked {
			text, _ = privacy.Mask(text)
		}
		put(text, line{page: block.Page, table: ordinal, head: i < block.Heads})
	}
	return lost
}

func maskColumns(heads, cells []string) {
	for i := range min(len(heads), len(cells)) {
		if n := len(heads[i]); n > 0 && n <= 24 {
			cells[i], _ = privacy.MaskField(heads[i], cells[i])
		}
	}
}

// longCell is the length in characters from which a cell that repeats the one before it, up to the
// end of the row, is taken for one merged cell.
const longCell = 12

// cleanRow cleans the cells of a row, and drops empty and merged ones at its end.
func cleanRow(row []string) (cells []string, lost int) {
	for _, cell := range row {
		text, n := clean(cell)
		lost += n
		cells = append(cells, strings.NewReplacer("\n", " ", "|", "｜").Replace(text))
	}
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	end := len(cells)
	for end > 1 && cells[end-2] == cells[len(cells)-1] {
		end--
	}
	if end == 1 || end > 0 && utf8.RuneCountInString(cells[end-1]) >= longCell {
		cells = cells[:end]
	}
	return cells, lost
}
