package langchain_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tmc/langchaingo/schema"

	"xiaoyue/inference"
	"xiaoyue/inference/langchain"
)

// found is a search with a fixed outcome.
type found struct {
	passages []langchain.Passage
	err      error
}

func (f found) Search(context.Context, string, int) ([]langchain.Passage, error) {
	return f.passages, f.err
}

func TestRetriever(t *testing.T) {
	three := []langchain.Passage{
		{Text: "甲", Score: 0.5, Metadata: map[string]any{"document": "d"}}, {Text: "乙", Score: 0.25}, {Text: "丙"},
	}
	broken := errors.New("index is down")
	tests := []struct {
		name   string
		search found
		limit  int
		want   []schema.Document
	}{
		{name: "in order, no more than asked for", search: found{passages: three}, limit: 2, want: []schema.Document{
			{PageContent: "甲", Score: 0.5, Metadata: map[string]any{"document": "d"}}, {PageContent: "乙", Score: 0.25},
		}},
		{name: "none", want: []schema.Document{}},
		{name: "fault", search: found{err: broken}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := langchain.NewRetriever(test.search, test.limit).GetRelevantDocuments(t.Context(), "q")
			if !errors.Is(err, test.search.err) {
				t.Errorf("error %v", err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// kinds is an embedder that writes down what texts are to the search.
type kinds struct {
	inference.Embedder
	seen []inference.EmbedKind
	err  error
}

func (k *kinds) Embed(_ context.Context, texts []string, kind inference.EmbedKind) ([][]float32, error) {
	k.seen = append(k.seen, kind)
	var vectors [][]float32
	for _, text := range texts {
		vectors = append(vectors, []float32{float32(len(text))})
	}
	return vectors, k.err
}

func TestEmbedder(t *testing.T) {
	k := &kinds{}
	e := langchain.NewEmbedder(k)
	documents, err := e.EmbedDocuments(t.Context(), []string{"a", "ab"})
	if diff := cmp.Diff([][]float32{{1}, {2}}, documents); diff != "" || err != nil {
		t.Errorf("documents (-want +got)\n%s%v", diff, err)
	}
	query, err := e.EmbedQuery(t.Context(), "abc")
	if diff := cmp.Diff([]float32{3}, query); diff != "" || err != nil {
		t.Errorf("query (-want +got)\n%s%v", diff, err)
	}
	if diff := cmp.Diff([]inference.EmbedKind{inference.EmbedPassage, inference.EmbedQuestion}, k.seen); diff != "" {
		t.Errorf("kinds (-want +got)\n%s", diff)
	}
	k.err = inference.ErrUnavailable
	if _, err := e.EmbedQuery(t.Context(), "abc"); !errors.Is(err, inference.ErrUnavailable) {
		t.Errorf("error %v", err)
	}
}
