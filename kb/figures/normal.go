package figures

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Normal writes every figure of a text in its canonical form, folds full-width forms, lowers Latin
// letters and drops white space. Two texts that say the same with other digits become equal.
func Normal(text string) string {
	var b strings.Builder
	at := 0
	for _, f := range Find(text) {
		plain(&b, text[at:f.Start])
		b.WriteString(f.Text())
		at = f.End
	}
	plain(&b, text[at:])
	return b.String()
}

func plain(b *strings.Builder, s string) {
	for _, r := range s {
		if r = fold(r); !unicode.IsSpace(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
}

// Contains reports whether text holds part, both in normal form. A number never matches inside a
// longer one: 13000元 does not contain 3000元.
func Contains(text, part string) bool {
	t, p := Normal(text), Normal(part)
	if p == "" {
		return true
	}
	for at := 0; ; {
		i := strings.Index(t[at:], p)
		if i < 0 {
			return false
		}
		start, end := at+i, at+i+len(p)
		if !splits(t, start) && !splits(t, end) {
			return true
		}
		_, n := utf8.DecodeRuneInString(t[start:])
		at = start + n
	}
}

// splits reports whether cutting s at i would cut a number in two.
func splits(s string, i int) bool {
	if i == 0 || i >= len(s) {
		return false
	}
	before, after := s[i-1], s[i]
	number := func(c byte) bool { return c >= '0' && c <= '9' }
	return number(before) && number(after) ||
		number(before) && after == '.' && i+1 < len(s) && number(s[i+1]) ||
		before == '.' && i > 1 && number(s[i-2]) && number(after)
}
