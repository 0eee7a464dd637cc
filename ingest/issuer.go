package ingest

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// organEnds are the ends of names of authorities.
var organEnds = []string{"人民政府", "政府办公室", "政府办公厅", "办公室", "办公厅", "委员会", "管委会", "局", "厅", "部", "委", "院", "署", "处", "科",
	"中心", "分行", "总队", "支队", "人大常委会", "国务院", "法院", "检察院", "总会", "联合会", "总工会", "妇联", "领导小组", "指挥部", "街道办事处", "大学", "学院", "集团", "公司", "所", "站", "馆"}

func isOrgan(s string) bool {
	n := utf8.RuneCountInString(s)
	if n < 3 || n > 40 || strings.ContainsAny(s, "，。；：《》、:|") || strings.HasSuffix(s, "大厅") {
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
var issuerLabels = []string{"发文机关", "发布机构", "发布机关", "制定机关", "发文单位", "发布单位", "印发机关", "信息来源", "来源", "公开主体", "主办单位", "编制单位", "公布单位", "公示单位", "制表单位", "制定单位", "填报单位", "制发", "ContentSource"}

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
		if text := d.line(i); d.lines[i].runes <= maxLabelled && isRedHead(text) {
			return strings.TrimSuffix(squeeze(text), "文件")
		}
	}
	for _, label := range issuerLabels {
		words := strings.FieldsFunc(d.labelled(label), func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("（(，,", r) })
		if len(words) > 0 && isOrgan(words[0]) {
			return words[0]
		}
	}
	before, _, about := strings.Cut(title, "关于")
	if v := organs(before); about && v != "" {
		return v
	}
	for i := range min(len(d.lines), headLines) {
		if d.lines[i].table > 0 || d.lines[i].runes > maxLabelled {
			continue
		}
		if v := organs(d.line(i)); v != "" {
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
