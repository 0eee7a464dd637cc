package openai

import (
	"cmp"
	"context"
	"net/url"
	"sync/atomic"

	"xiaoyue/inference"
	"xiaoyue/inference/internal/remote"
)

// Reranker is a reranking model on a server: /rerank in Jina's form, or vLLM's /score where that is
// missing. It is safe for concurrent use.
type Reranker struct {
	server *server
	scores atomic.Bool // the server has no /rerank
}

// Inspect implements inference.Inspector.
func (r *Reranker) Inspect(ctx context.Context) (inference.ModelInfo, error) {
	return r.server.inspect(ctx)
}

type rerankRequest struct {
	Model     string   `json:"model"`
	Query     string   `json:"query"`
	Documents []string `json:"documents"`
	TopN      int      `json:"top_n"`
}

type scoreRequest struct {
	Model    string   `json:"model"`
	Question string   `json:"text_1"`
	Passages []string `json:"text_2"`
}

// ranking is the answer to either: results from /rerank, data from /score.
type ranking struct{ Results, Data []ranked }

type ranked struct {
	Index     *int
	Relevance *float64 `json:"relevance_score"`
	Score     *float64
}

// Rerank implements inference.Reranker.
func (r *Reranker) Rerank(ctx context.Context, question string, passages []string) ([]float64, error) {
	if len(passages) == 0 {
		return nil, nil
	}
	answer, err := r.ask(ctx, question, passages)
	if err != nil {
		return nil, remote.Fault(ctx, r.server.model, err)
	}
	scores, err := answer.scores(len(passages))
	if err != nil {
		return nil, remote.Fault(ctx, r.server.model, err)
	}
	return scores, nil
}

func (r *Reranker) ask(ctx context.Context, question string, passages []string) (ranking, error) {
	var missing error
	if !r.scores.Load() {
		in := rerankRequest{r.server.model, question, passages, len(passages)}
		answer, err := r.post(ctx, r.server.base.JoinPath("rerank"), in)
		if !remote.NoRoute(err) {
			return answer, err
		}
		missing = err
	}
	answer, err := r.post(ctx, r.server.root().JoinPath("score"), scoreRequest{r.server.model, question, passages})
	if err == nil {
		r.scores.Store(true)
	} else if remote.NoRoute(err) {
		err = cmp.Or(missing, err) // neither: the first says more, such as that the model is missing
	}
	return answer, err
}

func (r *Reranker) post(ctx context.Context, to *url.URL, in any) (answer ranking, err error) {
	err = r.server.call(ctx, to, in, &answer)
	return answer, err
}

// scores puts the results, which come best first, into the order of the n passages.
func (a ranking) scores(n int) ([]float64, error) {
	results := append(a.Results, a.Data...)
	if len(results) != n {
		return nil, remote.Malformed("%d scores for %d passages", len(results), n)
	}
	scores, seen := make([]float64, n), make([]bool, n)
	for _, r := range results {
		score := cmp.Or(r.Relevance, r.Score)
		if r.Index == nil || *r.Index < 0 || *r.Index >= n || seen[*r.Index] || score == nil {
			return nil, remote.Malformed("scores of %d passages: one is missing, doubled or without a number", n)
		}
		scores[*r.Index], seen[*r.Index] = *score, true
	}
	return scores, nil
}
