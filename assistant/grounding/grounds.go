package grounding

import (
	"regexp"
	"slices"
	"strings"

	"xiaoyue/kb"
)

// The bounds of what is read for one answer.
const (
	maxEvidence = 32
	maxUnits    = 400 // of all evidence together
	maxAbove    = 8
)

// Grounds is evidence made ready for the sentences of one answer. It is immutable and may be used
// concurrently.
type Grounds struct {
	lexicon  *lexicon
	question reading
	asOf     kb.Date
	today    kb.Date
	evidence []source
	index    index
}

// maxTitle is the length of a title of an entry, in bytes: （二）推行企业新型学徒制。
const maxTitle = 20 * len("字")

// isTitle reports whether a unit only names what those behind it are about.
func (u *unit) isTitle() bool {
	return !u.row && len(u.pieces) == 1 && len(u.whole) <= maxTitle && len(u.pieces[0].figures) == 0 && len(u.pieces[0].denials) == 0
}

// source is evidence that has been read.
type source struct {
	Evidence
	head  []int // pieces of title, number and places
	units []unit
	text  string // all of it in normal form
	// persons are the names of those whom it is about.
	persons map[string]bool
}

// unit is a unit that has been read.
type unit struct {
	ref    Ref
	at     int // of its first piece in the index
	pieces []piece
	above  []int  // pieces of its headings, leads and table heads
	lead   string // the nearest of above, in normal form
	family string // units with the same above stand beside each other
	row    bool   // of a table
	whole  string // its words in normal form, without marks around them
	listed bool   // an entry of a numbered list
	begins bool   // begins a clause: 第三条
	told   bool   // tells the reader or the assistant what to do; bears nothing out
}

// Prepare reads the evidence of an answer. The status of evidence is that on the day asked about.
func (c *Checker) Prepare(question string, asOf, today kb.Date, evidence []Evidence) *Grounds {
	g := &Grounds{lexicon: c.lexicon, question: c.lexicon.read(question), asOf: asOf, today: today, index: newIndex()}
	left := maxUnits
	for n, e := range evidence[:min(len(evidence), maxEvidence)] {
		e.Units = e.Units[:min(len(e.Units), left)]
		left -= len(e.Units)
		g.evidence = append(g.evidence, g.source(n, e))
	}
	return g
}

func (g *Grounds) source(n int, e Evidence) source {
	s := source{Evidence: e, persons: map[string]bool{}}
	var text strings.Builder
	note := func(words string) []piece {
		r := g.lexicon.read(words)
		text.WriteString(r.text)
		text.WriteByte('\n')
		for _, p := range r.pieces {
			for _, t := range p.tokens {
				s.persons[t.name] = s.persons[t.name] || t.kind == person
			}
		}
		return r.pieces
	}
	for _, words := range slices.Concat([]string{e.Title, e.Number, e.Clause}, e.Places, levelWords(e.Places)) {
		for _, p := range note(words) {
			s.head = append(s.head, g.index.add(p))
		}
	}
	known := map[string][]int{} // above lines are shared by many units
	title, titled := 0, ""      // the last entry that is only a title, and its family
	for i, u := range e.Units {
		v := unit{ref: Ref{n, i}, whole: strings.Trim(normal(unnumber(u.Said)), endMarks), pieces: note(unnumber(u.Said)), family: strings.Join(u.Above, "\n")}
		v.begins = strings.HasPrefix(u.Said, "第") && clauseMark.MatchString(u.Said)
		v.told = command.MatchString(v.whole)
		v.row, v.listed = isRow(u), clauseMark.MatchString(u.Said) && !strings.HasPrefix(u.Said, "第")
		for _, line := range u.Above[max(0, len(u.Above)-maxAbove):] {
			if v.row && isHeads(line, u.Said) {
				continue
			}
			if _, ok := known[line]; !ok {
				for _, p := range note(line) {
					known[line] = append(known[line], g.index.add(p))
				}
			}
			v.above = append(v.above, known[line]...)
			v.lead = normal(line)
		}
		if v.listed {
			conditionsOfLead(v.pieces)
		}
		for k, p := range v.pieces {
			if id := g.index.add(p); k == 0 {
				v.at = id
			}
		}
		switch marked := clauseMark.MatchString(u.Said); {
		case !marked && titled != "" && titled == v.family:
			v.above = append(v.above, title)
		case marked && v.isTitle():
			title, titled = v.at, v.family
		default:
			titled = ""
		}
		s.units = append(s.units, v)
	}
	for _, u := range e.Units {
		text.WriteString(normal(clauseMark.FindString(u.Said)))
	}
	s.text = text.String()
	return s
}

var clauseMark = regexp.MustCompile(`^(第[一二三四五六七八九十百零〇0-9]+条[\s　]*|[一二三四五六七八九十]{1,3}、|[（(](?:\d{1,2}|[一二三四五六七八九十]{1,3})[）)]\s*|\d{1,2}[.．、]\s*|[-*•]\s+)`)

// unnumber takes the number of a clause or entry from before its words.
func unnumber(said string) string { return strings.TrimPrefix(said, clauseMark.FindString(said)) }

// conditionsOfLead marks an entry that ends in 的 as saying when what its lead says holds.
func conditionsOfLead(pieces []piece) {
	n := len(pieces) - 1
	if n < 0 || !strings.HasSuffix(pieces[n].text, "的") {
		return
	}
	for pieces[n].when = true; n > 0 && slices.Contains(parting, pieces[n].joint); n-- {
		pieces[n-1].when = true
	}
}

// isRow reports whether a unit is the row of a table, said with its heads.
func isRow(u Unit) bool {
	return strings.Contains(u.Said, "；") && strings.Count(u.Said, "：") >= 2 && !strings.Contains(u.Said, "。")
}

// isHeads reports whether a line above a row is the row's heads: the row itself names them where they
// belong.
func isHeads(line, said string) bool {
	heads, found := strings.Split(line, "，"), 0
	for _, h := range heads {
		name, _, _ := strings.Cut(h, "（")
		if name != "" && strings.Contains(said, name+"：") || strings.Contains(said, h+"：") {
			found++
		}
	}
	return len(heads) > 1 && found > 1
}
