package ollama

import (
	"context"
	"fmt"

	"github.com/ollama/ollama/api"

	"xiaoyue/inference"
	"xiaoyue/inference/internal/remote"
)

// Embedder is an embedding model on an Ollama server. It is safe for concurrent use.
type Embedder struct {
	server *server
	info   inference.EmbedderInfo
	texts  remote.Embedding
	fold   bool
}

// OpenEmbedder asks the server what the model of that name is; it does not load it. A server that is
// down or does not have the model is inference.ErrUnavailable, a model that does not embed
// inference.ErrRefused.
func OpenEmbedder(ctx context.Context, address, model string, opts *Options) (*Embedder, error) {
	s, err := newServer(address, model, opts)
	if err != nil {
		return nil, err
	}
	m, err := s.lookUp(ctx)
	if err == nil && (!m.embeds || m.dimension <= 0) {
		err = &inference.Error{Kind: inference.ErrRefused, Detail: "not an embedding model"}
	}
	if err != nil {
		return nil, fmt.Errorf("open embedder: %w", fault(ctx, model, err))
	}
	e := &Embedder{server: s, fold: m.wordPiece,
		info: inference.EmbedderInfo{Name: model, Digest: m.digest, Dimension: m.dimension, MaxTokens: m.context}}
	e.texts = remote.Embedding{Batch: s.opts.Batch, Dimension: m.dimension, MaxTokens: m.context, Request: e.request}
	return e, nil
}

// Info implements inference.Embedder.
func (e *Embedder) Info() inference.EmbedderInfo { return e.info }

// Inspect implements inference.Inspector.
func (e *Embedder) Inspect(ctx context.Context) (inference.ModelInfo, error) {
	m, err := e.server.lookUp(ctx)
	if err != nil {
		return inference.ModelInfo{}, fault(ctx, e.server.model, err)
	}
	return inference.ModelInfo{Name: e.server.model, Digest: m.digest, Context: m.context, Dimension: m.dimension}, nil
}

// Embed implements inference.Embedder.
func (e *Embedder) Embed(ctx context.Context, texts []string, kind inference.EmbedKind) ([][]float32, error) {
	sent := make([]string, len(texts))
	for i, text := range texts {
		if kind == inference.EmbedQuestion {
			text = e.server.opts.Instruction + text
		}
		if e.fold {
			text = fold(text)
		}
		sent[i] = text
	}
	vectors, err := e.texts.Embed(ctx, sent)
	if err != nil {
		return nil, fault(ctx, e.server.model, err)
	}
	return vectors, nil
}

// request leaves no truncation to the server, which cuts tokens and puts the text together again
// from the rest, with [UNK] for what it did not know.
func (e *Embedder) request(ctx context.Context, texts []string) ([][]float32, error) {
	no := false
	answer, err := e.server.client.Embed(ctx, &api.EmbedRequest{
		Model: e.server.model, Input: texts, KeepAlive: e.server.keepAlive(), Truncate: &no,
		Options: map[string]any{"num_ctx": e.info.MaxTokens},
	})
	if err != nil {
		return nil, err
	}
	return answer.Embeddings, nil
}
