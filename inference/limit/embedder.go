package limit

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"xiaoyue/inference"
)

// Embedder is an embedding model on several servers. It is safe for concurrent use.
type Embedder struct {
	*pool
	models []inference.Embedder
}

var (
	_ inference.Embedder  = (*Embedder)(nil)
	_ inference.Inspector = (*Embedder)(nil)
	_ inference.Inspector = (*Reranker)(nil)
)

// NewEmbedder returns an embedder that these servers serve, which must all be of the same model: it is
// ErrMixed if their infos differ. It connects to none of them; nil options are legal. Close it after
// use.
func NewEmbedder(servers []Server[inference.Embedder], opts *Options) (*Embedder, error) {
	p, models, err := open(servers, func(e inference.Embedder) string { return e.Info().Name }, opts)
	if err != nil {
		return nil, err
	}
	for i, m := range models {
		if m.Info() != models[0].Info() {
			return nil, fmt.Errorf("limit: %s %+v, %s %+v: %w",
				p.servers[0].name, models[0].Info(), p.servers[i].name, m.Info(), ErrMixed)
		}
	}
	p.name = models[0].Info().Name
	return &Embedder{p, models}, nil
}

// Info implements inference.Embedder.
func (e *Embedder) Info() inference.EmbedderInfo { return e.models[0].Info() }

// Inspect implements inference.Inspector. A model that cannot be asked is known by its info.
func (e *Embedder) Inspect(ctx context.Context) (inference.ModelInfo, error) {
	found, err := e.pool.Inspect(ctx)
	if errors.Is(err, errMute) {
		info := e.Info()
		return inference.ModelInfo{Name: info.Name, Digest: info.Digest, Dimension: info.Dimension}, ctx.Err()
	}
	return found, err
}

// Embed implements inference.Embedder. Questions and passages wait in turn, so indexing does not hold
// up the search; passages have time until the deadline of all servers together.
func (e *Embedder) Embed(ctx context.Context, texts []string, kind inference.EmbedKind) ([][]float32, error) {
	if len(texts) == 0 {
		return nil, ctx.Err()
	}
	asker, deadline := "passages", e.opts.Total
	if kind == inference.EmbedQuestion {
		asker, deadline = "questions", e.opts.FirstToken
	}
	var vectors [][]float32
	err := e.do(ctx, asker, nil, e.within(deadline, func(ctx context.Context, on *call) (err error) {
		vectors, err = e.models[on.server.index].Embed(ctx, texts, kind)
		return err
	}))
	return vectors, err
}

// Reranker is a reranker on several servers. It is safe for concurrent use.
type Reranker struct {
	*pool
	models []inference.Reranker
}

// NewReranker returns a reranker that these servers serve; each needs a name. It connects to none of
// them; nil options are legal. Close it after use.
func NewReranker(servers []Server[inference.Reranker], opts *Options) (*Reranker, error) {
	p, models, err := open(servers, func(inference.Reranker) string { return "" }, opts)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(p.servers))
	for i, s := range p.servers {
		names[i] = s.name
	}
	p.name = strings.Join(names, ", ")
	return &Reranker{p, models}, nil
}

// Rerank implements inference.Reranker. The scores of a call are all of one server.
func (r *Reranker) Rerank(ctx context.Context, question string, passages []string) ([]float64, error) {
	var scores []float64
	err := r.do(ctx, "", nil, r.within(r.opts.FirstToken, func(ctx context.Context, on *call) (err error) {
		scores, err = r.models[on.server.index].Rerank(ctx, question, passages)
		return err
	}))
	return scores, err
}
