package guide

import (
	"regexp"
	"strings"
)

// unitKind says what a unit is.
type unitKind int

const (
	sentence unitKind = iota
	entry             // of a numbered list below a lead
	row               // of a table
	block             // a lead with all its entries, or a table with all its rows
)

// unit is the smallest part of a document that can be quoted.
type unit struct {
	kind  unitKind
	text  string   // as it is quoted: an exact substring of the document
	start int      // byte offset in the document
	said  string   // as it is said: table rows with their heads; otherwise text without line breaks
	above []string // what it depends on, outermost first: headings, leads, table heads
	lead  string   // the nearest of above that ends in a colon, or the question above an answer
	list  int      // number of the list or table that it is part of, 0 for none
	para  int      // number of its clause (条 or 一、) or paragraph
	size  int      // of a block: its entries
}

// context is what the unit means together with what it depends on.
func (u unit) context() string { return strings.Join(u.above, "\n") + "\n" + u.said }

// line is a line of the window with its rank in the outline.
type line struct {
	text  string
	start int
	level int // 0: plain text
	list  int // number of the list that it leads, 0: none
}

// The levels of numbered lines. A plain lead ranks between clauses and their entries.
const (
	levelPlain = iota
	levelChapter
	levelSection
	levelClause
	levelLead
	levelEntry
	levelPoint
	levelSubpoint
)

var numberings = []struct {
	level   int
	pattern *regexp.Regexp
}{
	{levelChapter, regexp.MustCompile(`^(第[一二三四五六七八九十百零〇0-9]+[编章]|#{1,2}\s)`)},
	{levelSection, regexp.MustCompile(`^(第[一二三四五六七八九十百零〇0-9]+节|#{3,6}\s)`)},
	{levelClause, regexp.MustCompile(`^(第[一二三四五六七八九十百零〇0-9]+条|[一二三四五六七八九十]{1,3}、)`)},
	{levelEntry, regexp.MustCompile(`^[（(][一二三四五六七八九十]{1,3}[）)]`)},
	{levelPoint, regexp.MustCompile(`^(\d{1,2}[.．、]|[①-⑳])`)},
	{levelSubpoint, regexp.MustCompile(`^[（(]\d{1,2}[）)]`)},
}

func levelOf(text string) int {
	for _, n := range numberings {
		if n.pattern.MatchString(text) {
			return n.level
		}
	}
	return levelPlain
}
