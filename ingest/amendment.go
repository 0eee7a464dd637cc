package ingest

import (
	"strings"

	"xiaoyue/kb"
)

// readAmendmentNote takes from the note under a consolidated text that it replaces the text as it was
// first published, whose number the note gives.
func (a *actor) readAmendmentNote() {
	i, ok := a.amendment()
	if !ok {
		return
	}
	text := a.line(i)
	for _, r := range references(text) {
		if r.title == "" && containsAny(truncate(text[r.end:], 4), []string{"公布", "发布", "印发"}) {
			a.add(kb.Supersedes, r, a.lines[i].start, text, a.from)
		}
		if containsAny(r.title, []string{"修改", "修正", "修订"}) {
			a.add(kb.AttachmentOf, r, a.lines[i].start, text, kb.Date{})
		}
	}
}

// readAmendment takes what is amended and in which clauses. The text named last is the one that the
// clauses belong to.
func (a *actor) readAmendment(at int, s string, refs []reference) {
	if len(refs) > 0 && !isBasis(s, refs[0]) && containsAny(s, []string{"作如下修改", "作出修改", "作以下修改", "作出如下修改", "修改为", "修改"}) {
		a.amended = refs[0]
		a.add(kb.Amends, refs[0], at, s, a.from)
	}
	if a.amended == (reference{}) {
		return
	}
	named, _, _ := strings.Cut(s, "“")
	for i := range a.acts {
		r := &a.acts[i]
		if r.Kind == kb.Amends && (r.short == a.amended.short() || a.amended.title != "" && strings.Contains(r.ToRef, "《"+a.amended.title+"》")) {
			if len(r.ToRef) < len(a.amended.String()) {
				r.ToRef, r.short = a.amended.String(), a.amended.short()
			}
			r.Clauses = append(r.Clauses, clausesIn(named)...)
			if r.Clauses != nil {
				r.Quote = strings.TrimSpace(s)
			}
			return
		}
	}
}

// clausesIn returns the clauses that a sentence names: 第六条第（五）项.
func clausesIn(s string) []string {
	var out []string
	for at := 0; at < len(s); {
		i := strings.Index(s[at:], "第")
		if i < 0 {
			break
		}
		at += i
		n := clauseLength(s[at:])
		if n == 0 {
			at += len("第")
			continue
		}
		out = append(out, strings.NewReplacer("(", "（", ")", "）").Replace(squeeze(s[at:at+n])))
		at += n
	}
	return out
}

// clauseLength measures 第六条第二款第（五）项 at the head of s.
func clauseLength(s string) int {
	at := 0
	for _, unit := range []string{"条", "款", "项", "目"} {
		rest, ok := strings.CutPrefix(s[at:], "第")
		if !ok {
			break
		}
		inner := strings.TrimLeft(rest, "（(")
		_, n := numeral(inner)
		if n == 0 {
			break
		}
		inner = strings.TrimLeft(inner[n:], "）)")
		tail, ok := strings.CutPrefix(inner, unit)
		if !ok {
			if unit == "款" || unit == "项" {
				continue
			}
			break
		}
		if unit == "条" {
			tail = tail[insertedOrdinal(tail):]
		}
		at = len(s) - len(tail)
	}
	return at
}

// amendment returns the line of the head that tells the history of a consolidated text:
// （2022年…〔2022〕31号公布　根据2024年…修改）.
func (d *describer) amendment() (int, bool) {
	for i := range min(len(d.lines), headLines) {
		if !d.historyLine(i).IsZero() && containsAny(d.line(i), []string{"修订", "修正", "修改"}) && FindNumber(d.line(i)) != "" {
			return i, true
		}
	}
	return 0, false
}

// amendedOn returns the day of the last amendment that the head tells of: the amended words cannot
// have held before it.
func (d *describer) amendedOn() kb.Date {
	last := kb.Date{}
	for i := range min(len(d.lines), headLines) {
		day := d.historyLine(i)
		if day.After(last) && containsAny(d.line(i), []string{"修订", "修正", "修改"}) {
			last = day
		}
	}
	return last
}
