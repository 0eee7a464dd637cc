package inference

import "context"

// Reranker scores passages against a question, reading both together.
//
// The result has one score per passage, in order, higher is better; scores of one call can be
// compared with each other only.
type Reranker interface {
	Rerank(ctx context.Context, question string, passages []string) ([]float64, error)
}
