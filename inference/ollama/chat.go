package ollama

import (
	"context"
	"errors"
	"io"
	"iter"
	"strings"
	"sync/atomic"

	"github.com/ollama/ollama/api"

	"xiaoyue/inference"
	"xiaoyue/inference/internal/remote"
)

// defaultMaxTokens bounds an answer whose request names no bound.
const defaultMaxTokens = 1024

// Chat is a model on an Ollama server. It is safe for concurrent use.
type Chat struct {
	server      *server
	thoughtless atomic.Bool // the model cannot think: the server said so
}

// Name returns the model's name.
func (c *Chat) Name() string { return c.server.model }

// Inspect implements inference.Inspector.
func (c *Chat) Inspect(ctx context.Context) (inference.ModelInfo, error) {
	m, err := c.server.lookUp(ctx)
	if err != nil {
		return inference.ModelInfo{}, fault(ctx, c.server.model, err)
	}
	return inference.ModelInfo{Name: c.server.model, Digest: m.digest, Context: m.context}, nil
}

// Chat implements inference.ChatModel.
func (c *Chat) Chat(ctx context.Context, req inference.ChatRequest) iter.Seq2[inference.Delta, error] {
	return func(yield func(inference.Delta, error) bool) {
		think := req.Reasoning && !c.thoughtless.Load()
		ended, err := c.stream(ctx, c.request(req, think), yield)
		if think && err != nil && strings.Contains(err.Error(), "does not support thinking") {
			c.thoughtless.Store(true)
			ended, err = c.stream(ctx, c.request(req, false), yield)
		}
		if !ended {
			yield(inference.Delta{}, fault(ctx, c.server.model, err))
		}
	}
}

// errLeft ends the server's stream when the reader has left.
var errLeft = errors.New("reader left")

// stream yields the deltas of one request, and returns whether the reader has the whole answer or
// left; otherwise the error says why not.
func (c *Chat) stream(ctx context.Context, req *api.ChatRequest, yield func(inference.Delta, error) bool) (bool, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var thinking remote.Thinking
	done := false
	err := c.server.client.Chat(ctx, req, func(r api.ChatResponse) error {
		if done { // nothing behind the end is part of the answer
			return errLeft
		}
		d, err := delta(r, &thinking)
		if err != nil {
			return err
		}
		done = d.Stop != ""
		if (done || d.Text != "" || d.Reasoning != "") && !yield(d, nil) {
			return errLeft
		}
		if done {
			remote.Hurry(cancel) // the library reads on to the end of the body
		}
		return nil
	})
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	return done || errors.Is(err, errLeft), err
}

func (c *Chat) request(req inference.ChatRequest, think bool) *api.ChatRequest {
	limit, topP := req.MaxTokens, req.TopP
	if limit <= 0 {
		limit = defaultMaxTokens
	}
	if topP <= 0 {
		topP = 1
	}
	options := map[string]any{
		"num_ctx": c.server.opts.Context, "num_predict": limit, "temperature": req.Temperature, "top_p": topP,
	}
	if len(req.Stop) > 0 {
		options["stop"] = req.Stop
	}
	messages := make([]api.Message, len(req.Messages))
	for i, m := range req.Messages {
		messages[i] = api.Message{Role: string(m.Role), Content: m.Text}
	}
	no := false
	return &api.ChatRequest{
		Model: c.server.model, Messages: messages, Format: req.Schema, Options: options,
		Truncate: &no, Shift: &no, KeepAlive: c.server.keepAlive(), Think: &api.ThinkValue{Value: think},
	}
}

func delta(r api.ChatResponse, thinking *remote.Thinking) (inference.Delta, error) {
	text, thought := thinking.Split(r.Message.Content)
	d := inference.Delta{Text: text, Reasoning: r.Message.Thinking + thought}
	if !r.Done {
		return d, nil
	}
	switch r.DoneReason {
	case "stop":
		d.Stop = inference.StopEnd
	case "length":
		d.Stop = inference.StopLength
	default: // such as "load": nothing was asked
		return d, remote.Malformed("done_reason %q", r.DoneReason)
	}
	text, thought = thinking.Rest()
	d.Text, d.Reasoning = d.Text+text, d.Reasoning+thought
	d.Usage = inference.Usage{Prompt: r.PromptEvalCount, Completion: r.EvalCount}
	return d, nil
}
