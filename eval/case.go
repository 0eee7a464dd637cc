package eval

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"xiaoyue/kb"
)

// Case is a question with what its answer must be. ID, Question and Expect are required.
type Case struct {
	ID        string         `json:"id"`
	Question  string         `json:"question"`
	History   []kb.Exchange  `json:"history,omitempty"`
	Documents []CaseDocument `json:"documents,omitempty"` // given: the only knowledge for this case
	AsOf      kb.Date        `json:"as_of,omitzero"`
	Region    string         `json:"region,omitempty"`
	Zone      string         `json:"zone,omitempty"`
	Audience  string         `json:"audience,omitempty"`
	Expect    Expect         `json:"expect"`
}

// CaseDocument is a document that a case brings along; its ID is the doc_id of citations. Metadata
// has the members of ingest's metadata; what it lacks is found in the text by rule.
type CaseDocument struct {
	ID       string          `json:"id"`
	Title    string          `json:"title"`
	Text     string          `json:"text"`
	Metadata json.RawMessage `json:"metadata,omitempty"`
}

// Expect is what makes an answer right: the outcome; of every group in Contains at least one
// alternative in the text; none of Excludes in it; all of Cites among the documents cited.
type Expect struct {
	Outcome  kb.Outcome `json:"outcome"`
	Contains [][]string `json:"contains,omitempty"`
	Excludes []string   `json:"excludes,omitempty"`
	Cites    []string   `json:"cites,omitempty"`
}

// maxCaseBytes bounds one line of a file of cases; a case may bring whole documents along.
const maxCaseBytes = 16 << 20

// outcomes are those that a case may expect.
var outcomes = []kb.Outcome{kb.Answered, kb.NoEvidence, kb.OutOfScope, kb.Unsafe, kb.Unavailable, kb.NeedsClarification, kb.HandedOver}

// ReadCases reads cases, one JSON object a line; empty lines are skipped. A faulty line is an error
// that names it.
func ReadCases(r io.Reader) ([]Case, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxCaseBytes)
	var cases []Case
	seen := map[string]bool{}
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var c Case
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return nil, fmt.Errorf("cases: line %d: %w", n, err)
		}
		if err := c.check(); err != nil {
			return nil, fmt.Errorf("cases: line %d: %w", n, err)
		}
		if seen[c.ID] {
			return nil, fmt.Errorf("cases: line %d: id %q is used twice", n, c.ID)
		}
		seen[c.ID] = true
		cases = append(cases, c)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("cases: %w", err)
	}
	return cases, nil
}

func (c Case) check() error {
	switch {
	case c.ID == "":
		return errors.New("id is missing")
	case c.Question == "":
		return fmt.Errorf("case %s: question is missing", c.ID)
	case !slices.Contains(outcomes, c.Expect.Outcome):
		return fmt.Errorf("case %s: expect.outcome %q is none of %q", c.ID, c.Expect.Outcome, outcomes)
	}
	for _, d := range c.Documents {
		if d.ID == "" {
			return fmt.Errorf("case %s: a document has no id", c.ID)
		}
	}
	return nil
}
