package segment

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// joiners hold a code or a number together: 330602-2025-01, 3.5, v1/chat, a_b.
const joiners = "-._/"

// run is a stretch of characters.
type run struct {
	start, end int // bytes
}

// appendRuns appends the terms of the Han runs and of the words of other scripts of a normalised
// text, in order; punctuation and spaces part them.
func appendRuns(terms []Term, text string) []Term {
	for i := 0; i < len(text); {
		end := i
		switch n := spanHan(text[i:]); {
		case n > 0:
			end = i + n
			terms = appendHan(terms, text[i:end])
		default:
			r, size := decode(text[i:])
			if end = i + size; isWordRune(r) {
				end = i + spanWord(text[i:])
				terms = appendWord(terms, text, run{i, end})
			}
		}
		i = end
	}
	return terms
}

func decode(s string) (rune, int) {
	if s[0] < utf8.RuneSelf {
		return rune(s[0]), 1
	}
	return utf8.DecodeRuneInString(s)
}

// spanHan returns the length of the Han run that s begins with.
func spanHan(s string) int {
	for i := 0; ; {
		if i+2 < len(s) && 0xe5 <= s[i] && s[i] <= 0xe9 { // U+5000 to U+9FFF
			i += 3
			continue
		}
		if i >= len(s) || s[i] < utf8.RuneSelf {
			return i
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if !isHan(r) {
			return i
		}
		i += n
	}
}

// hanSize returns the length of the Han character that begins with b.
func hanSize(b byte) int {
	if b >= 0xf0 {
		return 4
	}
	return 3
}

// spanWord returns the length of the word that s begins with; a joiner belongs to it only between
// two word characters.
func spanWord(s string) int {
	end := 0
	for i, r := range s {
		if isWordRune(r) {
			end = i + utf8.RuneLen(r)
		} else if !isJoiner(r) || i != end {
			break
		}
	}
	return end
}

func isHan(r rune) bool {
	switch {
	case r < 0x3400:
		return r == '〇'
	case hanFirst <= r && r <= hanLast:
		return true
	}
	return unicode.Is(unicode.Han, r)
}

func isWordRune(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return '0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'z'
	case 0x2000 <= r && r <= 0x203f, 0x3008 <= r && r <= 0x301f, 0x3000 <= r && r <= 0x3003: // punctuation
		return false
	}
	return !isHan(r) && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r))
}

func isJoiner(r rune) bool { return strings.ContainsRune(joiners, r) }

func isDigit(r rune) bool { return '0' <= r && r <= '9' }
