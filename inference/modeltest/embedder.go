package modeltest

import (
	"math"
	"testing"

	"xiaoyue/inference"
)

// Embedder is what the suite needs of an embedding model, and in what it is allowed to differ.
type Embedder struct {
	// Open returns the model.
	Open func(t *testing.T) inference.Embedder
	// OpenMissing opens a model that its server does not have; nil: there is no server.
	OpenMissing func(t *testing.T) error
	// Reference is the same model in another back end, whose vectors are right; nil: there is none.
	Reference inference.Embedder
	// Reads is what the back end makes of a text before the model reads it; nil: nothing.
	Reads func(text string) string
	// Agreement is the least cosine with the reference's vectors; zero: .999.
	Agreement float64
	// Tolerance is how much the cosine of two vectors of one text may differ from 1, by rounding that
	// depends on what else is computed; zero: 1e-5.
	Tolerance float64
	// Anonymous says that the server tells no digest of the weights.
	Anonymous bool
}

// RunEmbedder checks an embedding model against all rules.
func RunEmbedder(t *testing.T, s Embedder) {
	if s.Agreement == 0 {
		s.Agreement = .999
	}
	if s.Tolerance == 0 {
		s.Tolerance = 1e-5
	}
	if s.Reads == nil {
		s.Reads = func(text string) string { return text }
	}
	run(t, &s, []rule[*Embedder]{
		{"info", embedderInfo},
		{"missing model", embedderMissing},
		{"no text", noText},
		{"batch equals single", batchEqualsSingle},
		{"many texts", manyTexts},
		{"long texts are cut", longTexts},
		{"strange texts", strangeTexts},
		{"near and far", nearAndFar},
		{"reference", agreesWithReference},
		{"vectors are the caller's", vectorsOwned},
		{"concurrency", embedConcurrently},
		{"ended context", embedEnded},
		{"deadline", embedDeadline},
	})
}

// embed returns vectors of the right number, dimension and length.
func (s *Embedder) embed(t *testing.T, e inference.Embedder, kind inference.EmbedKind, texts ...string) [][]float32 {
	t.Helper()
	vectors, err := e.Embed(t.Context(), texts, kind)
	if err != nil {
		t.Fatal(err)
	}
	if len(vectors) != len(texts) {
		t.Fatalf("%d vectors of %d texts", len(vectors), len(texts))
	}
	for i, v := range vectors {
		if length := math.Sqrt(dot(v, v)); len(v) != e.Info().Dimension || math.Abs(length-1) > 1e-4 || math.IsNaN(length) {
			t.Fatalf("text %d, %.20q: dimension %d, length %v", i, texts[i], len(v), length)
		}
	}
	return vectors
}

// same checks that two vectors are of one text.
func (s *Embedder) same(t *testing.T, text string, a, b []float32) {
	t.Helper()
	if c := cosine(a, b); c < 1-s.Tolerance {
		t.Errorf("%.20q: cosine %.7f, want 1", text, c)
	}
}
