package guide

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"xiaoyue/assistant/guide/prompt"
	"xiaoyue/inference"
	"xiaoyue/kb"
)

// Archive is what a replay reads beside the record: texts as they were. kb/catalog implements it.
type Archive interface {
	// Document returns one version of a document, withdrawn or not; 0 is the newest one that is not.
	Document(ctx context.Context, tenant, id string, version int) (kb.Document, error)
	// Passage returns a passage of one version of its document, searchable or not.
	Passage(ctx context.Context, tenant, id string, version int) (kb.Passage, error)
}

// Replayed is an answer gone through again.
type Replayed struct {
	// Missing says what of the evidence and the citations is not in the archive any more.
	Missing []string       `json:"missing"`
	Calls   []ReplayedCall `json:"calls"`
	// Answer and Record are those that the same question gets today, asked by the same caller for the
	// same day; nothing of it is stored.
	Answer      kb.Answer    `json:"answer"`
	Record      kb.Record    `json:"record"`
	Differences []Difference `json:"differences"`
}

// ReplayedCall is a request to a model made again from the record and the archive alone.
type ReplayedCall struct {
	Messages []inference.Message `json:"messages,omitempty"` // nil where something is missing
	Prompt   string              `json:"prompt,omitempty"`   // their SHA-256
	Same     bool                `json:"same"`               // byte for byte as it was sent
	Missing  []string            `json:"missing,omitempty"`  // why it is not
}

// Difference is something that is not today as it was.
type Difference struct {
	What string `json:"what"`
	Then string `json:"then"`
	Now  string `json:"now"`
}

// Replay rebuilds the evidence and every prompt of an answer, asks the question again as it was asked,
// and says what differs. What cannot be rebuilt is no error: the result names it.
func (g *Guide) Replay(ctx context.Context, archive Archive, record kb.Record) (Replayed, error) {
	again := Replayed{Missing: []string{}, Calls: []ReplayedCall{}, Differences: []Difference{}}
	a := replay{archive: archive, tenant: record.Turn.Caller.Tenant, docs: map[version]kb.Document{}}
	if a.tenant == "" {
		a.tenant = kb.DefaultTenant
	}
	err := a.verify(ctx, record, &again)
	for _, c := range record.Calls {
		if err != nil {
			break
		}
		var rebuilt ReplayedCall
		rebuilt, err = g.rebuild(ctx, &a, record.TraceID, c)
		again.Calls = append(again.Calls, rebuilt)
	}
	if err != nil {
		return Replayed{}, fmt.Errorf("replay %s: %w", record.TraceID, err)
	}
	turn := record.Turn
	if turn.AsOf.IsZero() {
		turn.AsOf = kb.DateOf(record.CreatedAt)
	}
	again.Answer, again.Record, err = g.answer(ctx, turn, record.TraceID, nil)
	if err != nil {
		return Replayed{}, fmt.Errorf("replay %s: %w", record.TraceID, err)
	}
	again.Differences, err = a.differences(ctx, record, again.Record)
	if err != nil {
		return Replayed{}, fmt.Errorf("replay %s: %w", record.TraceID, err)
	}
	return again, nil
}

// replay reads each version of a document once.
type replay struct {
	archive Archive
	tenant  string
	docs    map[version]kb.Document
}

type version struct {
	doc    string
	number int
}

func (a *replay) document(ctx context.Context, id string, number int) (kb.Document, error) {
	v := version{id, number}
	if d, ok := a.docs[v]; ok {
		return d, nil
	}
	d, err := a.archive.Document(ctx, a.tenant, id, number)
	if err == nil {
		a.docs[v] = d
	}
	return d, err
}

// verify looks for the passages that were considered and the quotes that were shown.
func (a *replay) verify(ctx context.Context, record kb.Record, again *Replayed) error {
	for _, e := range record.Evidence {
		if e.Version == 0 {
			continue // the index was ahead of the catalog: it was never read
		}
		_, err := a.archive.Passage(ctx, a.tenant, e.PassageID, e.Version)
		if err := again.note(err, fmt.Sprintf("passage %s of version %d is gone", e.PassageID, e.Version)); err != nil {
			return err
		}
	}
	for _, c := range record.Answer.Citations {
		d, err := a.document(ctx, c.DocID, c.Version)
		if err == nil && !strings.Contains(d.Text, c.Quote) {
			err = kb.ErrNotFound
		}
		if err := again.note(err, fmt.Sprintf("quote [%d] is not in version %d of document %s", c.N, c.Version, c.DocID)); err != nil {
			return err
		}
	}
	return nil
}

// note keeps what is missing; other errors are passed on.
func (r *Replayed) note(err error, words string) error {
	if errors.Is(err, kb.ErrNotFound) {
		r.Missing = append(r.Missing, words)
		return nil
	}
	return err
}

// rebuild makes the messages of a call again.
func (g *Guide) rebuild(ctx context.Context, a *replay, trace string, c kb.Call) (ReplayedCall, error) {
	var r ReplayedCall
	miss := func(format string, args ...any) { r.Missing = append(r.Missing, fmt.Sprintf(format, args...)) }
	template, ok := g.templates.Version(c.Template)
	if !ok {
		miss("template %s is not in this build", c.Template)
	}
	ask := prompt.Ask{Trace: trace, Question: c.Question, Place: c.Place, AsOf: c.AsOf, Written: c.Written, Objection: c.Objection}
	for i, ref := range c.Evidence {
		d, err := a.document(ctx, ref.DocID, ref.Version)
		var p kb.Passage
		if err == nil {
			p, err = a.archive.Passage(ctx, a.tenant, ref.PassageID, ref.Version)
		}
		switch {
		case errors.Is(err, kb.ErrNotFound):
			miss("evidence [%d]: passage %s of version %d of document %s is gone", i+1, ref.PassageID, ref.Version, ref.DocID)
		case err != nil:
			return r, err
		case !within(ref.Parts, len(d.Text)):
			miss("evidence [%d]: version %d of document %s is not the text it was", i+1, ref.Version, ref.DocID)
		default:
			ask.Evidence = append(ask.Evidence, promptPiece(d, p, ref))
		}
	}
	if len(r.Missing) > 0 {
		return r, nil
	}
	var err error
	if r.Messages, err = template.Messages(ask); err != nil {
		return r, err
	}
	if r.Prompt = prompt.Hash(r.Messages); r.Prompt != c.Prompt {
		miss("all parts are there, and this build makes another prompt of them")
	}
	r.Same = r.Prompt == c.Prompt
	return r, nil
}

// within reports whether spans lie in a text of a length.
func within(parts []kb.Span, length int) bool {
	for _, s := range parts {
		if s.Start < 0 || s.Start > s.End || s.End > length {
			return false
		}
	}
	return true
}
