// Package openai is the back end for servers that speak OpenAI's HTTP interface: vLLM before all,
// llama.cpp, and gateways in front of them. It streams chat, embeds and reranks. Ollama's /v1 works
// too, but cuts a long prompt silently; inference/ollama does not.
//
// It is a client of its own because the libraries tried hide what matters here: a stream that was
// cut, a deadline that struck behind the 200, the status and Retry-After of an error. It is no
// general client: no tools, no images, one answer per request.
package openai

import (
	"errors"
	"log/slog"
	"net/http"

	"xiaoyue/inference"
	"xiaoyue/inference/internal/remote"
)

// Key is an API key. It shows itself to the server only.
type Key string

const hidden = "[redacted]"

// String returns a placeholder.
func (k Key) String() string { return hidden }

// GoString returns a placeholder.
func (k Key) GoString() string { return hidden }

// LogValue returns a placeholder.
func (k Key) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText returns a placeholder.
func (k Key) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Options tune a back end; zero fields mean the defaults.
type Options struct {
	Key Key // sent as bearer token; empty: none

	// Plain sends the fields of OpenAI's own interface only. Otherwise thinking is switched by
	// chat_template_kwargs, which vLLM and llama.cpp obey and Ollama ignores, but OpenAI refuses,
	// and vLLM too for models with a Mistral tokenizer.
	Plain bool

	Instruction string       // of an Embedder: put before every question, never before passages
	Batch       int          // of an Embedder: texts per request, 32
	Client      *http.Client // without a timeout of its own: the context bounds a request
}

// New returns the chat model of that name on the server at address, such as http://127.0.0.1:8000;
// without a path, /v1 is meant. It does not connect; nil options are legal.
func New(address, model string, opts *Options) (*Chat, error) {
	s, err := newServer(address, model, opts)
	if err != nil {
		return nil, err
	}
	return &Chat{s}, nil
}

// NewReranker returns the reranking model of that name, as New does.
func NewReranker(address, model string, opts *Options) (*Reranker, error) {
	s, err := newServer(address, model, opts)
	if err != nil {
		return nil, err
	}
	return &Reranker{server: s}, nil
}

func newServer(address, model string, opts *Options) (*server, error) {
	base, err := remote.Address(address)
	if err != nil {
		return nil, err
	}
	if model == "" {
		return nil, errors.New("openai: model name is missing")
	}
	o := Options{}
	if opts != nil {
		o = *opts
	}
	if base.Path == "" || base.Path == "/" {
		base.Path = "/v1"
	}
	return &server{base: base, model: model, opts: o, client: remote.Client(o.Client)}, nil
}

var (
	_ inference.ChatModel = (*Chat)(nil)
	_ inference.Embedder  = (*Embedder)(nil)
	_ inference.Reranker  = (*Reranker)(nil)

	_ inference.Inspector = (*Chat)(nil)
	_ inference.Inspector = (*Embedder)(nil)
	_ inference.Inspector = (*Reranker)(nil)
)
