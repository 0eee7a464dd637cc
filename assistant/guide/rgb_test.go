package guide

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"

	"xiaoyue/kb"
	"xiaoyue/kb/figures"
)

// question of the Chinese part of RGB: documents that hold the answer and documents that do not.
type rgb struct {
	Query              string
	Answer             []any // alternatives are lists
	Positive, Negative []string
}

// TestDocumentsOfOthers asks questions about news with nothing but their documents as knowledge. It
// holds floors; the figures stand in docs/measurements.md.
func TestDocumentsOfOthers(t *testing.T) {
	f, err := os.Open("../../../shared/data/answers/rgb_refine.jsonl")
	if err != nil {
		t.Skipf("measurement data is absent: %v", err)
	}
	defer f.Close()
	right, refused, total := 0, 0, 0
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var q rgb
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			t.Fatal(err)
		}
		total++
		noise := q.Negative[:min(3, len(q.Negative))]
		if a := askOver(t, q.Query, append(slices.Clone(q.Positive[:min(5, len(q.Positive))]), noise...)); a.Outcome == kb.Answered && q.in(a.Text) {
			right++
		}
		if a := askOver(t, q.Query, q.Negative[:min(8, len(q.Negative))]); a.Outcome != kb.Answered {
			refused++
		}
	}
	t.Logf("of %d questions %d answered right, %d refused without evidence", total, right, refused)
	if right*100 < 77*total || refused*100 < 65*total {
		t.Errorf("fell below the floors: %d right and %d refused of %d", right, refused, total)
	}
}

func (q rgb) in(text string) bool {
	for _, part := range q.Answer {
		alternatives, ok := part.([]any)
		if !ok {
			alternatives = []any{part}
		}
		if !slices.ContainsFunc(alternatives, func(a any) bool { return figures.Contains(text, fmt.Sprint(a)) }) {
			return false
		}
	}
	return true
}

// askOver asks a Guide that knows the given texts only.
func askOver(t *testing.T, question string, texts []string) kb.Answer {
	t.Helper()
	k := &knowledge{docs: map[string]kb.Document{}, passages: map[string]kb.Passage{}}
	for i, text := range texts {
		k.add(t, fmt.Sprint(i), "{}\n"+text)
	}
	var err error
	if k.regions, err = kb.NewRegions(kb.Region{Code: "880000", Name: "云州市", Kind: kb.RegionCity}); err != nil {
		t.Fatal(err)
	}
	k.index(t)
	a, _, err := k.guide(t, k.searcher, nil).Answer(context.Background(), kb.Turn{Question: question, AsOf: kb.MustDate("2023-06-01")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
