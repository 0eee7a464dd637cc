package modeltest

import (
	"context"
	"math"
	"slices"
	"testing"

	"xiaoyue/inference"
)

// Reranker is what the suite needs of a reranking model.
type Reranker struct {
	// Open returns the model.
	Open func(t *testing.T) inference.Reranker
	// Tolerance is how much the scores of one passage may differ; zero: 1e-6.
	Tolerance float64
}

// RunReranker checks a reranking model against all rules.
func RunReranker(t *testing.T, s Reranker) {
	if s.Tolerance == 0 {
		s.Tolerance = 1e-6
	}
	run(t, &s, []rule[*Reranker]{
		{"no passage", noPassage},
		{"relevance", relevance},
		{"order of the passages", passageOrder},
		{"ended context", rerankEnded},
	})
}

const asked = "居住证怎么办理？"

var offered = []string{
	"公共厕所每日保洁不少于两次。",
	"申领居住证，应当提交居住证申领表和住所证明，居住证怎么办理见附件。",
	"城市道路挖掘应当经市政部门批准。",
	"",
	"居住证每年签注一次。",
}

func noPassage(t *testing.T, s *Reranker) {
	if scores, err := s.Open(t).Rerank(t.Context(), asked, nil); err != nil || len(scores) != 0 {
		t.Errorf("%d scores, %v", len(scores), err)
	}
}

func (s *Reranker) rank(t *testing.T, passages []string) []float64 {
	t.Helper()
	scores, err := s.Open(t).Rerank(t.Context(), asked, passages)
	if err != nil || len(scores) != len(passages) {
		t.Fatalf("%d scores of %d passages, %v", len(scores), len(passages), err)
	}
	return scores
}

func relevance(t *testing.T, s *Reranker) {
	scores := s.rank(t, offered)
	if best := slices.Index(scores, slices.Max(scores)); best != 1 {
		t.Errorf("scores %v: the best is %q", scores, offered[best])
	}
}

// passageOrder checks that each passage keeps its score wherever it stands.
func passageOrder(t *testing.T, s *Reranker) {
	want := s.rank(t, offered)
	turned := slices.Clone(offered)
	slices.Reverse(turned)
	got := s.rank(t, turned)
	slices.Reverse(got)
	for i := range want {
		if math.Abs(got[i]-want[i]) > s.Tolerance {
			t.Errorf("%q: %v, and %v in another order", offered[i], want[i], got[i])
		}
	}
}

func rerankEnded(t *testing.T, s *Reranker) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if scores, err := s.Open(t).Rerank(ctx, asked, offered); err != context.Canceled || scores != nil {
		t.Errorf("%v, %v; want context.Canceled itself", scores, err)
	}
}
