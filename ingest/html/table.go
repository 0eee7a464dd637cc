package html

import (
	"fmt"
	"strconv"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"xiaoyue/ingest"
)

const (
	// maxSpan is the most that the HTML standard lets colspan be.
	maxSpan = 1000
	// maxColumns is what a table is cut off at; spans reach past the last column quite often.
	maxColumns = 256
)

// grid is a table laid out with its spans.
type grid struct {
	rows  [][]string
	heads int
	open  []hanging // per column, what reaches down from above
}

// hanging is a cell that goes on in the rows below.
type hanging struct {
	text string
	left int
}

// table reads a data table as one block; a table that only lays out the page is passed through.
func (w *walker) table(n *html.Node, s style) error {
	if err := w.flush(s); err != nil {
		return err
	}
	rows := tableRows(n)
	if layout(n, rows) {
		return w.walk(n, style{align: s.align})
	}
	if c := find(n, func(c *html.Node) bool { return c.DataAtom == atom.Caption }); c != nil {
		if err := w.block(c, style{align: "center"}, 0); err != nil {
			return err
		}
	}
	g := &grid{}
	for _, r := range rows {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if err := g.row(r, w); err != nil {
			return err
		}
	}
	if g.heads == 0 || g.heads == len(g.rows) {
		g.heads = ingest.GuessHeads(g.rows)
	}
	return w.out.Add(ingest.Block{Kind: ingest.BlockTable, Rows: g.rows, Heads: g.heads})
}

// tableRows returns the rows of a table, not those of tables inside it.
func tableRows(n *html.Node) []*html.Node {
	var rows []*html.Node
	each(n, func(c *html.Node) bool {
		if c.DataAtom == atom.Tr {
			rows = append(rows, c)
		}
		return c.DataAtom == atom.Tbody || c.DataAtom == atom.Thead || c.DataAtom == atom.Tfoot
	})
	return rows
}

func cells(row *html.Node) []*html.Node {
	var all []*html.Node
	each(row, func(c *html.Node) bool {
		if c.DataAtom == atom.Td || c.DataAtom == atom.Th {
			all = append(all, c)
		}
		return false
	})
	return all
}

// layout says whether a table holds other tables or has a single column.
func layout(n *html.Node, rows []*html.Node) bool {
	nested, most := false, 0
	for _, r := range rows {
		most = max(most, len(cells(r)))
	}
	each(n, func(c *html.Node) bool {
		nested = nested || c.DataAtom == atom.Table
		return !nested
	})
	return nested || most < 2
}

// row lays out one row: cells from above first, then its own from the left.
func (g *grid) row(n *html.Node, w *walker) error {
	var line []string
	heads := true
	own := cells(n)
	for {
		if k := len(line); k < len(g.open) && g.open[k].left > 0 {
			g.open[k].left--
			line = append(line, g.open[k].text)
			continue
		}
		if len(own) == 0 || len(line) >= maxColumns {
			break
		}
		c := own[0]
		own = own[1:]
		heads = heads && c.DataAtom == atom.Th
		across, down, err := spans(c)
		if err != nil {
			return err
		}
		t := words(c)
		w.seen += len(t)
		w.placed += len(t)
		line = g.put(line, t, across, down)
	}
	if len(line) == 0 {
		return nil
	}
	inHead := n.Parent != nil && n.Parent.DataAtom == atom.Thead
	if (heads || inHead) && g.heads == len(g.rows) {
		g.heads++
	}
	g.rows = append(g.rows, line)
	return nil
}

// put writes a cell into its columns and remembers what reaches down.
func (g *grid) put(line []string, t string, across, down int) []string {
	for range min(across, maxColumns-len(line)) {
		k := len(line)
		if k < len(g.open) && g.open[k].left > 0 {
			break // overlaps a cell from above
		}
		for len(g.open) <= k {
			g.open = append(g.open, hanging{})
		}
		g.open[k] = hanging{text: t, left: down - 1}
		line = append(line, t)
	}
	return line
}

// spans returns how many columns and rows a cell covers.
func spans(c *html.Node) (across, down int, err error) {
	across, down = span(c, "colspan"), span(c, "rowspan")
	if across > maxSpan || down > 65534 {
		return 0, 0, &ingest.ReadError{
			Status: ingest.StatusHostile,
			Reason: fmt.Sprintf("表格单元格跨 %d 列 %d 行，正常网页不会这样，已拒绝读取，请核实来源后再上传", across, down),
		}
	}
	return across, down, nil
}

func span(c *html.Node, key string) int {
	n, err := strconv.Atoi(attr(c, key))
	if err != nil || n < 1 {
		return 1
	}
	return n
}
