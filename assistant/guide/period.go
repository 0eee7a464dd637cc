package guide

import (
	"regexp"
	"slices"
	"strings"

	"xiaoyue/retrieval/segment"
)

// periods are the years and the parts of years that a text tells of.
type periods struct{ years, parts []string }

var (
	yearPattern = regexp.MustCompile(`(?:^|[^0-9])((?:19|20)\d\d)(?:年|[-–—/]|财年|赛季|[^0-9.,%万亿]|$)`)
	partPattern = regexp.MustCompile(`前?[一二三四1-4](?:、[一二三四1-4])*季度|[上下]半年|前[一二三四五六七八九十]+个?月|全年|[qQ][1-4]`)
	// compared are years that a text only measures by.
	compared = regexp.MustCompile(`(?:比|较|相比|同比|对比|自|超过|高于|低于|不及)\s*(?:19|20)\d\d年?|(?:19|20)\d\d年(?:以来|相比|同期)`)
	// published is the day on which a page came out, as the summaries of search engines begin.
	published = regexp.MustCompile(`(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{1,2}, (20\d\d) \.\.\.`)
)

// periodsOf returns the periods of which a text tells.
func periodsOf(text string) periods {
	text = compared.ReplaceAllString(segment.Normal(published.ReplaceAllString(text, "")), "")
	var p periods
	for _, m := range yearPattern.FindAllStringSubmatch(text, -1) {
		p.years = append(p.years, m[1])
	}
	p.parts = partPattern.FindAllString(text, -1)
	return p
}

// last keeps the last year and part of a year, which hold for what follows.
func (p periods) last() periods {
	return periods{p.years[max(0, len(p.years)-1):], p.parts[max(0, len(p.parts)-1):]}
}

// part returns the part of a year that is told of, in one writing; "" where there is none or several.
func (p periods) part() string {
	if len(p.parts) != 1 {
		return ""
	}
	part := strings.NewReplacer("1", "一", "2", "二", "3", "三", "4", "四").Replace(p.parts[0])
	if n, ok := strings.CutPrefix(strings.ToLower(part), "q"); ok {
		return n + "季度"
	}
	return part
}

// toldAround returns the periods of which is told around a part of a candidate's words, nearest first:
// in it, in the words before it and behind it, above the unit, and in its passage before it.
func toldAround(c candidate, said string, from, to int) []periods {
	above := strings.Join(c.unit.above, "\n") + "\n" + c.source.doc.Title
	return []periods{periodsOf(said[from:to]), periodsOf(said[:from]).last(), periodsOf(said[to:]), periodsOf(above), periodsOf(c.source.before(c.unit)).last()}
}

// fits compares the periods asked about with those told: named, where the nearest that tells of a year
// tells of the one asked about; clash, where it tells of another, or of another part of the year.
func (p periods) fits(told []periods) (named, clash bool) {
	if len(p.years) == 0 {
		return false, false
	}
	for _, t := range told {
		if len(t.years) > 0 {
			named = slices.ContainsFunc(t.years, func(y string) bool { return slices.Contains(p.years, y) })
			clash = !named
			break
		}
	}
	for _, t := range told[:2] { // the clause, and what it goes on from
		if part := t.part(); part != "" {
			whole := p.part() == "" && part == "全年"
			return named, clash || part != p.part() && !whole
		}
	}
	return named, clash
}

// outlived reports whether a page that came out in another year than the one asked about, or the next,
// can hardly tell of it.
func (p periods) outlived(text string) bool {
	m := published.FindStringSubmatch(text)
	return m != nil && len(p.years) > 0 && !slices.ContainsFunc(p.years, func(y string) bool { return atoi(m[1]) == atoi(y) || atoi(m[1]) == atoi(y)+1 })
}

// before returns what stands before a unit in its passage.
func (s *source) before(u unit) string {
	if at := u.start - s.passage.Start; at > 0 && at <= len(s.passage.Text) {
		return s.passage.Text[:at]
	}
	return ""
}
