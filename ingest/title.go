package ingest

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// headLines is how many lines at the head of a text can belong to its head: red head, number, title.
const headLines = 20

// genres are the ends of titles of official texts (文种 and kinds of rules).
var genres = []string{"通知", "通告", "公告", "公报", "通报", "决定", "决议", "命令", "意见", "报告", "请示", "批复", "议案", "函", "纪要",
	"办法", "细则", "规定", "规则", "条例", "方案", "措施", "规划", "计划", "要点", "指南", "规程", "规范", "标准", "目录", "清单", "名单",
	"解读", "问答", "解答", "口径", "政策", "制度", "预案", "章程", "法", "准则", "须知", "流程", "一览表", "汇总表", "表", "手册", "指引", "若干"}

// endsWithGenre reports whether a line ends as titles do, a version in brackets apart.
func endsWithGenre(s string) bool {
	s = strings.TrimSpace(s)
	if strings.HasSuffix(s, "）") || strings.HasSuffix(s, ")") {
		if i := strings.LastIndexAny(s, "（("); i > 0 {
			s = strings.TrimSpace(s[:i])
		}
	}
	for _, g := range genres {
		if strings.HasSuffix(s, g) {
			return true
		}
	}
	return false
}

// findTitle returns the title of a text: the heading that a style marks, else the first line of the
// head that reads like a title (continued over several lines where it has to be), else what the
// file's properties say, else its first line.
func (d *describer) findTitle() string {
	if i := d.titleAt; i >= 0 {
		return collapse(d.line(i))
	}
	if t := d.headTitle(); t != "" {
		return t
	}
	if t := d.property("title", "标题", "ArticleTitle"); usableTitle(t) {
		return t
	}
	if t := aboutTitle(d.page.text); t != "" {
		return t
	}
	for i := range d.lines {
		if d.lines[i].table == 0 && d.lines[i].runes <= maxTitle*2 && FindNumber(d.line(i)) == "" {
			return collapse(d.line(i))
		}
	}
	return ""
}

// headTitle joins the lines of the head up to one that ends with a genre.
func (d *describer) headTitle() string {
	var parts []string
	for i := range min(len(d.lines), headLines) {
		text := d.line(i)
		if d.lines[i].table > 0 || d.lines[i].runes > maxTitle*2 || strings.ContainsAny(text, "。；：:") {
			parts = nil
			continue
		}
		if d.isHeadMark(text) {
			parts = nil
			continue
		}
		parts = append(parts, text)
		if !endsWithGenre(text) || isRedHead(text) {
			continue
		}
		if len(parts) > 1 && !titleContinues(parts) {
			parts = parts[len(parts)-1:]
		}
		return collapse(strings.Join(parts, ""))
	}
	return ""
}

// isHeadMark recognises lines of the head that are no title: number, date, secrecy, page numbers.
func (d *describer) isHeadMark(text string) bool {
	if isSignatureDate(text) || isRedHead(text) {
		return true
	}
	if n := FindNumber(text); n != "" && utf8.RuneCountInString(text) <= utf8.RuneCountInString(n)+14 && !strings.Contains(text, "关于") {
		return true
	}
	_, secret := secrecy(text)
	_, numbered := markerOf(text)
	return secret || numbered
}

// titleContinues reports whether lines before the last one belong to the same title: 越州市人民政府 /
// 关于… / …的通知.
func titleContinues(parts []string) bool {
	return strings.Contains(strings.Join(parts, ""), "关于") && len(parts) <= 4
}

func isRedHead(text string) bool {
	squeezed := squeeze(text)
	return strings.HasSuffix(squeezed, "文件") && isOrgan(strings.TrimSuffix(squeezed, "文件"))
}

// aboutTitle finds 关于…的通知 in running text.
func aboutTitle(text string) string {
	const reach = 600
	head := truncate(text, reach)
	i := strings.Index(head, "关于")
	if i < 0 {
		return ""
	}
	rest := head[i:]
	for _, g := range []string{"的通知", "的通告", "的公告", "的意见", "的决定", "的批复", "的函"} {
		if j := strings.Index(rest, g); j > 0 && !strings.ContainsAny(rest[:j], "。；\n") && utf8.RuneCountInString(rest[:j]) <= 80 {
			return rest[:j+len(g)]
		}
	}
	return ""
}

func usableTitle(t string) bool {
	n := utf8.RuneCountInString(t)
	return n >= 4 && n <= 120 && strings.ContainsFunc(t, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// squeeze removes all white space; collapse keeps single spaces between letters and digits only.
func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

func collapse(s string) string {
	fields := strings.Fields(s)
	var b strings.Builder
	for i, f := range fields {
		if i > 0 {
			last, _ := utf8.DecodeLastRuneInString(fields[i-1])
			next, _ := utf8.DecodeRuneInString(f)
			if last < 0x2e80 || next < 0x2e80 {
				b.WriteByte(' ')
			}
		}
		b.WriteString(f)
	}
	return b.String()
}
