package guide

import (
	"fmt"
	"slices"
	"strings"

	"xiaoyue/kb"
)

// reply is an answer in the making. What was said is emitted at once and never taken back.
type reply struct {
	answer kb.Answer
	record kb.Record
	emit   func(kb.Event) error
	err    error // the first error of emit; nothing is emitted after it
	text   strings.Builder
	cited  map[string]int // by passage and quote
	// Of the answers of a model: who asks, for its queue, and what was said so far.
	asker    string
	shown    []shown
	verbatim []cited
	retries  int
}

func newReply(emit func(kb.Event) error) *reply {
	r := &reply{emit: emit, cited: map[string]int{}}
	r.answer = kb.Answer{Mode: kb.ModeExtractive, Degraded: []string{}, Options: []kb.Option{}, Citations: []kb.Citation{}, Notes: []string{}}
	return r
}

func (r *reply) send(e kb.Event) {
	if r.err == nil && r.emit != nil {
		r.err = r.emit(e)
	}
}

// say adds words to the text, on a line of their own.
func (r *reply) say(words string) {
	if words == "" {
		return
	}
	if r.text.Len() > 0 {
		words = "\n" + words
	}
	r.text.WriteString(words)
	r.send(kb.Event{Type: kb.EventDelta, Text: words})
}

// judge keeps the verdict on a sentence that was shown.
func (r *reply) judge(result string) {
	r.record.Verdicts = append(r.record.Verdicts, kb.Verdict{Result: result})
}

// note adds a remark beside the text; the same remark is added once.
func (r *reply) note(words string) {
	if words == "" || slices.Contains(r.answer.Notes, words) {
		return
	}
	r.answer.Notes = append(r.answer.Notes, words)
	r.send(kb.Event{Type: kb.EventNotice, Text: words})
}

// card shows an item with the fields asked about.
func (r *reply) card(item kb.ServiceItem, names []string) {
	r.answer.Item, r.answer.Fields = &item, names
	r.send(kb.Event{Type: kb.EventCard, Item: &item, Fields: names})
}

// hasCited reports whether the words of a unit have been cited.
func (r *reply) hasCited(s *source, u unit) bool {
	_, ok := r.cited[s.passage.ID+"\x00"+u.text]
	return ok
}

// cite returns the number of the citation for a unit of a source, the same for the same words.
func (r *reply) cite(s *source, u unit, day kb.Date) int {
	key := s.passage.ID + "\x00" + u.text
	if n, ok := r.cited[key]; ok {
		return n
	}
	n := len(r.answer.Citations) + 1
	r.cited[key] = n
	v := s.passage.Validity
	c := kb.Citation{
		N: n, DocID: s.doc.ID, PassageID: s.passage.ID, Version: s.passage.Version, Title: s.doc.Title, Number: s.doc.Number,
		Status: v.On(day), Clause: clauseOf(s, u), Page: s.passage.Page, Quote: u.text, ValidFrom: v.From, ValidUntil: v.Until,
	}
	r.answer.Citations = append(r.answer.Citations, c)
	r.send(kb.Event{Type: kb.EventCitation, Citation: &c})
	return n
}

// clauseOf names the place of a unit: that of its passage, with the number of its entry.
func clauseOf(s *source, u unit) string {
	clause := s.passage.Clause
	if u.kind != entry || clause == "" || strings.HasSuffix(clause, "项") {
		return clause
	}
	if i := strings.IndexAny(u.text, "）)"); i > 0 && levelOf(u.text) == levelEntry {
		return clause + "第" + u.text[:i+len("）")] + "项"
	}
	return clause
}

// finish closes the answer.
func (r *reply) finish(outcome kb.Outcome) {
	r.answer.Outcome = outcome
	r.answer.Text = r.text.String()
}

// option offers a way to go on; the same is offered once.
func (r *reply) option(label, value string) {
	o := kb.Option{Label: label, Value: value}
	if !slices.Contains(r.answer.Options, o) {
		r.answer.Options = append(r.answer.Options, o)
	}
}

// degrade names a configured part that failed.
func (r *reply) degrade(parts ...string) {
	for _, p := range parts {
		if !slices.Contains(r.answer.Degraded, p) {
			r.answer.Degraded = append(r.answer.Degraded, p)
		}
	}
}

// mark writes a citation mark behind the words and before their last stop.
func mark(words string, n int) string {
	words = strings.TrimRight(words, "；;，,。：: ")
	return fmt.Sprintf("%s[%d]。", words, n)
}
