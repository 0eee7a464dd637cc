package modeltest

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"strings"
	"time"
	"unicode/utf8"

	"xiaoyue/inference"
)

// Scripted is a chat model whose answers the test decides. It keeps the contract like a real one:
// MaxTokens, stop texts, the context length, cancellation. A token is a character and comes as a
// delta of its own. It is safe for concurrent use as long as its fields are let be.
type Scripted struct {
	Label   string                                 // its name; empty: scripted
	Reply   func(req inference.ChatRequest) string // what it answers; nil: Echo
	Thought string                                 // what it thinks first, where a request has Reasoning
	Context int                                    // tokens of prompt and answer together; zero: 4096
	Pace    time.Duration                          // from token to token, the first included; zero: none
}

// Echo answers with the last message, or where there is a Schema with the simplest value that fits.
func Echo(req inference.ChatRequest) string {
	if req.Schema != nil {
		return simplest(req.Schema)
	}
	if len(req.Messages) == 0 {
		return ""
	}
	return req.Messages[len(req.Messages)-1].Text
}

// Name implements inference.ChatModel.
func (s *Scripted) Name() string { return cmp.Or(s.Label, "scripted") }

// Inspect implements inference.Inspector.
func (s *Scripted) Inspect(ctx context.Context) (inference.ModelInfo, error) {
	return inference.ModelInfo{Name: s.Name(), Digest: "scripted", Context: s.context()}, ctx.Err()
}

func (s *Scripted) context() int { return cmp.Or(s.Context, 4096) }

// Chat implements inference.ChatModel.
func (s *Scripted) Chat(ctx context.Context, req inference.ChatRequest) iter.Seq2[inference.Delta, error] {
	return func(yield func(inference.Delta, error) bool) {
		deltas, err := s.answer(req)
		if err != nil {
			yield(inference.Delta{}, err)
			return
		}
		began := time.Now()
		for i, d := range deltas {
			tokens := min(i+1, len(deltas)-1) // the end costs no time
			if err := rest(ctx, time.Until(began.Add(time.Duration(tokens)*s.Pace))); err != nil {
				yield(inference.Delta{}, err)
				return
			}
			if !yield(d, nil) {
				return
			}
		}
	}
}

// answer is all of an answer, the last delta without text.
func (s *Scripted) answer(req inference.ChatRequest) ([]inference.Delta, error) {
	prompt := 0
	for _, m := range req.Messages {
		prompt += utf8.RuneCountInString(m.Text)
	}
	if prompt >= s.context() {
		return nil, &inference.Error{Kind: inference.ErrTooLong, Model: s.Name(),
			Detail: fmt.Sprintf("the input length exceeds the context length of %d tokens", s.context())}
	}
	limit := s.context() - prompt
	if req.MaxTokens > 0 {
		limit = min(limit, req.MaxTokens)
	}
	var deltas []inference.Delta
	if req.Reasoning {
		for _, r := range s.Thought {
			deltas = append(deltas, inference.Delta{Reasoning: string(r)})
		}
	}
	for _, r := range s.text(req) {
		deltas = append(deltas, inference.Delta{Text: string(r)})
	}
	last := inference.Delta{Stop: inference.StopEnd}
	if len(deltas) > limit {
		deltas, last.Stop = deltas[:limit], inference.StopLength
	}
	last.Usage = inference.Usage{Prompt: prompt, Completion: len(deltas)}
	return append(deltas, last), nil
}

// text is the reply up to the first stop text.
func (s *Scripted) text(req inference.ChatRequest) string {
	reply := s.Reply
	if reply == nil {
		reply = Echo
	}
	text := reply(req)
	for _, stop := range req.Stop {
		if stop != "" {
			text, _, _ = strings.Cut(text, stop)
		}
	}
	return text
}

// rest waits, or returns the error of a context that has ended.
func rest(ctx context.Context, d time.Duration) error {
	if d <= 0 || ctx.Err() != nil {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
