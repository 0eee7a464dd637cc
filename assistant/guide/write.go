package guide

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"xiaoyue/assistant/grounding"
	"xiaoyue/assistant/guard"
	"xiaoyue/assistant/guide/prompt"
	"xiaoyue/inference"
	"xiaoyue/kb"
)

// The bounds of what a model may write.
const (
	maxAnswerTokens  = 800
	maxAnswerBytes   = 16 << 10
	maxSentenceBytes = 2 << 10
	maxRetries       = 2  // of sentences, in one answer
	maxDropped       = 12 // sentences of a part that came to nothing, after which the model is not heard on
	maxShrinks       = 2  // of evidence that was too long for the model, each time to half
	writingTime      = 50 * time.Second
	writingReserve   = 4 * time.Second // of the answer's deadline, kept for saying the evidence itself
)

// promptTokens is a generous estimate of what a prompt holds beside evidence; usualContext is the
// context of a model that nobody tells about. A character of Chinese is a token or less.
const (
	promptTokens = 1600
	usualContext = 8192
	leastRunes   = 300
)

// prepareWriting readies what answers of a model need, and their replay.
func (g *Guide) prepareWriting(o Options) (err error) {
	o.Now = g.now
	g.context, g.inspections = o.Context, newInspections(o)
	if g.templates, err = prompt.Load(); err != nil || g.chat == nil {
		return err
	}
	g.checker, err = grounding.New()
	return err
}

// errTooMuch ends an answer that does not end by itself.
var errTooMuch = errors.New("answer is too long")

// writer lets a model answer one part of a question. A sentence is shown when its evidence bears it
// out; another one is asked for anew, or the evidence speaks in its place. What was shown stays.
type writer struct {
	g            *Guide
	q            query
	p            part
	r            *reply
	pieces       []piece
	grounds      *grounding.Grounds
	ventures     bool    // there are no findings: a first sentence has to answer the question
	kept         int     // sentences of the model that were shown
	dropped      int     // that came to nothing
	lead         string  // a sentence without a fact, said when one follows
	held         []draft // sentences that wait for the handle at the end of their paragraph
	above        []int   // handles of the line above a list
	near         string  // region of what was said last
	written      string  // what the model wrote and was shown, as it wrote it
	faulty       string  // the sentence behind it that has to be written anew
	retried      bool    // the next sentence has been asked for anew
	insufficient bool    // the model said that the evidence is not enough
	ended        bool    // the model is not heard on: it is done, or said too much in vain
}

// write lets the model answer from the evidence of a part. What the part asks for and the model does
// not get to is said in the evidence's own words; a fault of the model degrades the answer and is no
// error. Where the model says that the evidence is not enough, rules still speak for themselves; news
// and other pages, of which less is known, do not, and the part is without an answer.
func (g *Guide) write(ctx context.Context, q query, p *part, r *reply) error {
	w := &writer{g: g, q: q, p: *p, r: r}
	if err := w.run(ctx); err != nil {
		return err
	}
	if w.insufficient && w.kept == 0 && !p.ruled() {
		p.findings, p.declined = nil, true
		return nil
	}
	w.rest()
	w.label()
	return nil
}

// run asks the model, and again where a sentence has to be written anew. It returns an error of the
// context or of the reader only.
func (w *writer) run(ctx context.Context) error {
	limited, cancel := w.withDeadline(ctx)
	defer cancel()
	runes := w.g.evidenceRunes(ctx)
	purpose, objection := "answer", ""
	for shrinks := 0; ; {
		if w.prepare(runes); len(w.pieces) == 0 {
			return nil
		}
		again, err := w.ask(limited, purpose, objection)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case w.r.err != nil:
			return w.r.err
		case errors.Is(err, inference.ErrTooLong) && shrinks < maxShrinks && w.kept == 0:
			shrinks++
			runes = min(runes, w.size()) / 2
		case err != nil:
			w.g.logger.Warn("chat model failed", "model", w.g.chat.Name(), "trace", w.r.answer.TraceID, "err", err)
			w.r.degrade(kb.PartChat)
			return nil
		case again == "":
			return nil
		default:
			purpose, objection = "retry", again
			w.retried = true
			w.r.retries++
		}
	}
}

// withDeadline leaves time to say the evidence itself when the model is slow.
func (w *writer) withDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := writingTime
	if end, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(end)-writingReserve)
	}
	return context.WithTimeout(ctx, limit)
}

// evidenceRunes is how much evidence fits the model.
func (g *Guide) evidenceRunes(ctx context.Context) int {
	size := g.context
	if size == 0 {
		size = g.inspections.of(ctx, "").Context
	}
	if size == 0 {
		size = usualContext
	}
	return min(maxEvidenceRunes, max(leastRunes, size-maxAnswerTokens-promptTokens))
}

// prepare chooses the evidence, once for every size.
func (w *writer) prepare(runes int) {
	if w.grounds != nil && w.size() <= runes {
		return
	}
	w.pieces = w.g.piecesOf(w.p, runes)
	day := w.q.scope.AsOf
	evidence := make([]grounding.Evidence, len(w.pieces))
	for i, p := range w.pieces {
		evidence[i] = w.g.evidenceOf(p, day)
	}
	w.grounds = w.g.checker.Prepare(w.q.question, day, w.q.today, evidence)
}

func (w *writer) size() int {
	n := 0
	for _, p := range w.pieces {
		n += utf8.RuneCountInString(p.text())
	}
	return n
}

// asking is what the prompt is made of.
func (w *writer) asking() prompt.Ask {
	a := prompt.Ask{Trace: w.r.answer.TraceID, Question: w.p.reading.text, Place: w.q.region.Name, AsOf: w.q.scope.AsOf}
	for _, p := range w.pieces {
		a.Evidence = append(a.Evidence, promptPiece(p.source.doc, p.source.passage, p.ref))
	}
	return a
}

// label says that a model wrote.
func (w *writer) label() {
	if w.kept == 0 {
		return
	}
	w.r.answer.Generated = true
	w.r.note(guard.Label)
	if w.r.answer.Mode == kb.ModeExtractive {
		w.r.answer.Mode = kb.ModeFull
	}
}
