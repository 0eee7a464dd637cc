package guide

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"xiaoyue/kb/figures"
)

// kindsOf are the figures that a kind of question wants.
var kindsOf = map[ask][]figures.Kind{
	askAmount: {figures.Money}, askFee: {figures.Money}, askRatio: {figures.Percent}, askDuration: {figures.Duration},
	askDate: {figures.Date}, askAge: {figures.Age}, askCount: {figures.Count, figures.Number}, askPhone: {figures.Phone},
}

// farRunes is the distance from which on a figure is not taken to be of a word.
const farRunes = 12

// closeLead is the closeness of an entry whose lead holds a word of the focus.
const closeLead = 0.75

// closeness is 1 where a figure of the kind asked for stands next to a word of the question's focus,
// falling to 0 at farRunes, and 0 where there is none.
func closeness(r reading, want ask, u unit) float64 {
	said := u.said
	words := r.focusWords()
	best := farRunes
	for _, f := range figures.Find(said) {
		if !slices.Contains(kindsOf[want], f.Kind) {
			continue
		}
		for _, w := range words {
			i := strings.LastIndex(said[:f.Start], w)
			if i < 0 || containsAny(said[i+len(w):f.Start], "满后", "届满", "之日起", "以后", "之后") {
				continue
			}
			best = min(best, utf8.RuneCountInString(said[i+len(w):f.Start]))
		}
	}
	near := 1 - float64(best)/farRunes
	if u.kind == entry && containsAny(u.lead, words...) {
		near = max(near, closeLead)
	}
	return near
}

// focusWords are the required words of a question and the pairs of its focus.
func (r reading) focusWords() []string {
	var words []string
	for w := range requires {
		if strings.Contains(r.text, w) {
			words = append(words, w)
		}
	}
	if len(words) > 0 {
		return words
	}
	for _, c := range r.chunks {
		for i := 0; c.focus && i+1 < len(c.runes); i++ {
			if !c.light[i] && !c.light[i+1] {
				words = append(words, string(c.runes[i:i+2]))
			}
		}
	}
	return words
}

// measuresOf are the units of figures that answer a question in a measure of its own.
var measuresOf = []struct {
	words []string
	units []string
}{
	{[]string{"几个月", "多少个月", "多少月"}, []string{"个月"}},
	{[]string{"几年", "多少年"}, []string{"年"}},
	{[]string{"几天", "多少天", "几日", "几个工作日", "多少个工作日"}, []string{"日", "个工作日", "个自然日"}},
	{[]string{"几次", "多少次"}, []string{"次"}},
	{[]string{"几份", "多少份"}, []string{"份"}},
	{[]string{"多少人", "几个人", "多少名"}, []string{"人"}},
	{[]string{"多少平", "多大面积", "几平"}, []string{"平方米"}},
	{[]string{"最多", "最长", "最高"}, nil},
}

// denials are words of questions and of rules about what is not the case.
var denials = struct{ asked, said []string }{
	[]string{"没有", "只有", "没", "不"}, []string{"不", "未", "仅", "无"},
}

// longEnough is the number of months from which on a figure answers a question in years.
const longEnough = 12

// everyHowLong asks how often something happens.
var everyHowLong = regexp.MustCompile(`(?:多久|多长时间)[^，。]{0,4}一次`)

// fitsMeasure reports whether a text holds a time in the measure that a question names: years, months
// or days.
func fitsMeasure(question, said string) bool {
	var fits func(figures.Figure) bool
	switch {
	case strings.Contains(question, "满多久") || strings.Contains(question, "满几"):
		return strings.Contains(said, "满")
	case everyHowLong.MatchString(question):
		return frequency.MatchString(said)
	case containsAny(question, "几年", "多少年"):
		fits = func(f figures.Figure) bool {
			return f.Unit == "年" || f.Unit == "个月" && atoi(f.Value) >= longEnough
		}
	case containsAny(question, "几个月", "多少个月"):
		fits = func(f figures.Figure) bool { return f.Unit == "年" || f.Unit == "个月" }
	default:
		return true
	}
	return slices.ContainsFunc(figures.Find(said), func(f figures.Figure) bool { return f.Kind == figures.Duration && fits(f) })
}

// limits say that a figure is the most there is.
var limits = []string{"不超过", "最长", "最高", "累计", "上限", "限额"}

// measured reports whether a text holds a figure in the measure that a question names, and a limit
// where it asks for one.
func measured(question, said string) bool {
	named := false
	for _, m := range measuresOf {
		if !containsAny(question, m.words...) {
			continue
		}
		named = true
		if m.units == nil && !containsAny(said, limits...) {
			return false
		}
		in := func(f figures.Figure) bool { return slices.Contains(m.units, f.Unit) }
		if m.units != nil && !slices.ContainsFunc(figures.Find(said), in) {
			return false
		}
	}
	return named
}
