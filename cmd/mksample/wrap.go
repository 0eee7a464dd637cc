package main

import "strings"

// notFirst are the marks that may not begin a line.
const notFirst = "，。；：、！？）》〉」』】〕”’…—%"

// width returns the width of a text in ems: a Chinese character is 1, an ASCII one .5.
func width(text string) float64 {
	w := 0.0
	for _, r := range text {
		w += runeWidth(r)
	}
	return w
}

func runeWidth(r rune) float64 {
	if r < 0x80 {
		return .5
	}
	return 1
}

// wrap breaks a text into lines of at most limit ems, the first one shorter by indent. Numbers and
// Latin words are kept whole, and a mark of notFirst takes the character before it to the next line.
func wrap(text string, limit, indent float64) []string {
	var lines []string
	var line strings.Builder
	used := indent
	for _, word := range words(text) {
		if w := width(word); used+w > limit && line.Len() > 0 {
			lines = append(lines, line.String())
			line.Reset()
			used = 0
		}
		line.WriteString(word)
		used += width(word)
	}
	return append(lines, line.String())
}

// words cuts a text where a line may end.
func words(text string) []string {
	var all []string
	var last rune
	for _, r := range text {
		joins := strings.ContainsRune(notFirst, r) || latin(r) && latin(last) || strings.ContainsRune("（《〈「『【〔“‘", last)
		if n := len(all); n > 0 && joins {
			all[n-1] += string(r)
		} else {
			all = append(all, string(r))
		}
		last = r
	}
	return all
}

func latin(r rune) bool { return r > ' ' && r < 0x7f }
