// Package ollama is the chat back end for an Ollama server, over its native API.
//
// It sends truncate:false, because the server otherwise cuts a long prompt silently and answers from
// what is left; it bounds every answer, because the server's own default is endless; and it reports a
// stream that ends before the server said "done" as a fault, never as a short answer.
package ollama

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ollama/ollama/api"

	"xiaoyue/inference"
)

// defaultMaxTokens bounds an answer whose request names no bound.
const defaultMaxTokens = 1024

// Options tune a Chat; zero fields mean the defaults.
type Options struct {
	Context   int           // context length in tokens, 8192
	KeepAlive time.Duration // how long the server keeps the model loaded, 30 min
	Client    *http.Client  // without a timeout of its own: the context bounds a request
}

// Chat is a model on an Ollama server. It is safe for concurrent use.
type Chat struct {
	client *api.Client
	model  string
	opts   Options
}

var _ inference.ChatModel = (*Chat)(nil)

// New returns the model of that name on the server at address, such as http://127.0.0.1:11434.
// It does not connect; nil options are legal.
func New(address, model string, opts *Options) (*Chat, error) {
	base, err := url.Parse(address)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("ollama address %q: want http://HOST:PORT", address)
	}
	if model == "" {
		return nil, errors.New("ollama: model name is missing")
	}
	o := Options{}
	if opts != nil {
		o = *opts
	}
	if o.Context <= 0 {
		o.Context = 8192
	}
	if o.KeepAlive <= 0 {
		o.KeepAlive = 30 * time.Minute
	}
	if o.Client == nil {
		o.Client = &http.Client{}
	}
	return &Chat{api.NewClient(base, o.Client), model, o}, nil
}

// Name returns the model's name.
func (c *Chat) Name() string { return c.model }

// errStopped ends the server's stream when the reader has left.
var errStopped = errors.New("reader left")

// Chat implements inference.ChatModel.
func (c *Chat) Chat(ctx context.Context, req inference.ChatRequest) iter.Seq2[inference.Delta, error] {
	return func(yield func(inference.Delta, error) bool) {
		done := false
		err := c.client.Chat(ctx, c.request(req), func(r api.ChatResponse) error {
			done = r.Done
			if !yield(delta(r), nil) {
				return errStopped
			}
			return nil
		})
		switch {
		case done, errors.Is(err, errStopped): // the reader has the whole answer, or left
		case ctx.Err() != nil:
			yield(inference.Delta{}, ctx.Err())
		case err != nil:
			yield(inference.Delta{}, c.fault(err))
		default:
			yield(inference.Delta{}, c.fault(io.ErrUnexpectedEOF))
		}
	}
}

func (c *Chat) request(req inference.ChatRequest) *api.ChatRequest {
	limit := req.MaxTokens
	if limit <= 0 {
		limit = defaultMaxTokens
	}
	options := map[string]any{"num_ctx": c.opts.Context, "num_predict": limit, "temperature": req.Temperature}
	if len(req.Stop) > 0 {
		options["stop"] = req.Stop
	}
	messages := make([]api.Message, len(req.Messages))
	for i, m := range req.Messages {
		messages[i] = api.Message{Role: string(m.Role), Content: m.Text}
	}
	no := false
	return &api.ChatRequest{
		Model: c.model, Messages: messages, Format: req.Schema, Options: options,
		Truncate: &no, Shift: &no, KeepAlive: &api.Duration{Duration: c.opts.KeepAlive},
	}
}

func delta(r api.ChatResponse) inference.Delta {
	d := inference.Delta{Text: r.Message.Content, Reasoning: r.Message.Thinking}
	if !r.Done {
		return d
	}
	d.Stop = inference.StopEnd
	if r.DoneReason == "length" {
		d.Stop = inference.StopLength
	}
	d.Usage = inference.Usage{Prompt: r.PromptEvalCount, Completion: r.EvalCount}
	return d
}

// fault types an error of the client.
func (c *Chat) fault(err error) error {
	f := &inference.Error{Kind: inference.ErrMalformed, Model: c.model, Detail: shorten(err.Error())}
	if status, ok := errors.AsType[api.StatusError](err); ok {
		f.Kind = statusKind(status)
		return f
	}
	if _, ok := errors.AsType[net.Error](err); ok || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		f.Kind = inference.ErrUnavailable
	}
	return f
}

func statusKind(status api.StatusError) error {
	switch {
	case strings.Contains(status.ErrorMessage, "exceeds the context length"):
		return inference.ErrTooLong
	case status.StatusCode == http.StatusTooManyRequests, status.StatusCode == http.StatusServiceUnavailable:
		return inference.ErrOverloaded
	case status.StatusCode == http.StatusNotFound, status.StatusCode >= http.StatusInternalServerError:
		return inference.ErrUnavailable
	}
	return inference.ErrRefused
}

// shorten bounds what a server says before it reaches a log.
func shorten(s string) string {
	const limit = 300
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}
