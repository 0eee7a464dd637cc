// Package langchain adapts langchaingo both ways: any of its models serves as a chat model here, and
// our retrieval and embedding serve in its chains.
//
// It is for joining what others have built with langchaingo. For Ollama and for OpenAI-compatible
// servers use the back ends beside it, which can do more: v0.1.14 passes no JSON schema, no top_p to
// OpenAI-compatible servers, no truncate:false to Ollama, and reads no reasoning but the field
// reasoning_content. langchaingo is imported by this package alone.
package langchain

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/tmc/langchaingo/llms"

	"xiaoyue/inference"
	"xiaoyue/inference/internal/remote"
)

const (
	defaultMaxTokens = 1024    // of an answer whose request names no bound
	maxAnswer        = 1 << 20 // bytes, whatever the server makes of MaxTokens
)

// Options tune a Model; zero fields mean the defaults.
type Options struct {
	// Call is added to the options of every call: openai.WithLegacyMaxTokensField() for a server that
	// heeds max_tokens only, such as Ollama's /v1, whose answers are endless otherwise.
	Call []llms.CallOption
}

// Model makes a chat model of a langchaingo model. It is safe for concurrent use where that one is.
type Model struct {
	model llms.Model
	name  string
	call  []llms.CallOption
}

var _ inference.ChatModel = (*Model)(nil)

// New returns the model under the name that errors and records are to have; nil options are legal.
func New(model llms.Model, name string, opts *Options) *Model {
	m := &Model{model: model, name: name}
	if opts != nil {
		m.call = append(m.call, opts.Call...)
	}
	return m
}

// Name returns the model's name.
func (m *Model) Name() string { return m.name }

// errLeft ends a call whose reader has left the loop. It is never passed on.
var errLeft = errors.New("reader left")

// Chat implements inference.ChatModel. A schema is a request for JSON with the schema in words,
// because langchaingo passes none on: the answer is JSON, and whether it follows the schema is for the
// reader to check.
//
// The call runs in the reader's loop and no goroutine is started, so none can be left behind; a model
// that ignores its context and the error of its streaming function keeps the loop until it is done.
func (m *Model) Chat(ctx context.Context, req inference.ChatRequest) iter.Seq2[inference.Delta, error] {
	return func(yield func(inference.Delta, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		s := &stream{yield: yield, leave: cancel}
		response, err := m.model.GenerateContent(ctx, messages(req), m.options(req, s)...)
		if s.left {
			return
		}
		last, err := s.conclude(req, response, err)
		if err != nil {
			yield(inference.Delta{}, remote.Fault(ctx, m.name, err))
			return
		}
		yield(last, nil)
	}
}

// stream passes on the pieces of an answer.
type stream struct {
	yield    func(inference.Delta, error) bool
	leave    context.CancelFunc
	left     bool
	said     strings.Builder // by the model, thinking and all
	thinking remote.Thinking
}

// write passes on a piece of text.
func (s *stream) write(piece string) error {
	if s.said.Len()+len(piece) > maxAnswer {
		return remote.Malformed("the answer has no end")
	}
	s.said.WriteString(piece)
	var d inference.Delta
	d.Text, d.Reasoning = s.thinking.Split(piece)
	return s.pass(d)
}

func (s *stream) pass(d inference.Delta) error {
	if !s.left && d.Text == "" && d.Reasoning == "" {
		return nil
	}
	if s.left || !s.yield(d, nil) {
		s.left = true
		s.leave()
		return errLeft
	}
	return nil
}

// options says in langchaingo's words what the request asks.
func (m *Model) options(req inference.ChatRequest, s *stream) []llms.CallOption {
	maxTokens, topP := req.MaxTokens, req.TopP
	if maxTokens <= 0 {
		maxTokens = defaultMaxTokens
	}
	if topP <= 0 {
		topP = 1
	}
	all := []llms.CallOption{
		llms.WithMaxTokens(maxTokens), llms.WithTemperature(req.Temperature), llms.WithTopP(topP),
		llms.WithStreamingFunc(func(_ context.Context, chunk []byte) error {
			return s.write(string(chunk))
		}),
		llms.WithStreamingReasoningFunc(func(_ context.Context, reasoning, _ []byte) error {
			return s.pass(inference.Delta{Reasoning: string(reasoning)})
		}),
	}
	if len(req.Stop) > 0 {
		all = append(all, llms.WithStopWords(req.Stop))
	}
	if req.Schema != nil {
		all = append(all, llms.WithJSONMode())
	}
	return append(all, m.call...)
}

// messages says in langchaingo's words what has been said.
func messages(req inference.ChatRequest) []llms.MessageContent {
	roles := map[inference.Role]llms.ChatMessageType{
		inference.System:    llms.ChatMessageTypeSystem,
		inference.User:      llms.ChatMessageTypeHuman,
		inference.Assistant: llms.ChatMessageTypeAI,
	}
	all := make([]llms.MessageContent, len(req.Messages))
	for i, msg := range withSchema(req) {
		all[i] = llms.TextParts(roles[msg.Role], msg.Text)
	}
	return all
}

// withSchema returns the messages with the schema told in the last one, as what is read last.
func withSchema(req inference.ChatRequest) []inference.Message {
	if req.Schema == nil || len(req.Messages) == 0 {
		return req.Messages
	}
	told := slices.Clone(req.Messages)
	told[len(told)-1].Text += fmt.Sprintf("\n\nAnswer with one JSON value that follows this JSON schema: %s", req.Schema)
	return told
}
