package ingest

import (
	"strings"
	"unicode"

	"xiaoyue/kb"
	"xiaoyue/kb/privacy"
)

// describer finds out by rule what a text is: title, issuer, number, dates, validity, acts on other
// texts, place, access. Rules read what is printed and compute nothing that is not stated.
type describer struct {
	page
	nodes      []node
	properties map[string]string
	regions    *kb.Regions // nil: no region is read
	options    BuildOptions
	titleAt    int    // line of the title where a style marks it, or -1
	own        []span // sentences of the text itself, annexes apart
	ownNumber  string
}

// description is what was found.
type description struct {
	title, issuer, number string
	issued, published     kb.Date
	validity              kb.Validity
	validityAt            int // byte of the sentence that states it, -1 if none
	acts                  []stated
	region, zone          string
	audience              []string
	access                kb.Access
}

func newDescriber(p page, nodes []node, properties map[string]string, o BuildOptions) *describer {
	d := &describer{page: p, nodes: nodes, properties: properties, regions: o.Regions, options: o}
	d.titleAt = (&outline{page: p}).titleLine()
	if o.sheets {
		d.titleAt = -1 // the headings are names of sheets
	}
	end := len(p.lines)
	for _, n := range nodes[1:] {
		if n.rank == rankAnnex {
			end = n.first
			break
		}
	}
	d.own = d.sentences(0, end)
	return d
}

// describe applies all rules.
func (d *describer) describe() description {
	var out description
	if out.title = d.options.Title; out.title == "" {
		out.title = d.findTitle()
	}
	out.number = d.findNumber()
	d.ownNumber = out.number
	out.issuer = d.findIssuer(out.title)
	out.issued = d.findIssued()
	out.published = d.findPublished()
	out.validity, out.validityAt = d.findValidity(out.issued, out.published)
	out.validity.Transitional = !interprets(out.title) && d.findTransitional()
	out.acts = d.findActs(out.title, d.actsFrom(out))
	out.region = d.findRegion(out.issuer, out.title)
	out.zone = d.options.Zone
	if zone := d.property("专区"); zone != "" {
		out.zone = zone
	}
	out.audience = d.findAudience(out.title)
	out.access = d.findAccess()
	return out
}

// actsFrom is the first day of the effects that the text states without a day of their own.
func (d *describer) actsFrom(out description) kb.Date {
	if !out.validity.From.IsZero() {
		return out.validity.From
	}
	return later(out.issued, out.published)
}

// findIssued returns the 成文日期: of the site's table, of the signature, or of the adoption that
// rules print under their title.
func (d *describer) findIssued() kb.Date {
	if day := d.dateProperty("成文日期", "发文日期", "生成日期", "制定日期"); !day.IsZero() {
		return day
	}
	if i := d.signatureLine(); i >= 0 {
		day, _ := dateAt(d.line(i))
		return day
	}
	if day := d.adoption(); !day.IsZero() {
		return day
	}
	for _, label := range append([]string{"成文日期", "发文日期", "制定日期", "印发日期", "编制日期", "更新日期", "公示日期"}, issuerLabels...) {
		if day := d.labelledDate(label); !day.IsZero() {
			return day
		}
	}
	return d.closingDate()
}

// adoption reads the history that rules print under their title, 2024年11月28日 …会议修订; its last
// date is that of the version.
func (d *describer) adoption() kb.Date {
	last := kb.Date{}
	for i := range min(len(d.lines), headLines) {
		if day := d.historyLine(i); day.After(last) {
			last = day
		}
	}
	return last
}

// historyLine returns the last date of a line that tells when a rule was adopted or amended; the
// zero Date where line i is none.
func (d *describer) historyLine(i int) kb.Date {
	text := strings.TrimLeft(d.line(i), "（( 　")
	if _, n := dateAt(text); n == 0 || i >= headLines || !containsAny(text, []string{"通过", "公布", "发布", "修订", "修正", "修改", "批准", "印发"}) {
		return kb.Date{}
	}
	last := kb.Date{}
	for at := range text {
		if day, n := dateAt(text[at:]); n > 0 && day.After(last) {
			last = day
		}
	}
	return last
}

// closingDate reads the signature of running text: the date after an authority with which it ends.
func (d *describer) closingDate() kb.Date {
	tail := d.page.text[max(0, len(d.page.text)-120):]
	for i := range tail {
		day, n := dateAt(tail[i:])
		if n == 0 || strings.Trim(tail[i+n:], "。） ") != "" {
			continue
		}
		before := strings.FieldsFunc(tail[:i], func(r rune) bool { return unicode.IsSpace(r) || r == '。' })
		if len(before) > 0 && isOrgan(before[len(before)-1]) {
			return day
		}
	}
	return kb.Date{}
}

func (d *describer) findPublished() kb.Date {
	labels := []string{"发布日期", "发布时间", "公开日期", "公布日期", "发布于", "PubDate"}
	if day := d.dateProperty(labels...); !day.IsZero() {
		return day
	}
	for _, label := range labels {
		if day := d.labelledDate(label); !day.IsZero() {
			return day
		}
	}
	return kb.Date{}
}

// property returns the first property that is there under one of the names.
func (d *describer) property(names ...string) string {
	for _, n := range names {
		if v := strings.TrimSpace(d.properties[n]); v != "" {
			v, _ = privacy.Mask(v)
			return v
		}
	}
	return ""
}

func (d *describer) dateProperty(names ...string) kb.Date {
	for _, n := range names {
		if day, length := dateAt(strings.TrimSpace(d.properties[n])); length > 0 {
			return day
		}
	}
	return kb.Date{}
}

// maxLabelled is the longest line, in characters, in which a label is looked for.
const maxLabelled = 300

// labelled returns what follows a label in the head or at the end of the text: 发布机构：…, | 文号 | … |.
func (d *describer) labelled(label string) string {
	for i := range d.lines {
		if i > headLines && i < len(d.lines)-headLines || d.lines[i].runes > maxLabelled {
			continue
		}
		_, after, ok := strings.Cut(d.line(i), label)
		if !ok {
			continue
		}
		value := strings.TrimLeft(after, "：:| 　")
		if len(value) == len(after) || value == "" {
			continue
		}
		value, _, _ = strings.Cut(value, " |")
		return value
	}
	return ""
}

func (d *describer) labelledDate(label string) kb.Date {
	value := d.labelled(label)
	for at := range value {
		if day, n := dateAt(value[at:]); n > 0 {
			return day
		}
	}
	return kb.Date{}
}
