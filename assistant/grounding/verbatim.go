package grounding

import "strings"

// verbatim reports whether a sentence is a unit of the cited evidence word for word, or the part of one
// between semicolons and stops.
func (j *judging) verbatim() (Ref, bool) {
	words := strings.Trim(j.said.text, endMarks)
	if words == "" {
		return Ref{}, false
	}
	for _, n := range j.cited {
		for k := range j.g.evidence[n].units {
			u := &j.g.evidence[n].units[k]
			if !u.told && !u.row && (u.whole == words || u.isPart(words)) {
				return u.ref, true
			}
		}
	}
	return Ref{}, false
}

// isPart reports whether words are a sentence of a unit.
func (u *unit) isPart(words string) bool {
	i := strings.Index(u.whole, words)
	if i < 0 {
		return false
	}
	before, behind := u.whole[:i], u.whole[i+len(words):]
	return (before == "" || endsIn(before, endMarks)) && (behind == "" || beginsIn(behind, endMarks))
}

func endsIn(s, marks string) bool   { return strings.TrimRight(s, marks) != s }
func beginsIn(s, marks string) bool { return strings.TrimLeft(s, marks) != s }

// plain takes the list mark, and the names of the cited evidence, from a sentence: its document number,
// its titles and clauses, which authority has compared.
func (j *judging) plain(sentence string) string {
	text := normal(unmark(sentence))
	text = booked.ReplaceAllStringFunc(text, func(title string) string {
		for _, n := range j.cited {
			if strings.Contains(normal(j.g.evidence[n].Title), strings.Trim(title, "《》")) {
				return ""
			}
		}
		return title
	})
	for _, n := range j.cited {
		if number := normal(j.g.evidence[n].Number); number != "" {
			text = strings.ReplaceAll(strings.ReplaceAll(text, "("+number+")", ""), number, "")
		}
	}
	return clauseRef.ReplaceAllString(text, "")
}
