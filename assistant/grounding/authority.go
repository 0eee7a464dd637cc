package grounding

import (
	"regexp"
	"strconv"
	"strings"

	"xiaoyue/retrieval/segment"
)

var (
	quoted    = regexp.MustCompile(`[“「『"]([^“”「」『』"]{1,400})[”」』"]`)
	booked    = regexp.MustCompile(`《([^《》]{1,200})》`)
	numbered  = regexp.MustCompile(`\p{Han}{1,12}[〔\[\(【]\d{4}[〕\]\)】]第?\d{1,6}号`)
	clauseRef = regexp.MustCompile(`第(?:[一二三四五六七八九十百零〇两]+|\d+)[章节条款项]`)
)

// authority checks what a sentence quotes and names: quotes are verbatim, and titles, document numbers
// and clauses stand in the evidence that it cites.
func (j *judging) authority() (Verdict, bool) {
	text := j.said.text
	for _, m := range quoted.FindAllStringSubmatch(text, -1) {
		if !j.holdsText(strings.TrimRight(m[1], endMarks+",")) {
			return Verdict{Fault: Quote, Detail: "“" + m[1] + "”不是原文"}, false
		}
	}
	for _, m := range booked.FindAllStringSubmatch(text, -1) {
		if !j.holdsText(m[1]) {
			return Verdict{Fault: Clause, Detail: "所引依据中没有《" + m[1] + "》"}, false
		}
	}
	for _, m := range numbered.FindAllString(text, -1) {
		if !j.holdsNumber(m) {
			return Verdict{Fault: Clause, Detail: "所引依据中没有文号" + m}, false
		}
	}
	for _, m := range clauseRef.FindAllString(text, -1) {
		if !j.holdsClause(m) {
			return Verdict{Fault: Clause, Detail: "所引依据不是" + m}, false
		}
	}
	return Verdict{}, true
}

func (j *judging) holdsText(words string) bool {
	for _, n := range j.cited {
		if strings.Contains(j.g.evidence[n].text, words) {
			return true
		}
	}
	return false
}

func (j *judging) holdsNumber(number string) bool {
	want := documentNumber(number)
	for _, n := range j.cited {
		for _, m := range numbered.FindAllString(j.g.evidence[n].text, -1) {
			if have := documentNumber(m); strings.HasSuffix(have, want) || strings.HasSuffix(want, have) {
				return true
			}
		}
	}
	return false
}

// documentNumber writes the number of a document in one form.
func documentNumber(s string) string {
	return strings.NewReplacer("[", "〔", "(", "〔", "【", "〔", "]", "〕", ")", "〕", "】", "〕", "〕第", "〕").Replace(s)
}

// holdsClause reports whether a clause number stands in cited evidence, however it is written.
func (j *judging) holdsClause(ref string) bool {
	want := clauseNumber(ref)
	for _, n := range j.cited {
		for _, m := range clauseRef.FindAllString(j.g.evidence[n].text, -1) {
			if clauseNumber(m) == want {
				return true
			}
		}
	}
	return false
}

// clauseNumber writes the number of a clause in one form: 第十二条 is 12条.
func clauseNumber(ref string) string {
	n, rest, ok := segment.Number(strings.TrimPrefix(ref, "第"))
	if !ok {
		return ref
	}
	return strconv.Itoa(n) + rest
}
