package segment

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// joiners hold a code or a number together: 330602-2025-01, 3.5, v1/chat, a_b.
const joiners = "-._/"

// run is a stretch of characters of one sort.
type run struct {
	start, end int // bytes
	han        bool
}

// runs yields the Han runs and the words of other scripts of a normalised text, in order;
// punctuation and spaces part them.
func runs(text string) iter.Seq[run] {
	return func(yield func(run) bool) {
		for i := 0; i < len(text); {
			r, n := utf8.DecodeRuneInString(text[i:])
			end := i + n
			switch {
			case isHan(r):
				end = i + spanHan(text[i:])
				if !yield(run{i, end, true}) {
					return
				}
			case isWordRune(r):
				end = i + spanWord(text[i:])
				if !yield(run{i, end, false}) {
					return
				}
			}
			i = end
		}
	}
}

func spanHan(s string) int {
	if i := strings.IndexFunc(s, func(r rune) bool { return !isHan(r) }); i >= 0 {
		return i
	}
	return len(s)
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

func isHan(r rune) bool { return r == '〇' || r >= 0x3400 && unicode.Is(unicode.Han, r) }

func isWordRune(r rune) bool {
	return !isHan(r) && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r))
}

func isJoiner(r rune) bool { return strings.ContainsRune(joiners, r) }

func isDigit(r rune) bool { return '0' <= r && r <= '9' }
