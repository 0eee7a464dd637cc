package ingest

import (
	"strings"
	"unicode/utf8"
)

// sameMatter reports whether two titles are about the same thing: they share most of the pairs of
// characters of the shorter one, genre words apart (Szymkiewicz–Simpson overlap of bigrams).
func sameMatter(a, b string) bool {
	x, y := bigrams(matter(a)), bigrams(matter(b))
	if len(x) == 0 || len(y) == 0 {
		return false
	}
	if len(y) < len(x) {
		x, y = y, x
	}
	shared := 0
	for g := range x {
		if y[g] {
			shared++
		}
	}
	const most = 0.6
	return float64(shared) >= most*float64(len(x))
}

func bigrams(s string) map[[2]rune]bool {
	set := map[[2]rune]bool{}
	last := rune(utf8.RuneError)
	for _, r := range s {
		if last != utf8.RuneError {
			set[[2]rune{last, r}] = true
		}
		last = r
	}
	return set
}

// matter is a title without issuer, 关于, genre and other words that all titles share.
func matter(title string) string {
	if refs := references(title); len(refs) > 0 && strings.Contains(title, "印发") {
		title = refs[0].title
	}
	if _, after, ok := strings.Cut(title, "关于"); ok {
		title = after
	}
	return strings.NewReplacer("通知", "", "办法", "", "实施", "", "细则", "", "管理", "", "暂行", "", "试行", "", "规定", "", "意见", "",
		"若干", "", "进一步", "", "做好", "", "工作", "", "有关", "", "问题", "", "的", "", "（", "", "）", "", "市", "", "省", "", "区", "").Replace(title)
}
