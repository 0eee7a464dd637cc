package eval

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"xiaoyue/kb"
)

// script answers questions from a table.
type script map[string]kb.Answer

func (s script) Answer(_ context.Context, t kb.Turn, _ func(kb.Event) error) (kb.Answer, kb.Record, error) {
	a, ok := s[t.Question]
	if !ok {
		return a, kb.Record{}, errors.New("not in the script")
	}
	return a, kb.Record{Verdicts: []kb.Verdict{{Result: kb.VerdictVerbatim}, {Result: kb.VerdictReplaced}}}, nil
}

func (s script) Asker(context.Context, []CaseDocument) (Asker, func() error, error) {
	return s, func() error { return nil }, nil
}

func TestAnswers(t *testing.T) {
	desk := script{
		"多少": {Outcome: kb.Answered, Text: "给予30000元补贴[1]。", Citations: []kb.Citation{{DocID: "a"}, {DocID: "a"}, {DocID: "b"}}},
		"错的": {Outcome: kb.Answered, Text: "给予13000元[1]。", Mode: kb.ModeLexical, Citations: []kb.Citation{{DocID: "b"}}},
		"没有": {Outcome: kb.NoEvidence},
	}
	cases, err := ReadCases(strings.NewReader(`
{"id":"1","question":"多少","expect":{"outcome":"answered","contains":[["3000元","三万元"]],"excludes":["3000元"],"cites":["a"]}}
{"id":"2","question":"错的","expect":{"outcome":"answered","contains":[["3000元"]],"cites":["c"]}}

{"id":"3","question":"没有","expect":{"outcome":"answered"}}
{"id":"4","question":"没有","expect":{"outcome":"no_evidence"}}`))
	if err != nil {
		t.Fatal(err)
	}
	got, err := Answers(context.Background(), desk, kb.Caller{}, cases, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := AnswersReport{
		Cases: 4, Right: 2, Wrong: 2, Outcomes: map[kb.Outcome]int{kb.Answered: 2, kb.NoEvidence: 2}, AnsweredWrong: 1, RefusedWrong: 1,
		CitationPrecision: 1.0 / 3, CitationRecall: 0.5, Sentences: 8, Replaced: 4,
		Failures: []Failure{
			{"2", kb.Answered, kb.Answered, kb.ModeLexical, "给予13000元[1]。", []string{"b"}, []string{`text holds none of ["3000元"]`, "document c is not cited"}},
			{"3", kb.Answered, kb.NoEvidence, "", "", []string{}, []string{"outcome is no_evidence, want answered"}},
		},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(AnswersReport{}, "Seconds"), cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Error(diff)
	}
}

func TestReadCasesFaults(t *testing.T) {
	for name, line := range map[string]string{
		"no id":           `{"question":"x","expect":{"outcome":"answered"}}`,
		"no question":     `{"id":"1","expect":{"outcome":"answered"}}`,
		"unknown outcome": `{"id":"1","question":"x","expect":{"outcome":"yes"}}`,
		"bad date":        `{"id":"1","question":"x","as_of":"2025-02-30","expect":{"outcome":"answered"}}`,
		"nameless doc":    `{"id":"1","question":"x","documents":[{"text":"y"}],"expect":{"outcome":"answered"}}`,
		"no JSON":         `{`,
		"id twice":        `{"id":"1","question":"x","expect":{"outcome":"answered"}}` + "\n" + `{"id":"1","question":"x","expect":{"outcome":"answered"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := ReadCases(strings.NewReader(line)); err == nil || !strings.Contains(err.Error(), "line") {
				t.Errorf("got %v, want an error that names the line", err)
			}
		})
	}
}

func FuzzReadCases(f *testing.F) {
	f.Add(`{"id":"1","question":"x","expect":{"outcome":"answered"}}`)
	f.Fuzz(func(t *testing.T, s string) {
		if cases, err := ReadCases(strings.NewReader(s)); err == nil {
			for _, c := range cases {
				Judge(c.Expect, kb.Answer{Text: s})
			}
		}
	})
}
