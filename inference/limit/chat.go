package limit

import (
	"context"
	"iter"
	"time"

	"xiaoyue/inference"
)

// Chat is a chat model on several servers. It is safe for concurrent use.
type Chat struct {
	*pool
	models []inference.ChatModel
}

var (
	_ inference.ChatModel = (*Chat)(nil)
	_ inference.Inspector = (*Chat)(nil)
)

// NewChat returns a model that these servers serve. It connects to none of them; nil options are
// legal. Close it after use.
func NewChat(servers []Server[inference.ChatModel], opts *Options) (*Chat, error) {
	p, models, err := open(servers, inference.ChatModel.Name, opts)
	if err != nil {
		return nil, err
	}
	p.name = distinct(models, inference.ChatModel.Name)
	return &Chat{p, models}, nil
}

// Chat implements inference.ChatModel. While the request waits for a server it yields deltas with
// Wait, first at once and then when the expectation changes. The last delta names the server in
// Model. A request that finds the queue full, or has had no turn in time, is ErrOverloaded; one that
// no server is in use for, or that a deadline has struck, ErrUnavailable.
func (c *Chat) Chat(ctx context.Context, req inference.ChatRequest) iter.Seq2[inference.Delta, error] {
	return func(yield func(inference.Delta, error) bool) {
		told := func(wait time.Duration) bool { return yield(inference.Delta{Wait: wait}, nil) }
		err := c.do(ctx, req.Asker, told, func(ctx context.Context, on *call) (bool, error) {
			return c.answer(ctx, on, req, yield)
		})
		if err != nil && err != errLeft {
			yield(inference.Delta{}, err)
		}
	}
}

// answer passes on what a server writes. The deadlines are the server's: while the asker is busy with
// a piece none runs but the total.
func (c *Chat) answer(ctx context.Context, on *call, req inference.ChatRequest, yield func(inference.Delta, error) bool) (answering bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(c.opts.FirstToken, func() { cancel(late{"no first token within", c.opts.FirstToken}) })
	defer func() { watch.Stop() }()
	for d, err := range c.models[on.server.index].Chat(ctx, req) {
		if err != nil {
			return answering, c.typed(ctx, err)
		}
		if d.Text == "" && d.Reasoning == "" && d.Stop == "" {
			continue // says nothing, not even that the model is at work
		}
		watch.Stop()
		first := !answering
		if first {
			answering = true
			c.proved(on)
		}
		if d.Stop != "" {
			d.Model = on.server.name
			yield(d, nil)
			return true, nil
		}
		if !yield(d, nil) {
			return true, errLeft
		}
		if !first {
			watch.Reset(c.opts.Stall)
			continue
		}
		watch = time.AfterFunc(c.opts.Stall, func() { cancel(late{"no token for", c.opts.Stall}) })
	}
	return answering, c.typed(ctx, c.fault(inference.ErrUnavailable, "the stream ended before the answer did", 0))
}
