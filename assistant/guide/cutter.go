package guide

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// draft is a sentence of a model's answer.
type draft struct {
	raw     string // as the model wrote it
	words   string // without handles and the marks of lists and emphasis
	handles []int  // that it names, counted from 1, each once
	entry   bool   // of a list
	// borrowed handles are those of a later sentence of its paragraph.
	borrowed bool
	row      bool // of a table
	first    bool // of its line
}

// cutter cuts a stream into sentences as early as it can be known that they have ended: at a stop
// behind a handle at once, at another one when it is clear that no handle follows.
type cutter struct {
	pending string
	inLine  bool // a sentence of the line has been handed out
}

// add returns the sentences that a piece of the stream completes.
func (c *cutter) add(text string) []draft {
	c.pending += text
	var all []draft
	for {
		end, whole := c.end()
		if !whole {
			return all
		}
		raw := c.pending[:end]
		c.pending = c.pending[end:]
		if w := newDraft(c.withoutStray(raw)); w.words != "" {
			w.first = !c.inLine
			c.inLine = true
			all = append(all, w)
		}
		c.inLine = c.inLine && !strings.HasSuffix(raw, "\n")
	}
}

// rest returns what is left at the end of the stream.
func (c *cutter) rest() draft {
	w := newDraft(c.withoutStray(c.pending))
	w.first = !c.inLine
	c.pending = ""
	return w
}

// withoutStray takes off handles that stand before a sentence: they were of the one before it, which
// has been handed out with handles of its own.
func (c *cutter) withoutStray(raw string) string {
	for c.inLine {
		loc := handlePattern.FindStringIndex(raw)
		if loc == nil || strings.TrimSpace(raw[:loc[0]]) != "" {
			break
		}
		raw = raw[loc[1]:]
	}
	return raw
}

const (
	stops   = "。！？"
	openers = "“‘「『（(《"
	closers = "”’」』）)》"
)

// end returns where the first sentence ends, handles and closing quotes behind its stop included.
// Stops inside quotes and brackets end none.
func (c *cutter) end() (int, bool) {
	depth := 0
	for i, r := range c.pending {
		switch {
		case r == '\n':
			return i + 1, true
		case strings.ContainsRune(openers, r):
			depth++
		case strings.ContainsRune(closers, r):
			depth = max(0, depth-1)
		case strings.ContainsRune(stops, r) && depth == 0:
			return c.behind(i + utf8.RuneLen(r))
		}
	}
	return 0, false
}

// behind returns the end of a sentence whose stop ends at a place.
func (c *cutter) behind(at int) (int, bool) {
	if handlePattern.MatchString(c.pending[:at]) {
		return at, true
	}
	for {
		rest := c.pending[at:]
		loc := handlePattern.FindStringIndex(rest)
		switch {
		case rest == "", openHandle.MatchString(rest):
			return 0, false
		case loc == nil || loc[0] != 0:
			return at, true
		}
		at += loc[1]
	}
}

var (
	// handlePattern is [1] in the ways in which models write it: 【1】, [1,2], [材料1].
	handlePattern = regexp.MustCompile(`[\[【]\s*(?:材料)?\s*(\d{1,2}(?:\s*[,，、]\s*(?:材料)?\s*\d{1,2})*)\s*[\]】]`)
	openHandle    = regexp.MustCompile(`^[\[【][^\]】]{0,20}$`)
	digits        = regexp.MustCompile(`\d{1,2}`)
	// listMark is what stands before an entry of a list.
	listMark = regexp.MustCompile(`^(?:[-*•·]\s+|\d{1,2}[.．、)）]\s*|[（(][\d一二三四五六七八九十]{1,3}[)）]\s*|[①-⑳]\s*|[一二三四五六七八九十]{1,2}、\s*)`)
	heading  = regexp.MustCompile(`^#{1,6}\s*`)
	emphasis = strings.NewReplacer("**", "", "__", "", "`", "")
	opening  = regexp.MustCompile(`^(?:答案?|回答)[：:]\s*|^(?:根据|依据|按照|据)材料\d?(?:的?规定|显示|所述)?[，,]`)
)

// newDraft reads a sentence.
func newDraft(raw string) draft {
	w := draft{raw: raw}
	for _, m := range handlePattern.FindAllStringSubmatch(raw, -1) {
		for _, n := range digits.FindAllString(m[1], -1) {
			if !slices.Contains(w.handles, atoi(n)) {
				w.handles = append(w.handles, atoi(n))
			}
		}
	}
	words := oneLine(emphasis.Replace(handlePattern.ReplaceAllString(raw, "")))
	words = heading.ReplaceAllString(words, "")
	if mark := listMark.FindString(words); mark != "" && !isDecimal(mark, words) {
		w.entry, words = true, words[len(mark):]
	}
	w.row = strings.Count(words, "|") > 1
	words = clauseNumber.ReplaceAllString(opening.ReplaceAllString(words, ""), "")
	w.words = strings.TrimLeft(words, stops+"；;，, ")
	return w
}

// isDecimal reports whether what looks like the number of an entry is part of 1.5万元.
func isDecimal(mark, words string) bool {
	rest := words[len(mark):]
	return strings.HasSuffix(mark, ".") && rest != "" && rest[0] >= '0' && rest[0] <= '9'
}
