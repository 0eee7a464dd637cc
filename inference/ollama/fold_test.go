package ollama

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// No punctuation but ASCII reaches the server, and no endless word.
func FuzzFold(f *testing.F) {
	f.Add("《办法》（试行）：“是”、…⸺")
	f.Add(strings.Repeat("〇々a", 200))
	f.Fuzz(func(t *testing.T, text string) {
		got := fold(text)
		if i := strings.IndexFunc(got, func(r rune) bool { return r >= utf8.RuneSelf && unicode.IsPunct(r) }); i >= 0 {
			t.Errorf("%q folds to %q", text, got)
		}
		for _, word := range strings.Fields(got) {
			if strings.IndexFunc(word, func(r rune) bool { return unicode.IsPunct(r) || '一' <= r && r <= '鿿' }) < 0 &&
				utf8.RuneCountInString(word) > longestWord {
				t.Errorf("%q has a word of %d", text, utf8.RuneCountInString(word))
			}
		}
	})
}
