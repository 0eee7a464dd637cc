package inference

import "context"

// EmbedKind says what a text is to the search; some models prefix questions.
type EmbedKind int

// The kinds of embedded texts.
const (
	EmbedPassage EmbedKind = iota
	EmbedQuestion
)

// EmbedderInfo identifies an embedding model. Vectors of different infos are never mixed.
type EmbedderInfo struct {
	Name      string // bge-small-zh-v1.5
	Digest    string // SHA-256 of the weights, or what the server reports
	Dimension int
	MaxTokens int // longer texts are cut at the end
}

// Embedder turns texts into vectors of unit length.
//
// The result has one vector per text, in order, each of Info().Dimension; an empty slice of texts
// gives an empty result. The caller owns the vectors. Embed may be called concurrently and returns
// ctx.Err() soon after the context ends. Vectors do not depend on the other texts of the call.
type Embedder interface {
	Embed(ctx context.Context, texts []string, kind EmbedKind) ([][]float32, error)
	Info() EmbedderInfo
}
