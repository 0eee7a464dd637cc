package guide

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"xiaoyue/kb/figures"
)

// thing is a part of a text that can be what a question wants: a figure, or a name. Offsets are bytes.
type thing struct {
	text       string
	start, end int
}

// wanted returns the things in a text that can be what a kind of question wants and that the question
// does not hold itself; typed is false where the kind wants neither a figure nor a name, or where the
// text says it in words: 当场办结, 全额补助.
func wanted(r reading, want ask, text string) (found []thing, typed bool) {
	if names, ok := namesWanted(want, text, r.text); ok {
		return names, true
	}
	kinds, ok := kindsOf[want]
	if want == askFigure {
		kinds, ok = anyFigure, true
	}
	if !ok {
		return nil, false
	}
	own, inWords := figures.Find(r.text), want != askFigure && want != askCount
	for _, f := range figures.Find(text) {
		if !slices.Contains(kinds, f.Kind) {
			continue
		}
		inWords = false
		if isClock(text, f) || isName(text, f) || !inMeasure(r.text, f) || slices.ContainsFunc(own, f.Same) {
			continue
		}
		found = append(found, thing{text[f.Start:f.End], f.Start, f.End})
	}
	return found, !inWords
}

// anyFigure are the figures that answer 多少 of anything.
var anyFigure = []figures.Kind{figures.Money, figures.Percent, figures.Count, figures.Number}

// isClock recognises a number that is a year, or part of a time of day or of a date in digits.
func isClock(text string, f figures.Figure) bool {
	before, after := text[:f.Start], text[f.End:]
	if f.Kind != figures.Number {
		return false
	}
	year := len(f.Value) == len("2000") && (strings.HasPrefix(f.Value, "19") || strings.HasPrefix(f.Value, "20"))
	return year || strings.HasPrefix(after, ":") || strings.HasSuffix(before, ":") || strings.HasPrefix(after, "-") || strings.HasSuffix(before, "-")
}

// isName recognises a number that is quoted as a name: “十四五”.
func isName(text string, f figures.Figure) bool {
	return strings.ContainsAny(lastRunes(text[:f.Start], 1), `“"「`) && strings.ContainsAny(firstRunes(text[f.End:], 1), `”"」`)
}

// The units of counts of people, and those in which nothing is produced or sold.
var (
	heads    = []string{"人", "名", "位"}
	articles = []string{"人", "名", "位", "个", "次", "家"}
)

// inMeasure reports whether a figure can be the one that a question asks for by its unit: 44人 for 人数
// and not for 产量, a date with its year for 哪一年. 一个 is an article.
func inMeasure(question string, f figures.Figure) bool {
	switch {
	case f.Kind == figures.Date && containsAny(question, "哪一年", "哪年"):
		return !strings.HasPrefix(f.Value, "-")
	case f.Kind != figures.Count:
		return true
	case f.Value == "1":
		return false
	case containsAny(question, "人数", "多少人", "几个人", "员数量"):
		return slices.Contains(heads, f.Unit)
	case containsAny(question, "产量", "销量", "交付量", "产值"):
		return !slices.Contains(articles, f.Unit)
	}
	return true
}

// titles are the names of works and texts.
var titles = regexp.MustCompile(`《[^《》]{1,60}》`)

// ofOtherTitle reports whether a thing stands behind the title of another text or work than the one the
// question names.
func ofOtherTitle(question, text string, t thing) bool {
	asked := titles.FindAllString(question, -1)
	before := titles.FindAllString(text[:t.start], -1)
	return len(asked) > 0 && len(before) > 0 && !slices.Contains(asked, before[len(before)-1])
}

// near is 1 where a thing stands next to one of some words, falling to 0 at farRunes.
func near(words []string, text string, t thing) float64 {
	best := farRunes
	for _, w := range words {
		if i := strings.LastIndex(text[:t.start], w); i >= 0 {
			best = min(best, utf8.RuneCountInString(text[i+len(w):t.start]))
		}
		if i := strings.Index(text[t.end:], w); i >= 0 {
			best = min(best, utf8.RuneCountInString(text[t.end:t.end+i]))
		}
	}
	return 1 - float64(best)/farRunes
}

const clauseEnds = "，。；！？,;!?\n"

// clauseBounds returns the offsets of the clause that holds a part of a text.
func clauseBounds(text string, from, to int) (int, int) {
	if i := strings.LastIndexAny(text[:from], clauseEnds); i >= 0 {
		from = i + runeLen(text, i)
	} else {
		from = 0
	}
	if i := strings.IndexAny(text[to:], clauseEnds); i >= 0 {
		return from, to + i
	}
	return from, len(text)
}
