package modeltest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"xiaoyue/inference"
)

// Chat is what the suite needs of a chat model, and in what it is allowed to differ.
type Chat struct {
	// New returns the model. Its answers need not make sense, but it must follow a Schema; and it must
	// take longer than Deadline for a thousand tokens.
	New func(t *testing.T) inference.ChatModel
	// Missing returns a model that its server does not have; nil: there is no server.
	Missing func(t *testing.T) inference.ChatModel
	// AnyName says that the server answers whatever model is named; Inspect alone tells that it is missing.
	AnyName bool
	// Context is how many tokens of prompt and answer the model takes together, at least 2,000.
	Context int
	// Parallel is how many requests the server works on at once; zero: as many as come.
	Parallel int
	// Thinks says that the model thinks where a request has Reasoning.
	Thinks bool
	// Patience bounds a rule; zero: a minute. It is far below the time of Parallel whole answers of
	// Context tokens each, four times over: so a server that goes on writing for nobody is found out.
	Patience time.Duration
	// Deadline is that of a request that cannot be answered in time; zero: 300 ms.
	Deadline time.Duration
}

// RunChat checks a chat model against all rules.
func RunChat(t *testing.T, s Chat) {
	if s.Patience == 0 {
		s.Patience = time.Minute
	}
	if s.Deadline == 0 {
		s.Deadline = 300 * time.Millisecond
	}
	run(t, &s, []rule[*Chat]{
		{"stream", stream},
		{"end", end},
		{"length", length},
		{"stop texts", stopTexts},
		{"usage counts the whole prompt", wholePrompt},
		{"schema", followsSchema},
		{"reasoning", reasoning},
		{"too long", tooLong},
		{"missing model", missingModel},
		{"inspection", inspection},
		{"ended context", endedContext},
		{"cancellation", cancellation},
		{"deadline", deadline},
		{"leaving", leaving},
		{"concurrency", concurrency},
	})
}

// dictated is a request to which there is one answer, whatever the model: a schema admits no other.
// Spaces around it are the model's own.
func dictated(text string) inference.ChatRequest {
	schema, err := json.Marshal(map[string]any{"type": "string", "enum": []string{text}})
	if err != nil {
		panic(err) // a string always marshals
	}
	return inference.ChatRequest{
		Messages: []inference.Message{
			{Role: inference.System, Text: "Answer in JSON."},
			{Role: inference.User, Text: "Repeat: " + text[:min(len(text), 30)]},
		},
		Schema: schema, MaxTokens: 256,
	}
}

// answered is an answer as a reader sees it.
type answered struct {
	deltas []inference.Delta
	text   string
	last   inference.Delta
	err    error
}

// listen reads an answer to its end and checks what holds for every stream.
func listen(ctx context.Context, t *testing.T, m inference.ChatModel, req inference.ChatRequest) (a answered) {
	t.Helper()
	for d, err := range m.Chat(ctx, req) {
		if a.err != nil || a.last.Stop != "" {
			t.Errorf("the stream goes on behind its end: %+v, %v", d, err)
		}
		if err != nil {
			a.err = err
			continue
		}
		a.deltas = append(a.deltas, d)
		a.text += d.Text
		a.last = d
	}
	if a.err == nil && a.last.Stop == "" {
		t.Errorf("the stream ends without Stop and without an error")
	}
	return a
}

// ask is listen for an answer that has to come.
func (s *Chat) ask(t *testing.T, req inference.ChatRequest) answered {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), s.Patience)
	defer cancel()
	a := listen(ctx, t, s.New(t), req)
	if a.err != nil {
		t.Fatalf("no answer: %v", a.err)
	}
	return a
}

// endless is a dictated answer that fills the context.
func (s *Chat) endless() inference.ChatRequest {
	var words strings.Builder
	for i := range s.Context / 4 { // of which each is two tokens at least, for any vocabulary
		fmt.Fprintf(&words, "%d ", 1000+i)
	}
	req := dictated(words.String())
	req.MaxTokens = s.Context - 200 // the prompt has the rest
	return req
}
