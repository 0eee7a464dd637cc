package docx

import (
	"encoding/xml"
	"fmt"
	"strings"

	"xiaoyue/ingest"
	"xiaoyue/ingest/container"
)

// maxColumns is beyond what Word allows (63) and what any form needs.
const maxColumns = 256

// cell is one w:tc in its place.
type cell struct {
	blocks []ingest.Block
	text   string
	span   int
	below  bool // vMerge continuation: the cell above goes on
}

// row is one w:tr.
type row struct {
	cells   []cell
	indent  int // gridBefore: columns left free
	head    bool
	deleted bool
}

// tableBlocks reads the w:tbl just started. A table of one cell is a frame around text.
func (p *parser) tableBlocks(x *container.XML, emit sink) error {
	var rows []row
	err := x.Inside(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "tr":
			r, err := p.row(x)
			if !r.deleted {
				rows = append(rows, r)
			}
			return err
		case "tblPr", "tblGrid", "del", "moveFrom", "Fallback":
			return x.Skip()
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(rows) == 1 && len(rows[0].cells) == 1 {
		for _, b := range rows[0].cells[0].blocks {
			if err := emit(b); err != nil {
				return err
			}
		}
		return nil
	}
	return emit(tableBlock(rows))
}

func (p *parser) row(x *container.XML) (row, error) {
	var r row
	columns := 0
	err := x.Inside(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "trPr":
			return r.properties(x)
		case "tblPrEx", "del", "moveFrom", "Fallback":
			return x.Skip()
		case "tc":
			c, err := p.cell(x)
			r.cells = append(r.cells, c)
			if err != nil {
				return err
			}
			columns += c.span
			return p.room(columns+r.indent, c.span)
		}
		return nil
	})
	return r, err
}

// room checks the width of a row and the cells of all tables.
func (p *parser) room(columns, more int) error {
	if columns > maxColumns {
		return &ingest.ReadError{
			Status: ingest.StatusHostile,
			Reason: fmt.Sprintf("表格有一行超过 %d 列，正常文档不会这样，已拒绝读取，请核实来源或重新排版后再上传", maxColumns),
		}
	}
	if p.cells += more; p.cells > p.limits.Cells {
		return &ingest.ReadError{
			Status: ingest.StatusTooLarge,
			Reason: fmt.Sprintf("表格超过 %d 格，请拆分成几个文件后再上传", p.limits.Cells),
		}
	}
	return nil
}

func (r *row) properties(x *container.XML) error {
	return x.Inside(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "gridBefore":
			r.indent = max(0, min(number(container.Attr(e, "val"), 0), maxColumns))
		case "tblHeader":
			r.head = flag(e) == "1"
		case "del":
			r.deleted = true
		}
		return nil
	})
}

func (p *parser) cell(x *container.XML) (cell, error) {
	c := cell{span: 1}
	var text strings.Builder
	f := &flow{parser: p, emit: c.add(&text)}
	err := x.Inside(func(e xml.StartElement) error {
		if e.Name.Local == "tcPr" {
			return c.properties(x)
		}
		return f.element(x, e)
	})
	if err == nil {
		err = f.close()
	}
	c.text = text.String()
	return c, err
}

// add returns a sink that gathers blocks in the cell, nested tables flattened to lines.
func (c *cell) add(text *strings.Builder) sink {
	return func(b ingest.Block) error {
		lines := []string{b.Text}
		if b.Kind == ingest.BlockTable {
			lines = lines[:0]
			for _, r := range b.Rows {
				lines = append(lines, strings.TrimSpace(strings.Join(r, " ")))
			}
		}
		for _, l := range lines {
			if l == "" {
				continue
			}
			if text.Len() > 0 {
				text.WriteByte('\n')
			}
			text.WriteString(l)
		}
		c.blocks = append(c.blocks, b)
		return nil
	}
}

func (c *cell) properties(x *container.XML) error {
	return x.Inside(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "gridSpan":
			c.span = max(1, min(number(container.Attr(e, "val"), 1), maxColumns+1))
		case "vMerge":
			val := container.Attr(e, "val")
			c.below = val == "" || val == "continue"
		case "tcPrChange":
			return x.Skip()
		}
		return nil
	})
}

// tableBlock lays the cells out on the grid, merged ones repeated.
func tableBlock(rows []row) ingest.Block {
	b := ingest.Block{Kind: ingest.BlockTable}
	for i, r := range rows {
		line := make([]string, r.indent, r.indent+len(r.cells))
		for _, c := range r.cells {
			text := c.text
			if c.below && i > 0 && len(line) < len(b.Rows[i-1]) {
				text = b.Rows[i-1][len(line)]
			}
			for range c.span {
				line = append(line, text)
			}
		}
		b.Rows = append(b.Rows, line)
		if r.head && b.Heads == i {
			b.Heads = i + 1
		}
	}
	if b.Heads == 0 {
		b.Heads = ingest.GuessHeads(b.Rows)
	}
	return b
}
