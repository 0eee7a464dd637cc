package sheet

import (
	"fmt"
	"sort"

	"github.com/xuri/excelize/v2"

	"xiaoyue/ingest"
)

// row is a row that is not empty. number is its place in the sheet, from 1.
type row struct {
	number int
	cells  []string
}

// merge repeats the value of each merged range over the part of it that other cells surround.
func (b *book) merge(rows []row, merged []excelize.MergeCell) error {
	if len(merged) > b.limits.Cells {
		return damaged(fmt.Errorf("%d merged ranges", len(merged)))
	}
	width := 0
	for _, r := range rows {
		width = max(width, len(r.cells))
	}
	for _, m := range merged {
		if err := b.ctx.Err(); err != nil {
			return err
		}
		left, top, err := excelize.CellNameToCoordinates(m.GetStartAxis())
		if err != nil {
			return damaged(err)
		}
		right, bottom, err := excelize.CellNameToCoordinates(m.GetEndAxis())
		if err != nil {
			return damaged(err)
		}
		if err := b.fill(rows, rectangle{left - 1, top, min(right, width), bottom}); err != nil {
			return err
		}
	}
	return nil
}

// rectangle is a merged range: columns from left to before right, counted from 0; rows from top to
// bottom, counted from 1.
type rectangle struct{ left, top, right, bottom int }

func (b *book) fill(rows []row, m rectangle) error {
	first := sort.Search(len(rows), func(i int) bool { return rows[i].number >= m.top })
	if first == len(rows) || rows[first].number != m.top || m.left >= min(m.right, len(rows[first].cells)) {
		return nil // nothing in it, or written the wrong way round
	}
	value := rows[first].cells[m.left]
	if value == "" {
		return nil // what other cells of it hold stays
	}
	for i := first; i < len(rows) && rows[i].number <= m.bottom; i++ {
		if b.cells += m.right - m.left; b.cells > 2*b.limits.Cells {
			return &ingest.ReadError{
				Status: ingest.StatusHostile,
				Reason: "合并单元格的范围大得反常，已拒绝读取，请用 Excel 或 WPS 打开检查后另存再上传",
			}
		}
		r := &rows[i]
		for len(r.cells) < m.right {
			r.cells = append(r.cells, "")
		}
		for c := m.left; c < m.right; c++ {
			r.cells[c] = value
		}
	}
	return nil
}

// addTables adds rows as tables, cut apart where rows of the sheet are empty. Rows of a single
// value at the start of a table are its title, at the end its notes; both become paragraphs.
func addTables(out *ingest.Collector, rows []row) error {
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].number == rows[n-1].number+1 {
			n++
		}
		if err := addTable(out, rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

func addTable(out *ingest.Collector, rows []row) error {
	first, last := 0, len(rows)
	for first < last && single(rows[first].cells) != "" {
		if err := out.Add(paragraph(rows[first])); err != nil {
			return err
		}
		first++
	}
	for last > first && single(rows[last-1].cells) != "" {
		last--
	}
	if first < last {
		if err := out.Add(table(rows[first:last])); err != nil {
			return err
		}
	}
	for _, r := range rows[last:] {
		if err := out.Add(paragraph(r)); err != nil {
			return err
		}
	}
	return nil
}

func paragraph(r row) ingest.Block {
	return ingest.Block{Kind: ingest.BlockParagraph, Text: single(r.cells), Centered: len(r.cells) > 1}
}

// table squares the rows: columns that are empty throughout at the left are cut, short rows filled.
func table(rows []row) ingest.Block {
	left, right := maxColumns, 0
	for _, r := range rows {
		right = max(right, len(r.cells))
		for i, c := range r.cells {
			if c != "" {
				left = min(left, i)
				break
			}
		}
	}
	b := ingest.Block{Kind: ingest.BlockTable}
	for _, r := range rows {
		line := make([]string, right-left)
		copy(line, r.cells[min(left, len(r.cells)):])
		b.Rows = append(b.Rows, line)
	}
	b.Heads = ingest.GuessHeads(b.Rows)
	return b
}

// single returns the only value of a row, repeated or not; "" if it has several.
func single(cells []string) string {
	value := ""
	for _, c := range cells {
		switch {
		case c == "" || c == value:
		case value == "":
			value = c
		default:
			return ""
		}
	}
	return value
}
