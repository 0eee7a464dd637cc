package ingest

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

func itoa(n int) string { return strconv.Itoa(n) }

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

// organEnds are the ends of names of authorities.
var organEnds = []string{"人民政府", "政府办公室", "政府办公厅", "办公室", "办公厅", "委员会", "管委会", "局", "厅", "部", "委", "院", "署", "处", "科",
	"中心", "分行", "总队", "支队", "人大常委会", "国务院", "法院", "检察院", "总会", "联合会", "总工会", "妇联", "领导小组", "指挥部", "街道办事处", "大学", "学院", "集团", "公司", "所", "站", "馆"}

func isOrgan(s string) bool {
	n := utf8.RuneCountInString(s)
	if n < 3 || n > 40 || strings.ContainsAny(s, "，。；：《》、:|") {
		return false
	}
	for _, e := range organEnds {
		if strings.HasSuffix(s, e) {
			return true
		}
	}
	return false
}

// organs returns the line as issuers where every part of it names an authority.
func organs(text string) string {
	parts := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '、' })
	if len(parts) == 0 {
		return ""
	}
	for _, p := range parts {
		if !isOrgan(p) {
			whole := squeeze(text)
			if len(parts) > 1 && isOrgan(whole) && utf8.RuneCountInString(whole) <= 24 {
				return whole // letters spread over the line
			}
			return ""
		}
	}
	return strings.Join(parts, "　")
}

// issuerLabels introduce the issuer in tables of sites and heads of guides.
var issuerLabels = []string{"发文机关", "发布机构", "发布机关", "制定机关", "发文单位", "发布单位", "印发机关", "信息来源", "来源", "公开主体", "主办单位", "编制单位", "制发", "ContentSource"}

// findIssuer returns the 发文机关: from the site's table, the signature above the date, the red
// head, a label, or the title.
func (d *describer) findIssuer(title string) string {
	if v := d.property(issuerLabels...); v != "" {
		if named := organs(v); named != "" {
			return named
		}
		return v
	}
	if v := d.signature(); v != "" {
		return v
	}
	for i := range min(len(d.lines), headLines) {
		if text := squeeze(d.line(i)); isRedHead(text) {
			return strings.TrimSuffix(text, "文件")
		}
	}
	for _, label := range issuerLabels {
		if v := d.labelled(label); v != "" {
			v, _, _ = strings.Cut(v, "　")
			if fields := strings.Fields(v); len(fields) > 0 && isOrgan(fields[0]) {
				return fields[0]
			}
		}
	}
	before, _, about := strings.Cut(title, "关于")
	if v := organs(before); about && v != "" {
		return v
	}
	for i := range min(len(d.lines), headLines) {
		if v := organs(d.line(i)); v != "" && d.lines[i].table == 0 {
			return v
		}
	}
	return ""
}

// signature returns the authorities that sign above the first date line.
func (d *describer) signature() string {
	at := d.signatureLine()
	var names []string
	for i := at - 1; i >= 0 && i >= at-8; i-- {
		v := organs(d.line(i))
		if v == "" || d.lines[i].table > 0 {
			break
		}
		names = append([]string{v}, names...)
	}
	return strings.Join(names, "　")
}

// signatureLine returns the first line that is a date with an authority above it, else the last
// line that is a date alone, else -1.
func (d *describer) signatureLine() int {
	last := -1
	for i := range d.lines {
		if d.lines[i].table > 0 || !isSignatureDate(d.line(i)) {
			continue
		}
		last = i
		if i > 0 && organs(d.line(i-1)) != "" {
			return i
		}
	}
	return last
}

// findNumber returns the text's own 发文字号: from the site's table, a line of the head, or the
// bracket after the title.
func (d *describer) findNumber() string {
	if n := FindNumber(d.property("文号", "发文字号", "发文文号", "文件编号")); n != "" {
		return n
	}
	for i := range min(len(d.lines), headLines) {
		text := d.line(i)
		n := FindNumber(text)
		if _, numbered := markerOf(text); n == "" || numbered || endsClause(text) || strings.Contains(text, "《") && !strings.Contains(text, "关于印发") {
			continue
		}
		spare := utf8.RuneCountInString(squeeze(text)) - utf8.RuneCountInString(n)
		if spare <= 14 || strings.HasSuffix(squeeze(text), "）") && d.lines[i].heading {
			return n
		}
	}
	if n := FindNumber(d.labelled("文号")); n != "" {
		return n
	}
	if n := FindNumber(d.labelled("发文字号")); n != "" {
		return n
	}
	return d.orderNumber()
}

// orderNumber reads the number of an order (国务院令第273号) or a notice (2024年第5号) in the head.
func (d *describer) orderNumber() string {
	for i := range min(len(d.lines), headLines) {
		text := squeeze(d.line(i))
		if d.lines[i].runes > 30 || !strings.HasSuffix(text, "号") {
			continue
		}
		at := strings.Index(text, "令第")
		if at < 0 {
			at = strings.Index(text, "年第")
		}
		if at < 0 {
			continue
		}
		if _, n := numeral(text[at+len("令第"):]); n > 0 && strings.HasPrefix(text[at+len("令第")+n:], "号") {
			return text
		}
	}
	return ""
}
