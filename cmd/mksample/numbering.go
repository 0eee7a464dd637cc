package main

import (
	"fmt"
	"regexp"
)

// level is one level of the automatic numbering of a docx. The source holds the numbers as a reader
// sees them; they are taken out and Word counts them again.
type level struct {
	list, depth int    // w:num and w:ilvl
	format      string // ST_NumberFormat
	text        string // w:lvlText
	suffix      string // w:suff
	indent      string // w:pPr, which stands in place of that of the style
	mark        *regexp.Regexp
}

// twoCharacters indents the first line as running text is.
const twoCharacters = `<w:pPr><w:ind w:left="0" w:firstLineChars="200" w:firstLine="640"/></w:pPr>`

// levels are the numbers of a rule (章; 条 and 项) and of a notice (一、（一）1.). Chapters are a list
// of their own because articles run through them.
var levels = []level{
	{1, 0, "chineseCountingThousand", "第%1章", "space", "", regexp.MustCompile(`^第([一二三四五六七八九十]+)章　`)},
	{2, 0, "chineseCountingThousand", "第%1条", "space", twoCharacters, regexp.MustCompile(`^第([一二三四五六七八九十]+)条　`)},
	{2, 1, "chineseCounting", "（%2）", "nothing", twoCharacters, regexp.MustCompile(`^（([一二三四五六七八九十]+)）`)},
	{3, 0, "chineseCounting", "%1、", "nothing", twoCharacters, regexp.MustCompile(`^([一二三四五六七八九十]+)、`)},
	{3, 1, "decimal", "%2.", "nothing", twoCharacters, regexp.MustCompile(`^(\d+)\.`)},
}

// counter numbers the paragraphs of one document as a word processor does.
type counter [5]int

// cut takes the number off a paragraph and returns its level, nil when it has none. It is an error
// when automatic numbering would print another number than the source has.
func (n *counter) cut(text string) (rest string, at *level, err error) {
	for i, l := range levels {
		m := l.mark.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		n[i]++
		for below := i + 1; below < len(n) && levels[below].depth > l.depth; below++ {
			n[below] = 0
		}
		if want := numeral(n[i], l.format); m[1] != want {
			return "", nil, fmt.Errorf("paragraph %q: automatic numbering would print %s", text, want)
		}
		return text[len(m[0]):], &levels[i], nil
	}
	return text, nil, nil
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
