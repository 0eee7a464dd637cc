package guide

import (
	"strings"
	"unicode/utf8"
)

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
		cell := strings.Trim(l.text, "| ") // one cell merged over the whole row
		l.start += strings.Index(l.text, cell)
		l.text = cell
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

// The lengths of a line that is a heading or lead as a whole, and of a heading at the head of one.
const (
	maxAbove   = 60
	maxHeading = 25
)

// aboveText is what a line says to the lines below it: a heading or lead whole, of a paragraph its
// last sentence, and the first where that is a heading.
func aboveText(text string) string {
	if utf8.RuneCountInString(text) <= maxAbove {
		return text
	}
	var all []string
	for at := 0; at < len(text); {
		end := sentenceEnd(text, at)
		all = append(all, text[at:end])
		at = end
	}
	last := all[len(all)-1]
	if len(all) > 1 && utf8.RuneCountInString(all[0]) <= maxHeading {
		return all[0] + last
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
