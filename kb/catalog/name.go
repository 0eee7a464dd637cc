package catalog

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// numberPattern finds a 发文字号: words, a bracketed year, a serial; or 令第N号, which has no year.
var (
	numberPattern = regexp.MustCompile(`[\p{Han}A-Za-z]+[〔\[［(（【〈]\d{4}[〕\]］)）】〉]第?0*(\d+)号|[\p{Han}]+令第?0*(\d+)号`)
	quotedTitle   = regexp.MustCompile(`《([^《》]+(?:《[^《》]*》[^《》]*)*)》`)
	aboutTitle    = regexp.MustCompile(`^.*?(?:关于|转发)(?:印发|公布|发布|转发|颁布).*?《(.+)》`)
	orderSerial   = regexp.MustCompile(`令第?0*(\d+)号$`)
	yearBracket   = regexp.MustCompile(`[〔\[［(（【〈](\d{4})[〕\]］)）】〉]第?0*(\d)`)
)

// normalNumber returns a 发文字号 in one spelling: no spaces, half-width digits, 〔2025〕3号.
// What is not one is returned without spaces.
func normalNumber(s string) string {
	s = narrow(s)
	if m := numberPattern.FindString(s); m != "" {
		s = m
	}
	return orderSerial.ReplaceAllString(yearBracket.ReplaceAllString(s, "〔$1〕$2"), "令${1}号")
}

// normalTitle returns a title without book marks around it and without what varies in print:
// spaces, full and half width, punctuation.
func normalTitle(s string) string {
	s = narrow(s)
	if m := quotedTitle.FindStringSubmatch(s); m != nil && len(m[0]) == len(s) {
		s = m[1]
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPunct(r) || unicode.IsSymbol(r) {
			return -1
		}
		return r
	}, s)
}

// reference splits the words by which a text names another into a normal number and a normal
// title; either may be empty.
func reference(s string) (number, title string) {
	s = narrow(s)
	title = s
	if m := quotedTitle.FindStringSubmatchIndex(s); m != nil {
		title = s[m[2]:m[3]]
		s = s[:m[0]] + " " + s[m[1]:] // a number inside a title is not the number of the text
	}
	if m := numberPattern.FindString(s); m != "" {
		number = normalNumber(m)
		if title == s {
			title = ""
		}
	}
	return number, usableTitle(normalTitle(title))
}

// titlesOf returns the normal titles by which others may name a text: the whole one, the one
// without the issuer in front of 关于, and the text that a 关于印发《…》的通知 carries.
func titlesOf(title string) []string {
	whole := narrow(title)
	names := []string{whole}
	if _, rest, ok := strings.Cut(whole, "关于"); ok {
		names = append(names, "关于"+rest)
	}
	if m := aboutTitle.FindStringSubmatch(whole); m != nil {
		names = append(names, m[1])
	}
	for i, n := range names {
		names[i] = usableTitle(normalTitle(n))
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(n string) bool { return n == "" })
}

// shortestTitle is the shortest title, in characters, that can be the name of one text.
const shortestTitle = 6

// usableTitle drops titles that name a kind of text (通知, 管理办法) rather than one text.
func usableTitle(s string) string {
	if utf8.RuneCountInString(s) < shortestTitle {
		return ""
	}
	return s
}

// narrow removes spaces and turns full-width letters and digits into half-width ones.
func narrow(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Cf, r):
			return -1
		case r >= '０' && r <= '９', r >= 'Ａ' && r <= 'Ｚ', r >= 'ａ' && r <= 'ｚ':
			return r - 0xFEE0
		}
		return r
	}, s)
}

// clauseCovers reports whether a clause as a relation names it (第五条) is the clause of a passage
// or holds it (第五条第二款). 第五条 does not hold 第五条之一, which is an article of its own.
func clauseCovers(named, passage string) bool {
	rest, ok := strings.CutPrefix(normalClause(passage), normalClause(named))
	return ok && named != "" && !strings.HasPrefix(rest, "之")
}

var clauseSigns = strings.NewReplacer("(", "（", ")", "）")

func normalClause(s string) string { return clauseSigns.Replace(narrow(s)) }
