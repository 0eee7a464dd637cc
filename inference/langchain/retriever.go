package langchain

import (
	"context"
	"fmt"

	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/schema"

	"xiaoyue/inference"
)

// Passage is a passage found, in plain types.
type Passage struct {
	Text     string
	Score    float64        // final, in [0,1]
	Metadata map[string]any // where it is from and whether it is in force, by the searcher's own names
}

// Searcher finds at most so many passages for a question, the best first, and none where what it found
// does not answer the question.
type Searcher interface {
	Search(ctx context.Context, question string, limit int) ([]Passage, error)
}

// Retriever offers a search to langchaingo's chains.
type Retriever struct {
	searcher Searcher
	limit    int
}

var _ schema.Retriever = Retriever{}

// NewRetriever returns a retriever of at most limit passages; zero means four.
func NewRetriever(s Searcher, limit int) Retriever {
	if limit <= 0 {
		limit = 4
	}
	return Retriever{s, limit}
}

// GetRelevantDocuments implements schema.Retriever.
func (r Retriever) GetRelevantDocuments(ctx context.Context, question string) ([]schema.Document, error) {
	found, err := r.searcher.Search(ctx, question, r.limit)
	if err != nil {
		return nil, fmt.Errorf("documents for a chain: %w", err)
	}
	documents := make([]schema.Document, 0, len(found))
	for _, p := range found[:min(len(found), r.limit)] {
		documents = append(documents, schema.Document{
			PageContent: p.Text, Score: float32(p.Score), Metadata: p.Metadata,
		})
	}
	return documents, nil
}

// Embedder offers an embedder to langchaingo's stores.
type Embedder struct{ embedder inference.Embedder }

var _ embeddings.Embedder = Embedder{}

// NewEmbedder returns the embedder in langchaingo's terms.
func NewEmbedder(e inference.Embedder) Embedder { return Embedder{e} }

// EmbedDocuments implements embeddings.Embedder: one vector per text, in order.
func (e Embedder) EmbedDocuments(ctx context.Context, texts []string) ([][]float32, error) {
	return e.embedder.Embed(ctx, texts, inference.EmbedPassage)
}

// EmbedQuery implements embeddings.Embedder.
func (e Embedder) EmbedQuery(ctx context.Context, text string) ([]float32, error) {
	vectors, err := e.embedder.Embed(ctx, []string{text}, inference.EmbedQuestion)
	if err != nil {
		return nil, err
	}
	if len(vectors) != 1 {
		return nil, fmt.Errorf("%d vectors for one question: %w", len(vectors), inference.ErrMalformed)
	}
	return vectors[0], nil
}
