package modeltest

import (
	"context"
	"hash/fnv"
	"math"
	"time"

	"xiaoyue/inference"
)

// Bigrams embeds a text as the counts of its pairs of characters, hashed, and scores passages by the
// cosine: texts that share words are near. Texts longer than maxBigrams characters are cut.
type Bigrams struct {
	Label string        // its name; empty: bigrams
	Pace  time.Duration // from text to text
}

const (
	bigramDimension = 256
	maxBigrams      = 512
)

// Info implements inference.Embedder.
func (b *Bigrams) Info() inference.EmbedderInfo {
	return inference.EmbedderInfo{Name: b.Name(), Digest: "bigrams", Dimension: bigramDimension, MaxTokens: maxBigrams}
}

// Name is the name of the model.
func (b *Bigrams) Name() string {
	if b.Label == "" {
		return "bigrams"
	}
	return b.Label
}

// Embed implements inference.Embedder.
func (b *Bigrams) Embed(ctx context.Context, texts []string, _ inference.EmbedKind) ([][]float32, error) {
	vectors := make([][]float32, len(texts))
	for i, text := range texts {
		if err := rest(ctx, b.Pace); err != nil {
			return nil, err
		}
		vectors[i] = bigrams(text)
	}
	return vectors, ctx.Err()
}

// Rerank implements inference.Reranker.
func (b *Bigrams) Rerank(ctx context.Context, question string, passages []string) ([]float64, error) {
	vectors, err := b.Embed(ctx, passages, inference.EmbedPassage)
	if err != nil {
		return nil, err
	}
	asked, scores := bigrams(question), make([]float64, len(passages))
	for i, v := range vectors {
		scores[i] = cosine(asked, v)
	}
	return scores, nil
}

func bigrams(text string) []float32 {
	v := make([]float32, bigramDimension)
	v[0] = .01 // a text without characters has a direction as well
	runes := []rune(text)
	before := '^'
	for _, r := range runes[:min(len(runes), maxBigrams)] {
		h := fnv.New32a()
		_, _ = h.Write([]byte(string([]rune{before, r}))) // a hash takes everything
		v[h.Sum32()%bigramDimension]++
		before = r
	}
	length := float32(math.Sqrt(dot(v, v)))
	for i := range v {
		v[i] /= length
	}
	return v
}

func dot(a, b []float32) float64 {
	sum := 0.0
	for i, x := range a {
		sum += float64(x) * float64(b[i])
	}
	return sum
}

// cosine is the similarity of two vectors of any length.
func cosine(a, b []float32) float64 { return dot(a, b) / math.Sqrt(dot(a, a)*dot(b, b)) }
