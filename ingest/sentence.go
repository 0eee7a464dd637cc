package ingest

import (
	"strings"
	"unicode/utf8"
)

// span is a sentence, at bytes [start, end) of the text.
type span struct{ start, end int }

// sentences cuts the lines [first, end) into sentences. Table rows count as one each.
func (d *describer) sentences(first, end int) []span {
	var out []span
	for i := first; i < end; i++ {
		l := d.lines[i]
		for at := l.start; at < l.end; {
			stop := at + sentenceEnd(d.page.text[at:l.end])
			if l.table > 0 && l.end-l.start <= maxSentence {
				stop = l.end
			}
			out = append(out, span{at, stop})
			at = stop
		}
	}
	return out
}

// maxSentence bounds what the rules look at in one piece, in bytes. A longer sentence is cut: no
// statement is that long, and the cost of a rule may grow with the square of its piece.
const maxSentence = 4096

// sentenceEnd returns the end of the sentence that s begins with. Marks inside of brackets, quotes
// and titles end nothing.
func sentenceEnd(s string) int {
	depth := 0
	for i, r := range s {
		if i > maxSentence {
			return i
		}
		switch r {
		case '（', '“', '《', '〈':
			depth++
		case '）', '”', '》', '〉':
			depth = max(0, depth-1)
		case '。', '；', '！', '？':
			if depth == 0 {
				return i + utf8.RuneLen(r)
			}
		}
	}
	return len(s)
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}
