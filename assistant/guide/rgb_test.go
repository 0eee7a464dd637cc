package guide

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"

	"xiaoyue/inference"
	"xiaoyue/kb"
	"xiaoyue/kb/figures"
)

// question of the Chinese part of RGB: documents that hold the answer and documents that do not.
type rgb struct {
	Query              string
	Answer             []any // alternatives are lists
	Positive, Negative []string
}

// rgbQuestions reads the questions whose documents are given, and skips the test where they are absent.
func rgbQuestions(t *testing.T) (all []rgb) {
	t.Helper()
	f, err := os.Open("../../../shared/data/answers/rgb_refine.jsonl")
	if err != nil {
		t.Skipf("measurement data is absent: %v", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var q rgb
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			t.Fatal(err)
		}
		all = append(all, q)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestDocumentsOfOthers asks questions about news with nothing but their documents as knowledge. It
// holds floors; the figures stand in docs/measurements.md.
func TestDocumentsOfOthers(t *testing.T) {
	if testing.Short() {
		t.Skip("sixty indexes take seconds")
	}
	right, silent, refused, total := 0, 0, 0, 0
	for _, q := range rgbQuestions(t) {
		total++
		switch a := askOver(t, nil, q.Query, slices.Concat(q.Positive, q.Negative)); {
		case a.Outcome != kb.Answered:
			silent++
		case q.in(a.Text):
			right++
		}
		if a := askOver(t, nil, q.Query, q.Negative); a.Outcome != kb.Answered {
			refused++
		}
	}
	t.Logf("of %d questions %d answered right and %d not; without evidence %d not", total, right, silent, refused)
	if right*100 < 80*total || silent*100 > 10*total || refused*100 < 83*total {
		t.Error("fell below the floors")
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

// askOver asks a Guide that knows the given texts only; a nil model writes nothing.
func askOver(t *testing.T, chat inference.ChatModel, question string, texts []string) kb.Answer {
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
	a, _, err := k.guide(t, k.searcher, chat).Answer(context.Background(), kb.Turn{Question: question, AsOf: kb.MustDate("2023-06-01")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
