package guide

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"xiaoyue/kb/figures"
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

// outline turns lines into units.
type outline struct {
	units []unit
	stack []line // numbered lines and leads above the current one
	para  int
	lists int
	table int      // number of the table that is open
	heads []string // of the table that is open
	rows  int      // of it, below the heads
	asked string   // the question line above an answer line
}

// unitsOf splits part of a document, beginning at byte offset base, into units.
func unitsOf(text string, base int, above []string) []unit {
	o := &outline{}
	for _, h := range above {
		o.stack = append(o.stack, line{text: h, level: levelChapter})
	}
	at := 0
	for l := range strings.Lines(text) {
		trimmed := strings.TrimRight(l, "\r\n \t　")
		lead := len(trimmed) - len(strings.TrimLeft(trimmed, " \t　"))
		o.add(line{text: trimmed[lead:], start: base + at + lead})
		at += len(l)
	}
	return o.units
}

func (o *outline) add(l line) {
	if l.text == "" {
		return
	}
	if cells := cellsOf(l.text); cells != nil {
		o.row(l, cells)
		return
	}
	if strings.HasPrefix(l.text, "|") {
		l.text = strings.Trim(l.text, "| ") // one cell merged over the whole row
		l.start += len("| ")
		o.sentences(l)
		return
	}
	o.heads = nil
	l.level = levelOf(l.text)
	switch {
	case isQuestionLine(l.text):
		o.para++
		o.asked = l.text
		return
	case l.level != levelPlain:
		o.numbered(l)
	case isLead(l.text):
		o.descend(levelLead)
		o.sentences(l)
		l.level = levelLead
		o.push(l)
	default:
		o.plain(l)
	}
}

// numbered adds a line that begins with a number.
func (o *outline) numbered(l line) {
	o.asked = ""
	o.descend(l.level)
	if l.level <= levelClause || o.openList() == 0 {
		o.para++
	}
	if l.level >= levelEntry {
		o.entry(l)
	} else {
		o.sentences(l)
	}
	o.push(l)
}

// push puts a line above those that follow; a lead opens a list.
func (o *outline) push(l line) {
	if isLead(l.text) {
		o.lists++
		l.list = o.lists
	}
	o.stack = append(o.stack, l)
}

// openList returns the number of the list that an entry at this place belongs to, 0 for none.
func (o *outline) openList() int {
	if n := len(o.stack); n > 0 {
		return o.stack[n-1].list
	}
	return 0
}

// plain adds a paragraph. Behind a list it goes on with the clause that the list belongs to.
func (o *outline) plain(l line) {
	if n := len(o.stack); n == 0 || o.stack[n-1].level < levelClause {
		o.para++
	}
	o.descend(levelLead)
	o.sentences(l)
	if !strings.HasPrefix(l.text, "答") {
		o.asked = ""
	}
}

// descend takes from the stack what does not stand above the level.
func (o *outline) descend(level int) {
	for n := len(o.stack); n > 0 && o.stack[n-1].level >= level; n-- {
		o.stack = o.stack[:n-1]
	}
}

// entry adds an entry of a list as one unit.
func (o *outline) entry(l line) {
	u := o.unit(entry, l.text, l.start)
	u.list = o.openList()
	o.units = append(o.units, u)
}

// sentences adds the sentences of a paragraph.
func (o *outline) sentences(l line) {
	at := 0
	for at < len(l.text) {
		end := sentenceEnd(l.text, at)
		text := strings.TrimSpace(l.text[at:end])
		if text != "" {
			start := l.start + at + strings.Index(l.text[at:end], text)
			o.units = append(o.units, o.unit(sentence, text, start))
		}
		at = end
	}
}

// sentenceEnd returns the offset behind the sentence that begins at a place. Closing quotes and
// brackets belong to the sentence before them.
func sentenceEnd(text string, at int) int {
	for i := at; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		i += n
		if !strings.ContainsRune("。！？!?", r) {
			continue
		}
		for i < len(text) {
			r, n := utf8.DecodeRuneInString(text[i:])
			if !strings.ContainsRune("”’」』）)】》。！？!?", r) {
				break
			}
			i += n
		}
		return i
	}
	return len(text)
}

func (o *outline) unit(kind unitKind, text string, start int) unit {
	u := unit{kind: kind, text: text, start: start, said: oneLine(text), para: o.para}
	for _, l := range o.stack {
		u.above = append(u.above, aboveText(l.text))
		if isLead(l.text) {
			u.lead = aboveText(l.text)
		}
	}
	if o.asked != "" {
		u.above = append(u.above, o.asked)
		u.lead = o.asked
	}
	return u
}

// aboveText is what a line says to the lines below it: a heading or lead whole, of a paragraph its
// last sentence.
func aboveText(text string) string {
	if utf8.RuneCountInString(text) <= 60 {
		return text
	}
	last := text
	for at := 0; at < len(text); {
		end := sentenceEnd(text, at)
		last = text[at:end]
		at = end
	}
	return last
}

func isLead(text string) bool { return strings.HasSuffix(text, "：") || strings.HasSuffix(text, ":") }

func isQuestionLine(text string) bool {
	t := strings.TrimLeft(text, "*# ")
	return strings.HasPrefix(t, "问：") || strings.HasPrefix(t, "问:") || strings.HasPrefix(t, "Q：") || strings.HasPrefix(t, "Q:")
}

func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "　", " ")), " ")
}

// row adds a row of a table; the first row of a table is its head.
func (o *outline) row(l line, cells []string) {
	if isRule(cells) {
		return
	}
	if o.heads == nil {
		o.lists++
		o.table, o.heads, o.rows = o.lists, cells, 0
		return
	}
	if o.rows == 0 && isSecondHead(o.heads, cells) {
		o.heads = joinHeads(o.heads, cells)
		return
	}
	o.rows++
	u := o.unit(row, l.text, l.start)
	u.said, u.list = rowText(o.heads, cells), o.table
	u.above = append(u.above, strings.Join(o.heads, "，"))
	o.units = append(o.units, u)
}

// isSecondHead recognises a second row of heads: heads of the first are merged across columns, and
// others reach down into the second.
func isSecondHead(heads, cells []string) bool {
	across, down := false, false
	for i := range heads {
		across = across || i > 0 && heads[i] == heads[i-1]
		down = down || i < len(cells) && cells[i] == heads[i]
	}
	return across && down
}

func joinHeads(heads, cells []string) []string {
	joined := slices.Clone(heads)
	for i := range joined {
		if i < len(cells) && cells[i] != joined[i] {
			unit := headUnit.FindString(joined[i])
			joined[i] = strings.TrimSuffix(joined[i], unit) + cells[i] + unit
		}
	}
	return joined
}

// cellsOf splits a line of a table; nil where the line is none.
func cellsOf(text string) []string {
	sep := "|"
	if strings.Contains(text, "\t") {
		sep = "\t"
	}
	if !strings.Contains(text, sep) {
		return nil
	}
	cells := strings.Split(strings.Trim(text, "| \t"), sep)
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	if len(cells) < 2 {
		return nil
	}
	return cells
}

// isRule recognises the line of dashes below a head in Markdown.
func isRule(cells []string) bool {
	return strings.Trim(strings.Join(cells, ""), "-: ") == ""
}

var headUnit = regexp.MustCompile(`[（(]((?:万?元|%|％|个?工作日|天|日|个?月|年|岁|人|名|平方米|次)[^）)]*)[）)]$`)

// rowText says a row with its heads: 学历：硕士研究生；标准：1500元/人·月. The unit of a head goes
// behind the bare numbers below it.
func rowText(heads, cells []string) string {
	var parts []string
	for i, c := range cells {
		if c == "" || i > 0 && c == cells[i-1] {
			continue
		}
		if i >= len(heads) || heads[i] == "" || heads[i] == c {
			parts = append(parts, c)
			continue
		}
		head := heads[i]
		if m := headUnit.FindStringSubmatchIndex(head); m != nil && bareNumber(c) {
			c += head[m[2]:m[3]]
			head = head[:m[0]]
		}
		parts = append(parts, head+"："+c)
	}
	return strings.Join(parts, "；")
}

func bareNumber(cell string) bool {
	f := figures.Find(cell)
	return len(f) >= 1 && f[len(f)-1].Kind == figures.Number && f[len(f)-1].End == len(cell)
}
