package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"

	"xiaoyue/eval"
	"xiaoyue/inference"
	"xiaoyue/ingest"
	"xiaoyue/retrieval/adapt"
)

// hardest is how many wrong passages a question learns from.
const hardest = 80

// set is a corpus with the vectors of its passages and questions.
type set struct {
	name      string
	vectors   [][]float32 // of passages
	documents []string    // of passages
	questions []judged
}

// judged is a question with the documents that answer it.
type judged struct {
	vector   []float32
	relevant map[string]int
}

// embed cuts the documents as the pipeline does and embeds passages and questions.
func embed(ctx context.Context, name string, c eval.Corpus, model inference.Embedder) (set, error) {
	s := set{name: name}
	var texts []string
	for _, d := range c.Documents {
		_, passages := ingest.FromText(d.ID, d.Title, d.Text)
		for _, p := range passages {
			texts, s.documents = append(texts, p.IndexText()), append(s.documents, d.ID)
		}
	}
	const batch = 64
	for chunk := range slices.Chunk(texts, batch) {
		v, err := model.Embed(ctx, chunk, inference.EmbedPassage)
		if err != nil {
			return set{}, fmt.Errorf("embed passages of %s: %w", name, err)
		}
		s.vectors = append(s.vectors, v...)
		fmt.Fprintf(os.Stderr, "\r%s %d/%d ", name, len(s.vectors), len(texts))
	}
	fmt.Fprintln(os.Stderr)
	for _, q := range c.Questions {
		v, err := model.Embed(ctx, []string{q.Text}, inference.EmbedQuestion)
		if err != nil {
			return set{}, fmt.Errorf("embed question %s: %w", q.ID, err)
		}
		s.questions = append(s.questions, judged{v[0], c.Judgements[q.ID]})
	}
	return s, nil
}

// examples are the chosen questions of all sets, by their number within the set.
func examples(sets []set, chosen func(int) bool) []adapt.Example {
	var out []adapt.Example
	for _, s := range sets {
		for i, q := range s.questions {
			if e := s.example(q); chosen(i) && len(e.Right) > 0 {
				out = append(out, e)
			}
		}
	}
	return out
}

// example pairs a question with the nearest passage of every document that answers it, and with the
// nearest passages of others.
func (s set) example(q judged) adapt.Example {
	e := adapt.Example{Question: q.vector}
	seen := make(map[string]bool)
	for _, i := range s.nearest(q.vector) {
		doc := s.documents[i]
		switch {
		case q.relevant[doc] == 0 && len(e.Wrong) < hardest:
			e.Wrong = append(e.Wrong, s.vectors[i])
		case q.relevant[doc] > 0 && !seen[doc]:
			seen[doc] = true
			e.Right = append(e.Right, s.vectors[i])
		}
	}
	return e
}

// recall is recall@10 of documents by their nearest passage.
func (s set) recall(q judged, a *adapt.Adapter) float64 {
	var ranked []string
	for _, i := range s.nearest(a.Apply(q.vector)) {
		if !slices.Contains(ranked, s.documents[i]) {
			if ranked = append(ranked, s.documents[i]); len(ranked) == 10 {
				break
			}
		}
	}
	return eval.RecallAt(10, ranked, q.relevant)
}

// nearest are all passages by descending cosine.
func (s set) nearest(v []float32) []int {
	cosines, order := make([]float32, len(s.vectors)), make([]int, len(s.vectors))
	for i, p := range s.vectors {
		order[i] = i
		for j := range p {
			cosines[i] += p[j] * v[j]
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(cosines[b], cosines[a]), cmp.Compare(a, b))
	})
	return order
}
