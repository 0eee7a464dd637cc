package ingest

import (
	"strings"
	"unicode/utf8"
)

// findNumber returns the text's own 发文字号: from the site's table, a line of the head, or the
// bracket after the title.
func (d *describer) findNumber() string {
	if n := FindNumber(d.property("文号", "发文字号", "发文文号", "文件编号")); n != "" {
		return n
	}
	for i := range min(len(d.lines), headLines) {
		if d.lines[i].runes > maxLabelled {
			continue
		}
		text := d.line(i)
		n := FindNumber(text)
		if _, numbered := markerOf(text); n == "" || numbered || endsClause(text) || strings.Contains(text, "《") && !strings.Contains(text, "关于印发") {
			continue
		}
		const words = 14 // 文号： and the like beside it
		spare := utf8.RuneCountInString(squeeze(text)) - utf8.RuneCountInString(n)
		if spare <= words || strings.HasSuffix(squeeze(text), "）") && d.lines[i].heading {
			return n
		}
	}
	for _, label := range append([]string{"文号", "发文字号"}, issuerLabels...) {
		if n := FindNumber(d.labelled(label)); n != "" {
			return n
		}
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
