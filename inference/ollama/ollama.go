// Package ollama is the back end for an Ollama server, over its native API: chat and embedding.
//
// It sends truncate:false, because the server otherwise cuts a long prompt silently and answers from
// what is left; it bounds every answer, because the server's own default is endless; and it reports a
// stream that ends before the server said "done" as a fault, never as a short answer.
package ollama

import (
	"errors"
	"net/http"
	"time"

	"github.com/ollama/ollama/api"

	"xiaoyue/inference"
	"xiaoyue/inference/internal/remote"
)

// Options tune a back end; zero fields mean the defaults.
type Options struct {
	Context     int           // context length in tokens, 8192, or what the model can do if that is less
	KeepAlive   time.Duration // how long the server keeps the model loaded, 30 min
	Instruction string        // of an Embedder: put before every question, never before passages
	Batch       int           // of an Embedder: texts per request, 32
	Client      *http.Client  // without a timeout of its own: the context bounds a request
}

// New returns the chat model of that name on the server at address, such as http://127.0.0.1:11434.
// It does not connect; nil options are legal.
func New(address, model string, opts *Options) (*Chat, error) {
	s, err := newServer(address, model, opts)
	if err != nil {
		return nil, err
	}
	return &Chat{server: s}, nil
}

// server is one model on one server.
type server struct {
	client *api.Client
	model  string
	opts   Options
}

func newServer(address, model string, opts *Options) (*server, error) {
	base, err := remote.Address(address)
	if err != nil {
		return nil, err
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
	client := remote.Client(o.Client)
	client.Transport = guard{client.Transport}
	return &server{api.NewClient(base, client), model, o}, nil
}

func (s *server) keepAlive() *api.Duration { return &api.Duration{Duration: s.opts.KeepAlive} }

var (
	_ inference.ChatModel = (*Chat)(nil)
	_ inference.Embedder  = (*Embedder)(nil)

	_ inference.Inspector = (*Chat)(nil)
	_ inference.Inspector = (*Embedder)(nil)
)
