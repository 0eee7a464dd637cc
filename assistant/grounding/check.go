package grounding

import (
	"slices"

	"xiaoyue/kb"
	"xiaoyue/kb/figures"
)

// Checker reads evidence. It is immutable and may be used concurrently.
type Checker struct{}

// New returns a checker with the built-in lexicon.
func New() (*Checker, error) { return &Checker{}, nil }

// Grounds is evidence made ready for the sentences of one answer. It is immutable.
type Grounds struct{ evidence []Evidence }

// Prepare reads the evidence of an answer. Dates are the day asked about and today.
func (c *Checker) Prepare(question string, asOf, today kb.Date, evidence []Evidence) *Grounds {
	return &Grounds{evidence: evidence}
}

// Check judges a sentence without its marks; cited are indexes into the evidence.
func (g *Grounds) Check(sentence string, cited []int) Verdict {
	var there []figures.Figure
	var support []Ref
	for _, n := range cited {
		if n < 0 || n >= len(g.evidence) {
			continue
		}
		for i, u := range g.evidence[n].Units {
			support = append(support, Ref{n, i})
			there = append(there, figures.Find(u.Said)...)
		}
	}
	if len(support) == 0 {
		return Verdict{Fault: Uncited, Detail: "没有注明依据"}
	}
	for _, f := range figures.Find(sentence) {
		if !slices.ContainsFunc(there, f.Same) {
			return Verdict{Fault: Figure, Detail: f.Text() + "在依据中没有"}
		}
	}
	return Verdict{Support: support}
}
