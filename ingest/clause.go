package ingest

import (
	"strconv"
	"strings"
)

// clauseOf labels the place of node at as people cite it: 第五条第二款第（三）项 in rules, 二（一）1 in
// letters, with 附件1 in front inside of an annex. Chapters are named only where no article is.
func clauseOf(nodes []node, at int) string {
	var parts []string
	var inside []node
	for i := at; i > 0; i = nodes[i].parent {
		inside = append(inside, nodes[i])
	}
	article := false
	for i := len(inside) - 1; i >= 0; i-- {
		n := inside[i]
		if n.article {
			parts, article = onlyAnnex(parts, inside), true
		}
		if part := clausePart(n, article); part != "" {
			parts = append(parts, part)
		}
		if n.article && i > 0 && n.para > 1 && inside[0].para > 0 {
			parts = append(parts, "第"+chinese(inside[0].para)+"款")
		}
	}
	return strings.Join(parts, "")
}

// onlyAnnex keeps the annex of the parts gathered above an article.
func onlyAnnex(parts []string, inside []node) []string {
	if inside[len(inside)-1].rank == rankAnnex && len(parts) > 0 {
		return parts[:1]
	}
	return nil
}

func clausePart(n node, article bool) string {
	number := strings.Join(strings.Fields(n.number), "")
	bare := strings.Trim(number, "、.．)）")
	switch {
	case n.number == "":
		return ""
	case article && n.rank == rankSecond:
		return "第" + strings.NewReplacer("(", "（", ")", "）").Replace(number) + "项"
	case article && n.rank == rankThird:
		return "第" + bare + "目"
	case n.rank == rankFirst || n.rank == rankThird:
		return bare
	}
	return number
}

// paragraphClause adds the 款 to the label of an article that has several.
func paragraphClause(nodes []node, at, para int) string {
	label := clauseOf(nodes, at)
	if n := nodes[at]; n.article && n.para > 1 && para > 0 {
		return label + "第" + chinese(para) + "款"
	}
	return label
}

// rangeClause labels siblings that are cut together: 第五条第（一）项至第（三）项.
func rangeClause(nodes []node, first, last int) string {
	from, to := clauseOf(nodes, first), clauseOf(nodes, last)
	if first == last || from == to {
		return from
	}
	prefix := clauseOf(nodes, nodes[first].parent)
	if rest, ok := strings.CutPrefix(to, prefix); ok && strings.HasPrefix(from, prefix) {
		to = rest
		if i := strings.LastIndex(rest, "款第"); i >= 0 {
			to = rest[i+len("款"):]
		}
	}
	return from + "至" + to
}

// chinese writes a small number as Chinese ordinals do: 3 三, 12 十二, 20 二十.
func chinese(n int) string {
	const digits = "〇一二三四五六七八九十"
	if n < 0 || n > 99 {
		return strconv.Itoa(n)
	}
	at := func(d int) string { return digits[3*d : 3*d+3] }
	if n <= 10 {
		return at(n)
	}
	s := "十"
	if n >= 20 {
		s = at(n/10) + s
	}
	if n%10 > 0 {
		s += at(n % 10)
	}
	return s
}
