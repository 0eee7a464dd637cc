package eval

import (
	"context"
	"fmt"
	"slices"
	"time"

	"xiaoyue/kb"
	"xiaoyue/kb/figures"
)

// Asker answers one turn, as the running system does.
type Asker interface {
	Answer(ctx context.Context, turn kb.Turn, emit func(kb.Event) error) (kb.Answer, kb.Record, error)
}

// Desk hands out the asker of a case: the system's own where documents is empty, else one that knows
// nothing but them. The asker is not used after release.
type Desk interface {
	Asker(ctx context.Context, documents []CaseDocument) (asker Asker, release func() error, err error)
}

// AnswersReport is what a run over cases gave.
//
// Citation precision and recall are micro averages over the cases that expect citations: of the
// documents cited, the share that was expected; of those expected, the share that was cited.
type AnswersReport struct {
	Cases             int                `json:"cases"`
	Right             int                `json:"right"`
	Wrong             int                `json:"wrong"`
	Outcomes          map[kb.Outcome]int `json:"outcomes"`
	AnsweredWrong     int                `json:"answered_wrong"` // wrong, and the outcome was answered
	RefusedWrong      int                `json:"refused_wrong"`  // an answer was expected, and none given
	CitationPrecision float64            `json:"citation_precision"`
	CitationRecall    float64            `json:"citation_recall"`
	Sentences         int                `json:"sentences"` // that were checked against their evidence
	Replaced          int                `json:"replaced"`  // of them, by words of the evidence
	Seconds           float64            `json:"seconds"`
	Failures          []Failure          `json:"failures"`
}

// Failure is a case that was not right, and why.
type Failure struct {
	ID       string     `json:"id"`
	Expected kb.Outcome `json:"expected"`
	Outcome  kb.Outcome `json:"outcome"`
	Mode     kb.Mode    `json:"mode"`
	Text     string     `json:"text"`
	Cites    []string   `json:"cites"`
	Why      []string   `json:"why"`
}

// Answers runs all cases and judges their answers. A case that cannot be run is an error.
func Answers(ctx context.Context, desk Desk, caller kb.Caller, cases []Case, progress Progress) (AnswersReport, error) {
	rep := AnswersReport{Outcomes: map[kb.Outcome]int{}, Failures: []Failure{}}
	began := time.Now()
	var cited, expected, both int
	for i, c := range cases {
		a, rec, err := answer(ctx, desk, caller, c)
		if err != nil {
			return rep, fmt.Errorf("case %s: %w", c.ID, err)
		}
		rep.count(c, a, rec)
		if len(c.Expect.Cites) > 0 {
			docs := citedDocuments(a)
			cited += len(docs)
			expected += len(c.Expect.Cites)
			both += len(slices.DeleteFunc(docs, func(id string) bool { return !slices.Contains(c.Expect.Cites, id) }))
		}
		progress.report("answers", i+1, len(cases))
	}
	rep.CitationPrecision, rep.CitationRecall = ratio(both, cited), ratio(both, expected)
	rep.Seconds = time.Since(began).Seconds()
	return rep, nil
}

func answer(ctx context.Context, desk Desk, caller kb.Caller, c Case) (a kb.Answer, rec kb.Record, err error) {
	asker, release, err := desk.Asker(ctx, c.Documents)
	if err != nil {
		return a, rec, err
	}
	turn := kb.Turn{Caller: caller, Question: c.Question, History: c.History, AsOf: c.AsOf, Region: c.Region, Zone: c.Zone, Audience: c.Audience}
	a, rec, err = asker.Answer(ctx, turn, func(kb.Event) error { return nil })
	if released := release(); err == nil {
		err = released
	}
	return a, rec, err
}

func (r *AnswersReport) count(c Case, a kb.Answer, rec kb.Record) {
	r.Cases++
	r.Outcomes[a.Outcome]++
	r.Sentences += len(rec.Verdicts)
	for _, v := range rec.Verdicts {
		if v.Result == kb.VerdictReplaced {
			r.Replaced++
		}
	}
	why := Judge(c.Expect, a)
	if len(why) == 0 {
		r.Right++
		return
	}
	r.Wrong++
	switch {
	case a.Outcome == kb.Answered:
		r.AnsweredWrong++
	case c.Expect.Outcome == kb.Answered:
		r.RefusedWrong++
	}
	r.Failures = append(r.Failures, Failure{c.ID, c.Expect.Outcome, a.Outcome, a.Mode, a.Text, citedDocuments(a), why})
}

// Judge returns why an answer is not what was expected; nothing where it is right. Texts are
// compared in the normal form of figures, in which 三万元 and 30000元 are the same.
func Judge(e Expect, a kb.Answer) []string {
	var why []string
	if a.Outcome != e.Outcome {
		why = append(why, fmt.Sprintf("outcome is %s, want %s", a.Outcome, e.Outcome))
	}
	for _, group := range e.Contains {
		if !slices.ContainsFunc(group, func(alt string) bool { return figures.Contains(a.Text, alt) }) {
			why = append(why, fmt.Sprintf("text holds none of %q", group))
		}
	}
	for _, word := range e.Excludes {
		if figures.Contains(a.Text, word) {
			why = append(why, fmt.Sprintf("text holds %q", word))
		}
	}
	docs := citedDocuments(a)
	for _, id := range e.Cites {
		if !slices.Contains(docs, id) {
			why = append(why, fmt.Sprintf("document %s is not cited", id))
		}
	}
	return why
}

// citedDocuments returns the documents that an answer cites, each once, in order.
func citedDocuments(a kb.Answer) []string {
	docs := []string{}
	for _, c := range a.Citations {
		if !slices.Contains(docs, c.DocID) {
			docs = append(docs, c.DocID)
		}
	}
	return docs
}

func ratio(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
