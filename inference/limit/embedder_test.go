package limit_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/inference"
	"xiaoyue/inference/limit"
)

// measured embeds a text as its length, a second per call, and scores passages so.
type measured struct {
	info inference.EmbedderInfo
	err  error

	mu    sync.Mutex
	calls []string
	hangs bool
}

func (m *measured) Info() inference.EmbedderInfo { return m.info }

func (m *measured) Embed(ctx context.Context, texts []string, _ inference.EmbedKind) ([][]float32, error) {
	scores, err := m.Rerank(ctx, "", texts)
	var vectors [][]float32
	for _, s := range scores {
		vectors = append(vectors, []float32{float32(s)})
	}
	return vectors, err
}

func (m *measured) Rerank(ctx context.Context, _ string, texts []string) (scores []float64, _ error) {
	m.mu.Lock()
	m.calls = append(m.calls, strings.Join(texts, "|"))
	m.mu.Unlock()
	if m.hangs {
		<-ctx.Done()
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(time.Second):
	}
	for _, text := range texts {
		scores = append(scores, float64(len(text)))
	}
	return scores, m.err
}

func TestEmbedder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		info := inference.EmbedderInfo{Name: "bge", Digest: "d", Dimension: 1, MaxTokens: 512}
		a := &measured{info: info, err: fault(inference.ErrUnavailable, 0)}
		b := &measured{info: info}
		all := []limit.Server[inference.Embedder]{{Name: "a", Model: a}, {Name: "b", Model: b}}
		e, err := limit.NewEmbedder(all, &limit.Options{Parallel: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		if e.Info() != info {
			t.Errorf("info %+v", e.Info())
		}
		for range 5 {
			vectors, err := e.Embed(t.Context(), []string{"a", "ab"}, inference.EmbedPassage)
			if diff := cmp.Diff([][]float32{{1}, {2}}, vectors); diff != "" || err != nil {
				t.Errorf("vectors (-want +got)\n%s%v", diff, err)
			}
		}
		if len(a.calls) != 3 || len(b.calls) != 5 {
			t.Errorf("%d calls of the server that is down, %d of the other; want 3, 5", len(a.calls), len(b.calls))
		}
		if vectors, err := e.Embed(t.Context(), nil, inference.EmbedPassage); len(vectors) != 0 || err != nil {
			t.Errorf("no texts: %v, %v", vectors, err)
		}
	})
}

// TestHangingServerIsLeft asks for a question's vector and for scores: the next server answers.
func TestHangingServerIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opts := &limit.Options{FirstToken: 3 * time.Second}
		a, b := &measured{hangs: true}, &measured{}
		e, err := limit.NewEmbedder([]limit.Server[inference.Embedder]{{Name: "a", Model: a}, {Name: "b", Model: b}}, opts)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		r, err := limit.NewReranker([]limit.Server[inference.Reranker]{{Name: "a", Model: a}, {Name: "b", Model: b}}, opts)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		began := time.Now()
		if vectors, err := e.Embed(t.Context(), []string{"a"}, inference.EmbedQuestion); len(vectors) != 1 || err != nil {
			t.Errorf("vectors %v, %v", vectors, err)
		}
		if scores, err := r.Rerank(t.Context(), "q", []string{"a"}); len(scores) != 1 || err != nil {
			t.Errorf("scores %v, %v", scores, err)
		}
		if took := time.Since(began); took != 2*(opts.FirstToken+time.Second) {
			t.Errorf("took %v", took)
		}
		if s := e.Status().Servers[0]; !strings.Contains(s.LastFault, "no answer within 3s") {
			t.Errorf("fault of the server that hangs: %q", s.LastFault)
		}
	})
}

func TestQuestionsPassTheIndexing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &measured{}
		e, err := limit.NewEmbedder([]limit.Server[inference.Embedder]{{Name: "a", Model: a}}, &limit.Options{Parallel: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() { e.Embed(t.Context(), []string{"passage"}, inference.EmbedPassage) })
		}
		synctest.Wait()
		began := time.Now()
		e.Embed(t.Context(), []string{"question"}, inference.EmbedQuestion)
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("the question took %v", took)
		}
		wg.Wait()
	})
}

func TestEmbeddersAreOfOneModel(t *testing.T) {
	a := &measured{info: inference.EmbedderInfo{Name: "bge", Dimension: 512}}
	b := &measured{info: inference.EmbedderInfo{Name: "bge", Dimension: 1024}}
	all := []limit.Server[inference.Embedder]{{Name: "a", Model: a}, {Name: "b", Model: b}}
	if _, err := limit.NewEmbedder(all, nil); !errors.Is(err, limit.ErrMixed) {
		t.Errorf("error %v, want ErrMixed", err)
	}
}

func TestReranker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := &measured{err: fault(inference.ErrMalformed, 0)}, &measured{}
		r, err := limit.NewReranker([]limit.Server[inference.Reranker]{{Name: "a", Model: a}, {Name: "b", Model: b}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		scores, err := r.Rerank(t.Context(), "q", []string{"a", "ab"})
		if diff := cmp.Diff([]float64{1, 2}, scores); diff != "" || err != nil {
			t.Errorf("scores (-want +got)\n%s%v", diff, err)
		}
	})
}
