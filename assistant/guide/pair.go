package guide

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// both are questions for two subjects: 博士和硕士的租房补贴分别多少.
var (
	both    = regexp.MustCompile(`分别|各自|各(?:是|有|能|要|为)?多少|各(?:是|要)什么`)
	joiners = regexp.MustCompile(`以及|和|与|及`)
	// pairEnds end the first name behind a joiner, pairStarts stand before the one in front of it.
	pairEnds   = regexp.MustCompile(`的|分别|各|哪|什么|多少|谁`)
	pairStarts = regexp.MustCompile(`年|季度|月份?|的|了`)
)

// pairOf parts a clause about two subjects in one clause for each, in its order; nil where it is about
// one. What stands before and behind the names is said of both.
func pairOf(clause string) []string {
	at := joiners.FindAllStringIndex(clause, -1)
	if len(at) == 0 || !both.MatchString(clause) {
		return nil
	}
	j := at[len(at)-1]
	left, right := clause[:j[0]], clause[j[1]:]
	first, second, rest := left, right, ""
	if m := pairEnds.FindStringIndex(right); m != nil {
		second, rest = right[:m[0]], right[m[0]:]
	}
	before := ""
	if m := pairStarts.FindAllStringIndex(left, -1); m != nil {
		end := m[len(m)-1][1]
		before, first = left[:end], left[end:]
	}
	if utf8.RuneCountInString(first) < 2 || utf8.RuneCountInString(second) < 2 {
		return nil
	}
	rest = strings.TrimLeft(both.ReplaceAllStringFunc(rest, func(s string) string {
		return strings.NewReplacer("分别", "", "各自", "", "各", "").Replace(s)
	}), " ")
	return []string{before + first + rest, before + second + rest}
}
