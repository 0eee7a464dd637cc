package remote

import (
	"context"
	"errors"
	"math"
	"slices"
	"unicode/utf8"

	"xiaoyue/inference"
)

const (
	defaultBatch  = 32
	shortestCut   = 16 // runes; a model that finds less too long is asked no further
	runesPerToken = 8  // hardly any text has more
)

// Embedding embeds texts through one request per batch. Errors are those of Request, untyped, and
// malformed answers; Fault types both.
type Embedding struct {
	Batch     int // texts per request; zero: 32
	Dimension int // of every vector; zero: not known yet
	MaxTokens int // of a text; zero: not known

	// Request asks the server for one vector per text.
	Request func(ctx context.Context, texts []string) ([][]float32, error)
}

// Embed returns one vector of unit length per text. A text that is too long is cut at its end by
// quarters until the server takes it: what is cut depends on that text alone.
func (e *Embedding) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	size := e.Batch
	if size <= 0 {
		size = defaultBatch
	}
	vectors := make([][]float32, 0, len(texts))
	for batch := range slices.Chunk(texts, size) {
		part, err := e.batch(ctx, batch)
		if err != nil {
			return nil, err
		}
		vectors = append(vectors, part...)
	}
	return vectors, nil
}

func (e *Embedding) batch(ctx context.Context, texts []string) ([][]float32, error) {
	bounded := make([]string, len(texts))
	for i, text := range texts {
		bounded[i] = e.bound(text)
	}
	vectors, err := e.ask(ctx, bounded)
	if !errors.Is(err, inference.ErrTooLong) {
		return vectors, err
	}
	vectors = vectors[:0]
	for _, text := range bounded {
		vector, err := e.alone(ctx, text)
		if err != nil {
			return nil, err
		}
		vectors = append(vectors, vector)
	}
	return vectors, nil
}

// bound leaves off what no model of this length would read.
func (e *Embedding) bound(text string) string {
	if limit := e.MaxTokens * runesPerToken; limit > 0 && len(text) > limit && utf8.RuneCountInString(text) > limit {
		return string([]rune(text)[:limit])
	}
	return text
}

func (e *Embedding) alone(ctx context.Context, text string) ([]float32, error) {
	for {
		vectors, err := e.ask(ctx, []string{text})
		if err == nil {
			return vectors[0], nil
		}
		runes := []rune(text)
		if !errors.Is(err, inference.ErrTooLong) || len(runes) < shortestCut {
			return nil, err
		}
		text = string(runes[:len(runes)*3/4])
	}
}

func (e *Embedding) ask(ctx context.Context, texts []string) ([][]float32, error) {
	vectors, err := e.Request(ctx, texts)
	if err != nil {
		return nil, err
	}
	if len(vectors) != len(texts) {
		return nil, Malformed("%d vectors for %d texts", len(vectors), len(texts))
	}
	dimension := e.Dimension
	if dimension == 0 {
		dimension = len(vectors[0])
	}
	for _, vector := range vectors {
		if len(vector) != dimension {
			return nil, Malformed("vector of %d dimensions, want %d", len(vector), dimension)
		}
		if !normalize(vector) {
			return nil, Malformed("vector without a direction")
		}
	}
	return vectors, nil
}

// normalize scales a vector to unit length; one of length zero or not finite cannot be.
func normalize(vector []float32) bool {
	square := 0.0
	for _, v := range vector {
		square += float64(v) * float64(v)
	}
	length := math.Sqrt(square)
	if !(length > 0) || math.IsInf(length, 1) {
		return false
	}
	for i, v := range vector {
		vector[i] = float32(float64(v) / length)
	}
	return true
}
