// Package guide answers questions about government services from evidence: service items from their
// records, field by field and verbatim; policies with sentences of the documents in force on the day
// and in the place asked about, each with its citation. Where there is no evidence it says so.
//
// It finds nothing itself (retrieval does), keeps nothing (kb/catalog does) and knows no transport.
//
// The way of a question through the files: respond sorts out what needs no knowledge (talk, handover);
// thread follows the conversation so far and complete makes the question stand alone (opening, choice,
// correct, refer, follow, stem, replace; rewrite asks a model); when, where and namesake read day and place from
// its words, clarify asks back where several fit alike. reading splits it into asking parts with their
// subject (chunk, topic, ask, period, pair; lexicon and lay know the words). plan looks for every part
// at the service items (names, item, field) and in the rules: evidence splits what the search found into
// units that can be quoted (outline, table, unit), choose weighs them by the words, figures and attributes
// of the question they account for (coverage, bearing, span; study keeps what was worked out of a
// document; signals and belief judge the rest, close, thing and who find in a text what was asked for),
// policy picks per region. speak says it with its citations, remark adds what else must be known; standing,
// transition and counterpart answer of rules that change; refuse says why there is no answer. reply is
// the answer in the making.
//
// With a chat model write lets it say what the plan holds: piece and orders make up what it is given,
// write_call sends it and inspect knows the server's model, cutter cuts what it writes into sentences,
// write_check shows those that grounding finds sound, write_stead what stands in the place of others, and
// write_said remembers both; venture asks it where no sentence stands out. Of the record of an answer,
// replay makes every prompt again and replay_diff says what differs today.
package guide

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"xiaoyue/assistant/grounding"
	"xiaoyue/assistant/guard"
	"xiaoyue/assistant/guide/prompt"
	"xiaoyue/inference"
	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/segment"
)

// Knowledge is what the guide reads beside the index. kb/catalog implements it. Methods may be
// called concurrently; what they return belongs to the caller.
type Knowledge interface {
	retrieval.Passages
	// Document returns one version of a document, or kb.ErrNotFound.
	Document(ctx context.Context, tenant, id string, version int) (kb.Document, error)
	// Items returns the service items inside a scope.
	Items(ctx context.Context, scope kb.Scope) ([]kb.ServiceItem, error)
	// RelationsOf returns the relations that a document has to others, on either side.
	RelationsOf(ctx context.Context, docID string) ([]kb.Relation, error)
}

// Options tune a Guide; zero fields mean the defaults.
type Options struct {
	Chat inference.ChatModel // nil: answers are put together from the evidence
	// Context is how many tokens prompt and answer may have together; zero: what the server says.
	Context int
	// Inspect says what a server tells of the model that wrote, by the name on the answer, empty before
	// there is one; nil: Chat is asked, where it is an inference.Inspector.
	Inspect func(ctx context.Context, model string) (inference.ModelInfo, error)
	Home    string           // region of a question that names none; kb.Nation
	Now     func() time.Time // time.Now
	Logger  *slog.Logger     // slog.Default
}

// Guide answers questions. It keeps nothing but the prepared names of items, and may be used concurrently.
type Guide struct {
	searcher    retrieval.Searcher
	knowledge   Knowledge
	regions     *kb.Regions
	segmenter   *segment.Segmenter
	lexicon     *lexicon
	chat        inference.ChatModel
	context     int
	templates   *prompt.Templates
	checker     *grounding.Checker
	inspections *inspections
	home        string
	now         func() time.Time
	logger      *slog.Logger
	cache       *nameCache
	namesakes   map[string][]string // codes of the regions that share a name
}

// New returns a Guide over a searcher, the knowledge it was built from and a table of regions.
func New(searcher retrieval.Searcher, knowledge Knowledge, regions *kb.Regions, opts *Options) (*Guide, error) {
	if searcher == nil || knowledge == nil || regions == nil {
		return nil, errors.New("guide: searcher, knowledge and regions are required")
	}
	o := Options{}
	if opts != nil {
		o = *opts
	}
	segmenter, err := segment.New(nil)
	if err != nil {
		return nil, fmt.Errorf("guide: %w", err)
	}
	g := &Guide{searcher: searcher, knowledge: knowledge, regions: regions, segmenter: segmenter, lexicon: newLexicon(),
		chat: o.Chat, home: o.Home, now: o.Now, logger: o.Logger, cache: &nameCache{}, namesakes: namesakesOf(regions)}
	if g.home == "" {
		g.home = kb.Nation
	}
	if g.now == nil {
		g.now = time.Now
	}
	if g.logger == nil {
		g.logger = slog.Default()
	}
	if err := g.prepareWriting(o); err != nil {
		return nil, fmt.Errorf("guide: %w", err)
	}
	return g, nil
}

// Answer answers one turn. It emits deltas, cards, citations and notices as they are made; an error
// of emit ends the answer. The returned error is kb.ErrUnknownRegion for a region code that is not
// in the table, the context's own error, or a failure of the knowledge; a failed index is no error.
// With an error the record accounts for what was shown until then; without a trace ID, nothing was.
func (g *Guide) Answer(ctx context.Context, turn kb.Turn, emit func(kb.Event) error) (kb.Answer, kb.Record, error) {
	return g.answer(ctx, turn, uuid.NewString(), emit)
}

func (g *Guide) answer(ctx context.Context, turn kb.Turn, trace string, emit func(kb.Event) error) (kb.Answer, kb.Record, error) {
	began := g.now()
	turn = guard.Masked(turn)
	r := newReply(emit)
	r.answer.TraceID, r.asker = trace, askerOf(turn, trace)
	outcome, err := g.respond(ctx, turn, r)
	if err == nil {
		err = r.err
	}
	if err != nil {
		err, outcome = fmt.Errorf("answer: %w", err), kb.Unavailable
	}
	if err != nil && r.text.Len() == 0 {
		return kb.Answer{}, kb.Record{}, err
	}
	r.finish(outcome)
	r.record.TraceID, r.record.Turn, r.record.Answer = trace, turn, r.answer
	r.record.CreatedAt, r.record.Elapsed = began, g.now().Sub(began)
	return r.answer, r.record, err
}
