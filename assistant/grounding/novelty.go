package grounding

import (
	"slices"
	"strings"

	"xiaoyue/assistant/traits"
	"xiaoyue/kb/figures"
)

// strange returns the words of a clause that the scope of a unit does not hold and that may not be
// said all the same.
func (j *judging) strange(c *clause, sc scope, s *source, u *unit) []string {
	missing := j.missing(c.piece, sc)
	for _, t := range c.tokens {
		if t.kind == person && !j.g.index.holds(sc, t, c.written(t)) && !s.names(t) {
			missing = append(missing, c.written(t))
		}
	}
	subject := s.subjectOf(u)
	return slices.DeleteFunc(missing, func(w string) bool { return strings.Contains(subject, w) || j.understood(w, c, u) })
}

// subjectOf returns who acts in the unit before one that names nobody itself and goes on with it:
// 受理机构应当…。不符合条件的，书面告知理由。
func (s *source) subjectOf(u *unit) string {
	k := u.ref.Unit - 1
	if k < 0 || u.begins || u.row || u.listed || s.units[k].row || s.units[k].family != u.family || len(s.units[k].pieces) == 0 {
		return ""
	}
	if slices.ContainsFunc(u.pieces, func(p piece) bool { return len(actors(p.text)) > 0 || p.hasSubject() }) {
		return ""
	}
	first := &s.units[k].pieces[0]
	for n, t := range first.tokens {
		if t.kind == must || t.kind == may || t.kind == number || t.kind == deny {
			if subject := first.text[:t.start-first.from]; n > 0 && len(actors(subject)) == 1 {
				return subject
			}
			break
		}
	}
	return ""
}

// names reports whether a document speaks of a person.
func (s *source) names(t token) bool { return s.persons[t.name] }

// nowhere is the fault of words that a unit does not hold: of another entry, or of nothing.
func (j *judging) nowhere(c *clause, missing []string, s *source) (Fault, string) {
	words := strings.Join(missing, "”“")
	for _, w := range missing {
		if !strings.Contains(s.text, w) {
			return Invented, "“" + words + "”在所引依据中没有"
		}
	}
	return Subject, "“" + words + "”与“" + c.text + "”在依据中不在一处"
}

// times are names of a time, which say no more than the time.
var times = map[string]bool{"期限": true, "时限": true, "时间期限": true}

// understood reports whether a word may be said though a unit does not hold it: one of the asker's own
// case, or a case inside a range that the unit names (硕士 of 本科及以上).
func (j *judging) understood(word string, c *clause, u *unit) bool {
	if times[word] && slices.ContainsFunc(c.claims, func(f figure) bool { return f.Kind == figures.Duration }) {
		return true
	}
	if !strings.Contains(j.g.question.text, word) {
		return false
	}
	if strings.Contains(c.text, "您") || strings.Contains(c.text, "你") {
		return true
	}
	t := traits.Of(word)
	if len(t) == 0 {
		return false
	}
	for k := range u.pieces {
		if traits.Fits(t, u.pieces[k].text) == traits.Named {
			return true
		}
	}
	return false
}
