package main

import (
	"fmt"
	"regexp"
)

// level is one level of the automatic numbering of a docx. The source holds the numbers as a reader
// sees them; they are taken out and Word counts them again.
type level struct {
	format  string // ST_NumberFormat
	text    string // w:lvlText
	suffix  string // w:suff
	restart bool   // starts again under each higher number
	mark    *regexp.Regexp
}

// levels are the numbers of a rule (章、条、项) and of a notice (一、（一）1.). Articles run through
// the chapters, as the drafting rules want it: their level never restarts.
var levels = []level{
	{"chineseCountingThousand", "第%1章", "space", false, regexp.MustCompile(`^第([一二三四五六七八九十]+)章　`)},
	{"chineseCountingThousand", "第%2条", "space", false, regexp.MustCompile(`^第([一二三四五六七八九十]+)条　`)},
	{"chineseCounting", "%3、", "nothing", false, regexp.MustCompile(`^([一二三四五六七八九十]+)、`)},
	{"chineseCounting", "（%4）", "nothing", true, regexp.MustCompile(`^（([一二三四五六七八九十]+)）`)},
	{"decimal", "%5.", "nothing", true, regexp.MustCompile(`^(\d+)\.`)},
}

// counter numbers the paragraphs of one document as a word processor does.
type counter [5]int

// cut takes the number off a paragraph and returns its level, -1 when it has none. It is an error
// when automatic numbering would print another number than the source has.
func (n *counter) cut(text string) (rest string, at int, err error) {
	for i, l := range levels {
		m := l.mark.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		n[i]++
		for below := i + 1; below < len(n); below++ {
			if levels[below].restart {
				n[below] = 0
			}
		}
		if want := numeral(n[i], l.format); m[1] != want {
			return "", 0, fmt.Errorf("paragraph %q: automatic numbering would print %s", text, want)
		}
		return text[len(m[0]):], i, nil
	}
	return text, -1, nil
}

// numeral writes 1 to 99 in a number format: 十四, or 14.
func numeral(n int, format string) string {
	if format == "decimal" {
		return fmt.Sprint(n)
	}
	digits := []string{"", "一", "二", "三", "四", "五", "六", "七", "八", "九"}
	switch {
	case n < 10:
		return digits[n]
	case n < 20:
		return "十" + digits[n%10]
	}
	return digits[n/10] + "十" + digits[n%10]
}
