package ingest

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"xiaoyue/kb"
)

// endIn reads the last day in force: 有效期至…, 有效期3年, 试行两年, 执行至…. A period counts from the
// first day; without one nothing is computed. The first day is returned as well, since a period may
// state it: 有效期自…至….
func endIn(s string, from kb.Date) (start, end kb.Date) {
	for _, w := range []string{"有效期", "试行期", "试行", "执行期", "实施期", "施行期", "执行", "实施", "施行", "截止"} {
		for at := 0; ; {
			i := strings.Index(s[at:], w)
			if i < 0 {
				break
			}
			before := s[:at+i]
			at += i + len(w)
			if ofSomethingElse(before, w) {
				continue
			}
			if start, end := periodAt(s[at:], from, strings.HasSuffix(w, "期") || w == "试行"); !end.IsZero() {
				return start, end
			}
		}
	}
	return from, kb.Date{}
}

// ofSomethingElse reports whether 有效期 is that of a certificate rather than of the text.
func ofSomethingElse(before, w string) bool {
	if w != "有效期" {
		return false
	}
	const reach = 90 // bytes
	before = strings.TrimRightFunc(strings.ToValidUTF8(before[max(0, len(before)-reach):], ""), unicode.IsSpace)
	if before == "" || strings.Contains(before, "认定之日") || strings.Contains(before, "发证之日") {
		return before != ""
	}
	r, _ := utf8.DecodeLastRuneInString(before)
	return !strings.ContainsRune("，。；、（(期策法知见则定例案施程准范录件度", r)
}

// periodAt reads what follows 有效期 or its kin: an end date, a range or, where period is true, a
// number of years or months.
func periodAt(s string, from kb.Date, period bool) (start, end kb.Date) {
	if i := strings.IndexAny(s, "。；"); i >= 0 {
		s = s[:i]
	}
	s = strings.TrimPrefix(strings.TrimLeft(s, "限为是：: 　"), "自")
	if day, n := dateAt(s); n > 0 {
		s, from = strings.TrimPrefix(s[n:], "起"), day
	}
	for _, to := range []string{"至", "到", "截至", "截止", "—", "-", "－", "~"} {
		if rest, ok := strings.CutPrefix(s, to); ok {
			end, _ = dateAt(strings.TrimLeft(rest, " 　"))
			return from, end
		}
	}
	if !period || from.IsZero() {
		return from, kb.Date{}
	}
	return from, lengthEnd(s, from)
}

// lengthEnd reads 三年 or 6个月 counted from a day, and 三年，至2023年6月30日止, where the stated day counts.
func lengthEnd(s string, from kb.Date) kb.Date {
	n, length := numeral(s)
	if length == 0 || n == 0 || n > 50 {
		return kb.Date{}
	}
	rest := strings.TrimLeft(s[length:], " 个")
	years, months := n, 0
	switch {
	case strings.HasPrefix(rest, "月"):
		years, months = 0, n
	case !strings.HasPrefix(rest, "年"):
		return kb.Date{}
	}
	const near = 20
	if i := strings.IndexAny(rest, "至到"); i >= 0 && i < near {
		if stated, n := dateAt(rest[i+len("至"):]); n > 0 {
			return stated
		}
	}
	return from.Add(years, months, -1)
}
