// Package figures reads amounts, dates, time limits, ages, percentages and telephone numbers in
// Chinese text, and writes them in one form, so that 三万元, 3万元 and 30,000元 compare equal.
//
// It knows how numbers are written, not what they are about: which amount answers a question is
// decided elsewhere. It uses the standard library alone.
package figures

// Kind says what a figure counts.
type Kind string

// The kinds of figures.
const (
	Money    Kind = "money"    // Value in 元
	Percent  Kind = "percent"  // Value in hundredths, 50 for 50%
	Duration Kind = "duration" // Value in Unit: 年, 个月, 周, 日, 个工作日, 个自然日, 小时, 分钟
	Date     Kind = "date"     // Value 2025-03-01, 2025-03, 2025, --03-01, --03 or ---15
	Age      Kind = "age"      // Value in 岁
	Phone    Kind = "phone"    // Value digits and hyphens
	Count    Kind = "count"    // Value in Unit: 人, 次, 份, 平方米 …
	Ordinal  Kind = "ordinal"  // Value in Unit: 条, 款, 项, 章 … preceded by 第, or 号, 楼, 层
	Number   Kind = "number"   // no unit that we know
)

// Figure is one figure of a text, at byte offsets [Start, End).
type Figure struct {
	Kind       Kind
	Value      string // decimal digits without leading or trailing zeros, or a date
	Unit       string // canonical: 天 is 日, 周岁 is 岁, 工作日 is 个工作日
	Start, End int
}

// Text returns the canonical form: 30000元, 50%, 2025年3月1日, 15个工作日.
func (f Figure) Text() string {
	switch f.Kind {
	case Date:
		return dateText(f.Value)
	case Phone, Number:
		return f.Value
	}
	return f.Value + f.Unit
}

// Same reports whether two figures say the same: kind, value and unit agree.
func (f Figure) Same(g Figure) bool {
	return f.Kind == g.Kind && f.Value == g.Value && f.Unit == g.Unit
}

// maxFigures bounds the figures read from one text.
const maxFigures = 20000

// Find returns the figures of a text in order, not overlapping. In a range (1000—3000元) the first
// figure takes the unit of the second. Chinese numerals count as figures only where a unit follows
// or where they hold 十, 百, 千, 万 or 亿, so that 一般 and 统一 are words.
func Find(text string) []Figure {
	s := newScanner(text)
	var found []Figure
	for s.at < len(s.runes) && len(found) < maxFigures {
		f, ok := s.next()
		if !ok {
			s.pass()
			continue
		}
		found = append(found, f)
	}
	shareUnits(found, s)
	return found
}

// shareUnits gives the first figure of a range the kind and unit of the second. 万 and 亿 are shared
// as well: 3-5万元 is 30000 to 50000.
func shareUnits(found []Figure, s *scanner) {
	for i := len(found) - 2; i >= 0; i-- {
		f, g := &found[i], found[i+1]
		if f.Kind != Number || g.Kind == Number || g.Kind == Date || g.Kind == Phone || !s.rangeBetween(f.End, g.Start) {
			continue
		}
		f.Kind, f.Unit = g.Kind, g.Unit
		if m := s.multiplier[g.Start]; m > 0 && s.multiplier[f.Start] == 0 {
			f.Value = times(f.Value, m)
		}
	}
}
