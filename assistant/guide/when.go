package guide

import (
	"slices"
	"strings"

	"xiaoyue/kb"
	"xiaoyue/kb/figures"
)

// when is the day a question asks about. A question that names only a year or a month leaves open
// which day of it is meant: days are then tried in order.
type when struct {
	days     []kb.Date
	explicit bool // the question's own words say so
	year     int  // that the question names, 0 for none
}

// relativeYears are words for years counted from today.
var relativeYears = []struct {
	word string
	add  int
}{{"大前年", -3}, {"前年", -2}, {"去年", -1}, {"上一年", -1}, {"上年度", -1}, {"明年", 1}, {"今年", 0}}

// nowWords say that today counts, whatever other dates a question tells.
var nowWords = []string{"现在", "目前", "当前", "现行", "如今", "眼下", "最新"}

// pastEvents are what people tell of themselves with a date: the rule asked for is that of today.
var pastEvents = []string{"毕业", "出生", "生的", "入学", "参加工作", "届", "级", "参保", "退休", "结婚", "考上", "上学", "入职"}

// whenOf returns the day that a question asks about, today being the day it is asked.
func whenOf(question string, today kb.Date) when {
	now := when{days: []kb.Date{today}}
	if containsAny(question, nowWords...) {
		return now
	}
	year, rest := relativeYear(question, today)
	for _, f := range figures.Find(rest) {
		if f.Kind != figures.Date || isPastEvent(rest[f.End:]) {
			continue
		}
		if days := daysOf(f.Value, year, today); days != nil {
			return when{before(days, rest[f.End:]), true, days[0].Year()}
		}
	}
	if year == 0 {
		return now
	}
	if isPastEvent(rest) {
		return now
	}
	return when{yearDays(year, today), true, year}
}

// relativeYear returns the year that 去年 and its like name, 0 for none, and what follows the word.
func relativeYear(question string, today kb.Date) (int, string) {
	for _, r := range relativeYears {
		if i := strings.Index(question, r.word); i >= 0 {
			return today.Year() + r.add, question[i+len(r.word):]
		}
	}
	return 0, question
}

func isPastEvent(rest string) bool {
	rest = firstRunes(strings.TrimLeft(rest, "的我就已经刚从在"), 5)
	return slices.ContainsFunc(pastEvents, func(w string) bool {
		i := strings.Index(rest, w)
		return i >= 0 && i <= len("本科硕")
	})
}

// daysOf returns the days that a date figure may mean; nil where it names no year.
func daysOf(value string, year int, today kb.Date) []kb.Date {
	if rest, ok := strings.CutPrefix(value, "--"); ok && !strings.HasPrefix(rest, "-") {
		if year == 0 {
			return nil
		}
		value = kb.MustDate("2000-01-01").Add(year-2000, 0, 0).String()[:4] + "-" + rest
	}
	switch strings.Count(value, "-") {
	case 0:
		return yearDays(atoi(value), today)
	case 1:
		first, err := kb.ParseDate(value + "-01")
		if err != nil {
			return nil
		}
		return []kb.Date{first.Add(0, 1, -1), first}
	}
	d, err := kb.ParseDate(value)
	if err != nil {
		return nil
	}
	return []kb.Date{d}
}

// yearDays returns the days that stand for a year: of the running year today, of a past year its
// end, middle and beginning, of a coming year today first, for rules are announced before they hold.
func yearDays(year int, today kb.Date) []kb.Date {
	end := dateOf(year, "12-31")
	switch {
	case year == today.Year():
		return []kb.Date{today}
	case year > today.Year():
		return []kb.Date{dateOf(year, "01-01"), end, today}
	}
	return []kb.Date{end, dateOf(year, "06-30"), dateOf(year, "01-01")}
}

func dateOf(year int, monthDay string) kb.Date {
	if year < 1 || year > 9999 {
		return kb.Date{}
	}
	return kb.MustDate("2000-"+monthDay).Add(year-2000, 0, 0)
}

// before moves a day back where the question says 以前 or 之前 behind it.
func before(days []kb.Date, rest string) []kb.Date {
	if len(days) == 1 && (strings.HasPrefix(rest, "以前") || strings.HasPrefix(rest, "之前") || strings.HasPrefix(rest, "前")) {
		return []kb.Date{days[0].Add(0, 0, -1)}
	}
	return days
}

func atoi(s string) int {
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' || n > 9999 {
			return 0
		}
		n = n*10 + int(r-'0')
	}
	return n
}

// withoutFigures takes dates, numbers and amounts out of a question: they are scope, or facts of the
// asker's case, which rules name otherwise.
func withoutFigures(question string) string {
	var b strings.Builder
	at := 0
	for _, f := range figures.Find(question) {
		if f.Kind == figures.Ordinal || f.Kind == figures.Phone || f.Kind == figures.Number && len(f.Value) > 6 || strings.HasPrefix(question[f.End:], "事") {
			continue // names and codes
		}
		b.WriteString(question[at:f.Start])
		b.WriteString(" ")
		at = f.End
	}
	b.WriteString(question[at:])
	return b.String()
}
