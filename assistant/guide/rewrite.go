package guide

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"xiaoyue/assistant/guide/prompt"
	"xiaoyue/inference"
	"xiaoyue/kb"
	"xiaoyue/kb/figures"
	"xiaoyue/retrieval/segment"
)

// The bounds of a completion by a model. It is asked only where the question would end without an
// answer, so that its time is not in the way of others.
const (
	rewriteTime      = 5 * time.Second
	rewriteTokens    = 120
	rewriteRunes     = 120
	rewriteExchanges = 4
	rewriteAnswer    = 100 // runes of an earlier answer
)

// rewrite lets the chat model complete a follow-up that the rules cannot. It returns "" where there is
// no model, it fails, or it brings in words that nobody said. The request is recorded.
func (g *Guide) rewrite(ctx context.Context, turn kb.Turn, question string, r *reply) string {
	if g.chat == nil {
		return ""
	}
	said := conversation(turn.History, question)
	template := g.templates.Completing
	messages, err := template.Messages(prompt.Ask{Trace: r.answer.TraceID, Question: said, AsOf: r.answer.AsOf})
	if err != nil {
		g.logger.Error("prompt of a completion", "err", err)
		return ""
	}
	call := kb.Call{Purpose: "complete", Template: template.Hash, Prompt: prompt.Hash(messages), Question: said, AsOf: r.answer.AsOf, Model: g.chat.Name()}
	began := g.now()
	within, cancel := context.WithTimeout(ctx, rewriteTime)
	defer cancel()
	written, err := g.hear(within, inference.ChatRequest{Messages: messages, MaxTokens: rewriteTokens, Asker: r.asker}, &call)
	switch {
	case err != nil && ctx.Err() == nil:
		g.logger.Warn("chat model completed no question", "model", call.Model, "trace", r.answer.TraceID, "err", err)
		r.degrade(kb.PartChat)
	case err == nil && !g.saysNothingNew(written, question, said):
		err = errInvented
	}
	g.recordCall(ctx, r, call, began, err)
	if err != nil {
		return ""
	}
	return written
}

// conversation is what a model is given of a conversation: its last exchanges and the follow-up.
func conversation(history []kb.Exchange, question string) string {
	var b strings.Builder
	for _, e := range history[max(0, len(history)-rewriteExchanges):] {
		b.WriteString("问：" + firstRunes(cleanQuestion(e.Question), rewriteRunes) + "\n")
		b.WriteString("答：" + firstRunes(cleanQuestion(e.Answer), rewriteAnswer) + "\n")
	}
	return b.String() + "追问：" + question
}

// errInvented refuses a completion; the model did not fail.
var errInvented = errors.New("words that nobody said")

// errLongWait ends a request whose turn would come too late.
var errLongWait = errors.New("the queue is longer than a completion may take")

// hear reads the one line that a model writes.
func (g *Guide) hear(ctx context.Context, req inference.ChatRequest, call *kb.Call) (string, error) {
	var b strings.Builder
	began := g.now()
	for d, err := range g.chat.Chat(ctx, req) {
		switch {
		case err != nil:
			return "", err
		case d.Wait > rewriteTime:
			return "", errLongWait
		case b.Len() > maxSentenceBytes:
			return "", errTooMuch
		case b.Len() == 0 && d.Text != "":
			call.FirstToken = g.now().Sub(began)
		}
		b.WriteString(d.Text)
		if d.Stop != "" {
			count(call, d)
		}
		if d.Stop == inference.StopLength {
			return "", errTooMuch // half a question may be another one
		}
	}
	return cleanQuestion(strings.Trim(strings.TrimSpace(b.String()), "“”\"")), nil
}

// saysNothingNew reports whether a completed question is made of what was said: every word and figure
// of it, and what the follow-up asks for is still asked.
func (g *Guide) saysNothingNew(written, question, said string) bool {
	if n := utf8.RuneCountInString(written); n == 0 || n > rewriteRunes || !keepsAsks(g.lexicon.asksOf(question), g.lexicon.asksOf(written)) {
		return false
	}
	for _, f := range figures.Find(written) {
		if !figures.Contains(said, written[f.Start:f.End]) {
			return false
		}
	}
	for _, not := range []string{"不", "没", "非", "无", "未", "除"} {
		if strings.Contains(written, not) && !strings.Contains(said, not) {
			return false
		}
	}
	said = segment.Normal(said)
	return !slices.ContainsFunc(g.lexicon.chunks(segment.Normal(written)), func(c string) bool { return !isMadeOf(c, said) })
}

func keepsAsks(asked, written []ask) bool {
	return !slices.ContainsFunc(asked, func(a ask) bool { return !slices.Contains(written, a) })
}

// isMadeOf reports whether a run of words can be put together from parts of a text, each of two
// characters or more; single characters must be particles.
func isMadeOf(words, text string) bool {
	runes := []rune(words)
	for at := 0; at < len(runes); {
		end := at + 1
		for end < len(runes) && strings.Contains(text, string(runes[at:end+1])) {
			end++
		}
		if end == at+1 && !strings.ContainsRune(edgeRunes, runes[at]) {
			return false
		}
		at = end
	}
	return true
}
