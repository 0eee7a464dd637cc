package segment

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

//go:embed traditional.txt
var traditionalText string

// traditional maps traditional characters to simplified ones; made on first use, then only read.
var traditional = sync.OnceValue(func() map[rune]rune {
	table := make(map[rune]rune, 4096)
	for line := range strings.Lines(traditionalText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		pair := []rune(strings.TrimSpace(line))
		for i := 0; i+1 < len(pair); i += 2 {
			table[pair[i]] = pair[i+1]
		}
	}
	return table
})

// Normal returns the normal form in which texts are compared: compatibility forms folded (full
// width to half width, ㎡ to m2), traditional characters simplified, letters in lower case, marks
// that show nothing removed, every space a plain one. Punctuation stays. Normal(Normal(s)) = Normal(s).
func Normal(s string) string {
	table := traditional()
	fold := func(r rune) rune {
		switch {
		case r < 0x80:
			return unicode.ToLower(r)
		case unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar:
			return -1
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Han, r):
			if to, ok := table[r]; ok {
				return to
			}
			return r
		}
		return unicode.ToLower(r)
	}
	// Folding can make a composable sequence (removing a joiner, lowering a letter), so the
	// composition runs once more where that changed something.
	s = strings.Map(fold, norm.NFKC.String(strings.ToValidUTF8(s, "")))
	if norm.NFKC.IsNormalString(s) {
		return s
	}
	return Normal(norm.NFKC.String(s))
}
