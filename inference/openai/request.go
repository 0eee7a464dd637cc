package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"xiaoyue/inference"
	"xiaoyue/inference/internal/remote"
)

const (
	jsonMedia   = "application/json"
	streamMedia = "text/event-stream"
)

// defaultMaxTokens bounds an answer whose request names no bound.
const defaultMaxTokens = 1024

// server is one model on one server.
type server struct {
	base   *url.URL // with its /v1
	model  string
	opts   Options
	client *http.Client
}

// root is the server without /v1, where vLLM keeps what is not OpenAI's.
func (s *server) root() *url.URL {
	root := *s.base
	root.Path = strings.TrimSuffix(strings.TrimSuffix(root.Path, "/"), "/v1")
	return &root
}

// send posts in as JSON, or gets when in is nil, and returns the body of an answer of that media type.
func (s *server) send(ctx context.Context, to *url.URL, in any, media string) (io.ReadCloser, error) {
	method, content := http.MethodGet, []byte(nil)
	if in != nil {
		var err error
		if content, err = json.Marshal(in); err != nil {
			return nil, &inference.Error{Kind: inference.ErrRefused, Detail: err.Error()} // such as a broken Schema
		}
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, to.String(), bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("request to %s: %w", to.Redacted(), err)
	}
	remote.Repeatable(r.Header)
	r.Header.Set("Accept", media)
	if in != nil {
		r.Header.Set("Content-Type", jsonMedia)
	}
	if s.opts.Key != "" {
		r.Header.Set("Authorization", "Bearer "+string(s.opts.Key))
	}
	resp, err := s.client.Do(r)
	if err != nil {
		return nil, err
	}
	return remote.Body(resp, media)
}

// call sends in and decodes the answer into out.
func (s *server) call(ctx context.Context, to *url.URL, in, out any) error {
	body, err := s.send(ctx, to, in, jsonMedia)
	if err != nil {
		return err
	}
	defer body.Close()
	content, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, out); err != nil {
		return remote.Malformed("answer of %s: %v", to.Path, err)
	}
	return nil
}

// chatRequest is the body of a chat request. max_tokens is the older name of the bound: every
// server obeys it, while Ollama ignores max_completion_tokens and then generates without end.
type chatRequest struct {
	Model          string          `json:"model"`
	Messages       []message       `json:"messages"`
	Stream         bool            `json:"stream"`
	StreamOptions  streamOptions   `json:"stream_options"`
	MaxTokens      int             `json:"max_tokens"`
	Temperature    float64         `json:"temperature"`
	TopP           float64         `json:"top_p"` // always sent: vLLM's default is whatever the model's files say
	Stop           []string        `json:"stop,omitempty"`
	ResponseFormat *responseFormat `json:"response_format,omitempty"`
	TemplateArgs   *templateArgs   `json:"chat_template_kwargs,omitempty"`
}

type message struct {
	Role    inference.Role `json:"role"`
	Content string         `json:"content"`
}

type streamOptions struct {
	IncludeUsage bool `json:"include_usage"`
}

type responseFormat struct {
	Type   string     `json:"type"`
	Schema jsonSchema `json:"json_schema"`
}

type jsonSchema struct {
	Name   string          `json:"name"`
	Schema json.RawMessage `json:"schema"`
	Strict bool            `json:"strict"`
}

type templateArgs struct {
	EnableThinking bool `json:"enable_thinking"`
}

func (s *server) chatRequest(req inference.ChatRequest) *chatRequest {
	out := &chatRequest{
		Model: s.model, Messages: make([]message, len(req.Messages)),
		Stream: true, StreamOptions: streamOptions{IncludeUsage: true},
		MaxTokens: req.MaxTokens, Temperature: req.Temperature, TopP: req.TopP, Stop: req.Stop,
	}
	for i, m := range req.Messages {
		out.Messages[i] = message{m.Role, m.Text}
	}
	if out.MaxTokens <= 0 {
		out.MaxTokens = defaultMaxTokens
	}
	if out.TopP <= 0 {
		out.TopP = 1
	}
	if req.Schema != nil {
		out.ResponseFormat = &responseFormat{"json_schema", jsonSchema{Name: "answer", Schema: req.Schema, Strict: true}}
	}
	if !s.opts.Plain {
		out.TemplateArgs = &templateArgs{req.Reasoning}
	}
	return out
}
