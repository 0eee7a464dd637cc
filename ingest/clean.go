package ingest

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// clean normalises one block of text so that it can be quoted and searched: line ends become \n,
// lines are trimmed and empty ones dropped, tabs become spaces, and characters that nobody sees
// (controls, soft hyphens, zero widths, directional marks) are removed. Kangxi radicals and
// compatibility ideographs, which PDF fonts print for ordinary characters, become those characters.
// Digits, letters, punctuation and their widths stay as they are printed. The second result counts
// characters that could not be decoded (U+FFFD).
func clean(s string) (string, int) {
	var lines []string
	lost := 0
	for line := range strings.FieldsFuncSeq(s, isLineEnd) {
		line = strings.TrimSpace(strings.Map(visible, strings.ToValidUTF8(line, "\ufffd")))
		if line == "" {
			continue
		}
		lost += strings.Count(line, "\ufffd")
		lines = append(lines, ordinary(line))
	}
	return strings.Join(lines, "\n"), lost
}

func isLineEnd(r rune) bool {
	switch r {
	case '\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}

// visible maps a character to itself, white space of other widths to a space, and what cannot be
// seen to nothing. The ideographic space stays: it is part of how official texts are printed.
func visible(r rune) rune {
	switch {
	case r >= ' ' && r <= '~' || r >= 0x3000 && r <= 0x9fff:
		return r // nearly everything
	case r == '\t' || r == '\u00a0' || r == '\u2007' || r == '\u202f':
		return ' '
	case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r):
		return -1
	case r >= 0xf000 && r <= 0xf0ff: // bullets of symbol fonts
		return -1
	case r == '\u034f' || r == '\u115f' || r == '\u1160' || r == '\uffa0': // fillers without a glyph
		return -1
	}
	return r
}

// ordinary replaces radicals and compatibility ideographs by the characters they stand for.
func ordinary(line string) string {
	if strings.IndexFunc(line, isCompatibility) < 0 {
		return line
	}
	var b strings.Builder
	for _, r := range line {
		if isCompatibility(r) {
			b.WriteString(norm.NFKC.String(string(r)))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func isCompatibility(r rune) bool {
	return r >= 0x2e80 && r <= 0x2fd5 || r >= 0xf900 && r <= 0xfaff || r >= 0x2f800 && r <= 0x2fa1f
}
