package ingest

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"xiaoyue/kb"
)

// cancels and keeps are the words of headings over lists of texts.
var (
	cancels = []string{"废止", "失效", "停止执行", "不再执行"}
	keeps   = []string{"继续有效", "保留", "现行有效", "修改"}
)

// cancellationDay returns the day from which listed texts end: 列入废止目录的文件，自…起停止执行.
func (a *actor) cancellationDay() kb.Date {
	for _, s := range a.own {
		text := a.page.text[s.start:s.end]
		if !containsAny(text, cancels) || len(references(text)) > 0 {
			continue
		}
		for rest := text; ; {
			i := strings.Index(rest, "自")
			if i < 0 {
				break
			}
			rest = rest[i+len("自"):]
			if day, n := dateAt(rest); n > 0 {
				return day
			}
		}
	}
	return a.from
}

// listState follows the headings of lists: below 废止的文件目录 every text that is listed ends.
func (a *actor) listState(i int, text string) {
	if a.lines[i].runes > maxTitle*2 || endsClause(text) || len(references(text)) > 0 {
		return
	}
	lists := containsAny(text, []string{"目录", "清单", "名单", "文件", "如下", "附件"})
	switch {
	case lists && containsAny(text, keeps):
		a.list = ""
	case lists && containsAny(text, cancels) && !strings.Contains(text, "见附件") && strings.Trim(text, "：:") != a.title:
		a.list = kb.CleanupList
	case lists && text != a.title && a.lines[i].heading:
		a.list = ""
	}
}

// readRow takes the text that a row of a list cancels.
func (a *actor) readRow(l line, row string) {
	if a.list == "" || l.head {
		return
	}
	ref := reference{}
	for cell := range strings.SplitSeq(strings.Trim(row, "| "), " | ") {
		number := FindNumber(cell)
		switch {
		case ref.number == "" && number != "" && !strings.HasPrefix(strings.TrimSpace(cell), "已") && !strings.HasPrefix(strings.TrimSpace(cell), "被"):
			ref.number = number
			if title := titleInCell(cell); ref.title == "" && title != "" {
				ref.title = title
			}
		case ref.title == "" && number == "":
			ref.title = titleInCell(cell)
		}
	}
	if ref.title == "" && ref.number == "" || endsClause(row) {
		return
	}
	a.add(a.list, ref, l.start, row, a.listDay)
}

// titleInCell returns the title that a cell holds, with or without 《》.
func titleInCell(cell string) string {
	if refs := references(cell); len(refs) > 0 && refs[0].title != "" {
		return refs[0].title
	}
	cell = strings.TrimSpace(cell)
	if i := strings.IndexAny(cell, "（("); i > 0 && FindNumber(cell[i:]) != "" {
		cell = strings.TrimSpace(cell[:i])
	}
	if utf8.RuneCountInString(cell) < 6 || !endsWithGenre(cell) {
		return ""
	}
	return cell
}

// readListItem takes the text that a line of a list names: 1.《…》（…） or 1.关于…的通知（…）.
func (a *actor) readListItem(l line, text string) {
	m, numbered := markerOf(text)
	if !numbered {
		return
	}
	rest := strings.TrimRightFunc(text[m.length:], func(r rune) bool { return unicode.IsSpace(r) || r == '；' || r == '。' })
	if refs := references(rest); len(refs) > 0 && (refs[0].start == 0 || refs[0].title == "") {
		ref := refs[0]
		if ref.title == "" {
			ref.title = titleInCell(rest)
		}
		a.add(a.list, ref, l.start, text, a.listDay)
		return
	}
	if title := titleInCell(rest); title != "" && !containsAny(title, cancels) && !containsAny(title, keeps) {
		a.add(a.list, reference{title: title}, l.start, text, a.listDay)
	}
}
