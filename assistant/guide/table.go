package guide

import (
	"regexp"
	"slices"
	"strings"

	"xiaoyue/kb/figures"
)

// row adds a row of a table; the first row of a table is its head.
func (o *outline) row(l line, cells []string) {
	if isRule(cells) {
		return
	}
	if o.heads == nil {
		o.lists++
		o.table, o.heads, o.rows = o.lists, cells, 0
		return
	}
	if o.rows == 0 && isSecondHead(o.heads, cells) {
		o.heads = joinHeads(o.heads, cells)
		return
	}
	o.rows++
	u := o.unit(row, l.text, l.start)
	u.said, u.list = rowText(o.heads, cells), o.table
	u.above = append(u.above, strings.Join(o.heads, "，"))
	o.units = append(o.units, u)
}

// isSecondHead recognises a second row of heads: heads of the first are merged across columns, and
// others reach down into the second.
func isSecondHead(heads, cells []string) bool {
	across, down := false, false
	for i := range heads {
		across = across || i > 0 && heads[i] == heads[i-1]
		down = down || i < len(cells) && cells[i] == heads[i]
	}
	return across && down
}

func joinHeads(heads, cells []string) []string {
	joined := slices.Clone(heads)
	for i := range joined {
		if i < len(cells) && cells[i] != joined[i] {
			unit := headUnit.FindString(joined[i])
			joined[i] = strings.TrimSuffix(joined[i], unit) + cells[i] + unit
		}
	}
	return joined
}

// cellsOf splits a line of a table; nil where the line is none.
func cellsOf(text string) []string {
	sep := "|"
	if strings.Contains(text, "\t") {
		sep = "\t"
	}
	if !strings.Contains(text, sep) {
		return nil
	}
	cells := strings.Split(strings.Trim(text, "| \t"), sep)
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	if len(cells) < 2 {
		return nil
	}
	return cells
}

// isRule recognises the line of dashes below a head in Markdown.
func isRule(cells []string) bool {
	return strings.Trim(strings.Join(cells, ""), "-: ") == ""
}

var headUnit = regexp.MustCompile(`[（(]((?:万?元|%|％|个?工作日|天|日|个?月|年|岁|人|名|平方米|次)[^）)]*)[）)]$`)

// rowText says a row with its heads: 学历：硕士研究生；标准：1500元/人·月. The unit of a head goes
// behind the bare numbers below it.
func rowText(heads, cells []string) string {
	var parts []string
	for i, c := range cells {
		if c == "" || i > 0 && c == cells[i-1] {
			continue
		}
		if i >= len(heads) || heads[i] == "" || heads[i] == c {
			parts = append(parts, c)
			continue
		}
		head := heads[i]
		if m := headUnit.FindStringSubmatchIndex(head); m != nil && bareNumber(c) {
			c += head[m[2]:m[3]]
			head = head[:m[0]]
		}
		parts = append(parts, head+"："+c)
	}
	return strings.Join(parts, "；")
}

func bareNumber(cell string) bool {
	f := figures.Find(cell)
	return len(f) >= 1 && f[len(f)-1].Kind == figures.Number && f[len(f)-1].End == len(cell)
}
