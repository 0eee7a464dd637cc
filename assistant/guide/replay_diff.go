package guide

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"xiaoyue/kb"
)

// comparison collects differences.
type comparison struct{ found []Difference }

func (c *comparison) add(what, then, now string) {
	if then != now {
		c.found = append(c.found, Difference{what, then, now})
	}
}

// differences compares an answer with the one that the same question gets now, and the rules it rested
// on with what is known of them now.
func (a *replay) differences(ctx context.Context, then, now kb.Record) ([]Difference, error) {
	c := &comparison{found: []Difference{}}
	c.answers(then.Answer, now.Answer)
	c.add("index", then.Stamp, now.Stamp)
	c.add("answerability", decimal(then.Score), decimal(now.Score))
	c.ranks(then.Evidence, now.Evidence)
	c.calls(then.Calls, now.Calls)
	return c.found, a.rules(ctx, then, c)
}

func (c *comparison) answers(then, now kb.Answer) {
	c.add("outcome", string(then.Outcome), string(now.Outcome))
	c.add("mode", string(then.Mode), string(now.Mode))
	c.add("degraded", strings.Join(then.Degraded, " "), strings.Join(now.Degraded, " "))
	c.add("question", then.QuestionCompleted, now.QuestionCompleted)
	c.add("region", then.Region, now.Region)
	c.add("as_of", then.AsOf.String(), now.AsOf.String())
	c.add("text", then.Text, now.Text)
	c.add("notes", strings.Join(then.Notes, "\n"), strings.Join(now.Notes, "\n"))
	c.add("item", itemJSON(then.Item), itemJSON(now.Item))
	for i := range max(len(then.Citations), len(now.Citations)) {
		c.add(fmt.Sprintf("citation %d", i+1), citationText(then.Citations, i), citationText(now.Citations, i))
	}
}

// itemJSON returns a whole item, for comparison.
func itemJSON(item *kb.ServiceItem) string {
	if item == nil {
		return ""
	}
	b, err := json.Marshal(item)
	if err != nil {
		return item.Code
	}
	return string(b)
}

func citationText(all []kb.Citation, i int) string {
	if i >= len(all) {
		return ""
	}
	c := all[i]
	return fmt.Sprintf("%s version %d %s %s “%s”", c.DocID, c.Version, c.Clause, c.Status, c.Quote)
}

// ranks compares the passages considered: their places among the hits and their scores.
func (c *comparison) ranks(then, now []kb.EvidenceScore) {
	ids := map[string]bool{}
	was, is := rankTexts(then), rankTexts(now)
	for _, e := range append(append([]kb.EvidenceScore{}, then...), now...) {
		if !ids[e.PassageID] {
			ids[e.PassageID] = true
			c.add("passage "+e.PassageID, was[e.PassageID], is[e.PassageID])
		}
	}
}

func rankTexts(hits []kb.EvidenceScore) map[string]string {
	texts := map[string]string{}
	for i, e := range hits {
		if texts[e.PassageID] == "" {
			texts[e.PassageID] = fmt.Sprintf("rank %d, version %d, score %s, lexical %s, dense %s", i+1, e.Version, decimal(e.Score), decimal(e.Lexical), decimal(e.Dense))
		}
	}
	return texts
}

// decimal rounds away what the order of additions does to a score.
func decimal(x float64) string { return strconv.FormatFloat(x, 'f', 6, 64) }

func (c *comparison) calls(then, now []kb.Call) {
	for i := range max(len(then), len(now)) {
		was, is := callAt(then, i), callAt(now, i)
		call := fmt.Sprintf("call %d ", i+1)
		c.add(call+"purpose", was.Purpose, is.Purpose)
		c.add(call+"template", was.Template, is.Template)
		if was.Fault == "" && is.Fault == "" { // of several servers, a call that failed names none
			c.add(call+"model", was.Model, is.Model)
			c.add(call+"digest", was.Digest, is.Digest)
		}
		c.add(call+"prompt", was.Prompt, is.Prompt)
		c.add(call+"fault", was.Fault, is.Fault)
	}
}

func callAt(calls []kb.Call, i int) kb.Call {
	if i >= len(calls) {
		return kb.Call{}
	}
	return calls[i]
}

// rules compares what was shown of the documents cited with how they stand now: later acts change
// dates, and newer versions take their place.
func (a *replay) rules(ctx context.Context, then kb.Record, c *comparison) error {
	seen := map[version]bool{}
	for _, cited := range then.Answer.Citations {
		v := version{cited.DocID, cited.Version}
		if seen[v] {
			continue
		}
		seen[v] = true
		now, standing, err := a.standing(ctx, cited, then.CreatedAt)
		if err != nil {
			return err
		}
		c.add("document "+cited.Title, fmt.Sprintf("version %d", cited.Version), now)
		was := datesText(kb.Validity{From: cited.ValidFrom, Until: cited.ValidUntil}, cited.Status)
		c.add("dates of "+cited.Title, was, datesText(standing, standing.On(then.Answer.AsOf)))
	}
	return nil
}

// standing says what became of a document that was cited, and its dates now: those of a version that
// became known since, else those of the passage itself.
func (a *replay) standing(ctx context.Context, cited kb.Citation, then time.Time) (now string, v kb.Validity, err error) {
	newest, err := a.document(ctx, cited.DocID, 0)
	switch {
	case errors.Is(err, kb.ErrNotFound):
		return "withdrawn", v, nil
	case err != nil:
		return "", v, err
	case newest.RecordedAt.After(then):
		return fmt.Sprintf("version %d, recorded on %s", newest.Version, kb.DateOf(newest.RecordedAt)), newest.Validity, nil
	}
	p, err := a.archive.Passage(ctx, a.tenant, cited.PassageID, cited.Version)
	if errors.Is(err, kb.ErrNotFound) {
		return "gone", v, nil
	}
	return fmt.Sprintf("version %d", cited.Version), p.Validity, err
}

func datesText(v kb.Validity, status kb.Status) string {
	return fmt.Sprintf("%s from %s until %s", status, v.From, v.Until)
}
