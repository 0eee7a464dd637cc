package retrieval

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"xiaoyue/inference"
	"xiaoyue/kb"
	"xiaoyue/retrieval/adapt"
	"xiaoyue/retrieval/segment"
)

// Method says which searches a Pipeline runs.
type Method string

// The methods. The single ones are for measuring what each search is worth.
const (
	MethodFused   Method = "default"
	MethodLexical Method = "bm25"  // the index's BM25 alone, without document evidence
	MethodDense   Method = "dense" // cosine alone
)

// candidates is how many passages each search hands on, whatever number of hits is wanted, so that a
// short list is the head of a long one. Hits are at most twice as many.
const candidates = 200

// defaultLimit is the number of hits where a query names none.
const defaultLimit = 10

// Options configure a Pipeline.
type Options struct {
	Embedder inference.Embedder // nil: lexical search only, which is then no degradation
	Reranker inference.Reranker // nil: none
	Method   Method             // empty: MethodFused
	// Spare is searched by words alone while the index does not answer; nil: the index's companion, if it
	// has one by then.
	Spare Index
	// Adapter moves the question's vector; nil: the built-in one of the embedder, if it has one.
	Adapter   *adapt.Adapter
	Segmenter *segment.Segmenter // nil: segment.New(nil)
	Logger    *slog.Logger       // nil: silent
}

// Pipeline is the Searcher of this package: both searches, fusion, document evidence, a reranker
// where there is one, and the decision whether the evidence answers. It holds no state of its own
// and may be used concurrently.
type Pipeline struct {
	index    Index
	spare    Index // nil: the companion of the index
	passages Passages
	embedder inference.Embedder
	adapter  *adapt.Adapter
	reranker inference.Reranker
	method   Method
	seg      *segment.Segmenter
	log      *slog.Logger
}

var _ Searcher = (*Pipeline)(nil)

// New returns a pipeline over an index, and over the catalog that has the words of its passages.
func New(index Index, passages Passages, opts *Options) (*Pipeline, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	p := &Pipeline{index: index, spare: o.Spare, passages: passages, embedder: o.Embedder, adapter: o.Adapter, reranker: o.Reranker,
		method: o.Method, seg: o.Segmenter, log: o.Logger}
	if p.adapter == nil && p.embedder != nil {
		p.adapter = adapt.For(p.embedder.Info())
	}
	if p.method == "" {
		p.method = MethodFused
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	if p.seg == nil {
		seg, err := segment.New(nil)
		if err != nil {
			return nil, fmt.Errorf("new pipeline: %w", err)
		}
		p.seg = seg
	}
	return p, nil
}

// Search implements Searcher.
func (p *Pipeline) Search(ctx context.Context, q Query) (Result, error) {
	result, err := p.search(ctx, q)
	if err != nil {
		return Result{}, fmt.Errorf("search for evidence: %w", err)
	}
	return result, nil
}

func (p *Pipeline) search(ctx context.Context, q Query) (Result, error) {
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	result := Result{Mode: kb.ModeLexical}
	req := Request{Text: q.Text, Scope: q.Scope, Limit: candidates}
	if err := p.embed(ctx, &req, &result); err != nil {
		return Result{}, err
	}
	found, question, err := p.findOrSpare(ctx, &req, &result)
	if err != nil {
		return Result{}, err
	}
	pool := merge(found, question, req.Vector != nil)
	if p.method == MethodFused {
		if err := p.gather(ctx, pool, question); err != nil {
			return Result{}, err
		}
		if err := p.rerank(ctx, q.Text, pool, &result); err != nil {
			return Result{}, err
		}
	}
	result.Answerable, result.Answers = answerable(pool, question, req.Vector != nil)
	result.Hits = pool.hits(limit)
	return result, nil
}

// embed adds the question's vector to the request. A model that fails degrades the result.
func (p *Pipeline) embed(ctx context.Context, req *Request, result *Result) error {
	if p.embedder == nil || p.method == MethodLexical {
		return nil
	}
	if p.method == MethodFused && !p.embedded(ctx) {
		result.Degraded = append(result.Degraded, kb.PartEmbed)
		return nil
	}
	vectors, err := p.embedder.Embed(ctx, []string{req.Text}, inference.EmbedQuestion)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil || len(vectors) != 1:
		p.log.Warn("question not embedded, searching lexically", "err", err)
		result.Degraded = append(result.Degraded, kb.PartEmbed)
		return nil
	}
	req.Vector = p.adapter.Apply(vectors[0])
	result.Mode = kb.ModeExtractive
	if p.method == MethodDense {
		req.Text = ""
	}
	return nil
}

// embedded reports whether nearly all passages have their vectors. While embedding goes on behind,
// those that have one would outrank better passages that have none yet.
func (p *Pipeline) embedded(ctx context.Context) bool {
	stats, err := p.index.Stats(ctx)
	return err != nil || stats.Vectors*20 >= stats.Passages*19
}

// findOrSpare asks the index, or the spare one while that does not answer, and notes which.
func (p *Pipeline) findOrSpare(ctx context.Context, req *Request, result *Result) (Candidates, question, error) {
	index := p.index
	found, question, err := p.find(ctx, index, *req)
	if errors.Is(err, ErrDown) && req.Text != "" {
		if spare := p.instead(); spare != nil {
			p.log.Warn("index does not answer, searching the spare one by words", "err", err)
			req.Vector, result.Mode, result.Degraded = nil, kb.ModeLexical, append(result.Degraded, kb.PartIndex)
			index = spare
			found, question, err = p.find(ctx, index, *req)
		}
	}
	if err != nil {
		return Candidates{}, question, err
	}
	if stats, err := index.Stats(ctx); err == nil {
		result.Stamp = stats.Stamp
	}
	return found, question, nil
}

// instead returns the spare index, nil where there is none. A server that was away when its version was
// opened has no companion to name before it is back.
func (p *Pipeline) instead() Index {
	if p.spare != nil {
		return p.spare
	}
	return CompanionOf(p.index)
}

// find asks an index for candidates and for the frequencies of the question's terms.
func (p *Pipeline) find(ctx context.Context, index Index, req Request) (Candidates, question, error) {
	found, err := index.Search(ctx, req)
	if err != nil {
		return Candidates{}, question{}, p.down(ctx, err)
	}
	terms := p.seg.Question(req.Text)
	stats, ok := index.(TermStats)
	if !ok {
		return found, newQuestion(terms, nil, 0), nil
	}
	texts := make([]string, len(terms))
	for i, t := range terms {
		texts[i] = t.Text
	}
	df, passages, err := stats.Frequencies(ctx, texts)
	if err != nil {
		return Candidates{}, question{}, p.down(ctx, err)
	}
	return found, newQuestion(terms, df, passages), nil
}

// down types an error of the index, unless the caller gave up or asked for what cannot be.
func (p *Pipeline) down(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, kb.ErrInvalid) || errors.Is(err, ErrDimension) || errors.Is(err, ErrDown) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrDown, err)
}
