package openai

import (
	"context"
	"iter"

	"xiaoyue/inference"
	"xiaoyue/inference/internal/remote"
)

// Chat is a chat model on a server. It is safe for concurrent use.
type Chat struct{ server *server }

// Name returns the model's name.
func (c *Chat) Name() string { return c.server.model }

// Inspect implements inference.Inspector.
func (c *Chat) Inspect(ctx context.Context) (inference.ModelInfo, error) {
	return c.server.inspect(ctx)
}

// Chat implements inference.ChatModel.
func (c *Chat) Chat(ctx context.Context, req inference.ChatRequest) iter.Seq2[inference.Delta, error] {
	return func(yield func(inference.Delta, error) bool) {
		request, cancel := context.WithCancel(ctx)
		defer cancel()
		body, err := c.server.send(request, c.server.base.JoinPath("chat/completions"), c.server.chatRequest(req), streamMedia)
		if err != nil {
			yield(inference.Delta{}, remote.Fault(ctx, c.server.model, err))
			return
		}
		defer body.Close()
		s := stream{events: newEvents(body)}
		for {
			d, err := s.next()
			if err != nil {
				yield(inference.Delta{}, remote.Fault(ctx, c.server.model, err))
				return
			}
			more := yield(d, nil)
			if d.Stop != "" {
				remote.Settle(body, cancel)
				return
			}
			if !more {
				return
			}
		}
	}
}
