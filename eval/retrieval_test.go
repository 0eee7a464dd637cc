package eval

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"xiaoyue/inference"
)

// rankings answers questions from a table.
type rankings map[string]Found

func (s rankings) Index(_ context.Context, documents []Document, progress Progress) (int, error) {
	progress("index", len(documents), len(documents))
	return 2 * len(documents), nil
}

func (s rankings) Search(_ context.Context, question string, _ int) (Found, error) {
	f, ok := s[question]
	if !ok {
		return Found{}, errors.New("not in the table")
	}
	return f, nil
}

func TestRetrieval(t *testing.T) {
	corpus := Corpus{
		Documents:    []Document{{ID: "a"}, {ID: "b"}},
		Questions:    []Question{{"1", "eins"}, {"2", "zwei"}},
		Judgements:   map[string]map[string]int{"1": {"a": 1}, "2": {"a": 1}},
		Unanswerable: []Question{{"3", "drei"}},
	}
	engine := rankings{
		"eins": {Documents: []Ranked{{"a", 2}, {"b", 1}}},
		"zwei": {Documents: []Ranked{{"b", 2}, {"a", 1}}, Refused: true},
		"drei": {Refused: true},
	}
	run, err := Retrieval(context.Background(), corpus, engine, RetrievalOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := RetrievalReport{Documents: 2, Passages: 4, Queries: 2, Hit1: 0.5, Hit5: 1, Hit10: 1, MRR10: 0.75,
		Recall10: 1, Recall100: 1, RefusalRate: 1, FalseRefusalRate: 0.5}
	timed := cmpopts.IgnoreFields(RetrievalReport{}, "NDCG10", "QPS", "P50", "P99", "IndexSeconds")
	if diff := cmp.Diff(want, run.Report, timed); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	var trec, refused bytes.Buffer
	if err := errors.Join(WriteTREC(&trec, run.Answerable, "t"), WriteRefused(&refused, run.Answerable, run.Unanswerable)); err != nil {
		t.Fatal(err)
	}
	ranked, err := ReadTREC(&trec)
	if err != nil || cmp.Diff(map[string][]string{"1": {"a", "b"}, "2": {"b", "a"}}, ranked) != "" {
		t.Errorf("run read back: %v, %v", ranked, err)
	}
	if refused.String() != "2\n3\n" {
		t.Errorf("refused %q", refused.String())
	}
	if _, err := Retrieval(context.Background(), corpus, rankings{}, RetrievalOptions{}); err == nil {
		t.Error("failing engine: no error")
	}
}

// counter embeds a text as its length and counts what it was asked.
type counter struct{ asked int }

func (c *counter) Info() inference.EmbedderInfo {
	return inference.EmbedderInfo{Name: "counter", Dimension: 1}
}

func (c *counter) Embed(_ context.Context, texts []string, _ inference.EmbedKind) ([][]float32, error) {
	var out [][]float32
	for _, t := range texts {
		c.asked++
		out = append(out, []float32{float32(len(t))})
	}
	return out, nil
}

func TestVectorCacheSurvivesATornTail(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vectors")
	inner := &counter{}
	use := func(wantAsked int) {
		t.Helper()
		c, err := OpenVectorCache(path, inner)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		got, err := c.Embed(context.Background(), []string{"a", "bbb"}, inference.EmbedPassage)
		if err != nil || cmp.Diff([][]float32{{1}, {3}}, got) != "" {
			t.Errorf("vectors %v, %v", got, err)
		}
		if inner.asked != wantAsked {
			t.Errorf("model was asked %d times, want %d", inner.asked, wantAsked)
		}
	}
	use(2)
	use(2)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data[:len(data)-5], 0o600); err != nil {
		t.Fatal(err)
	}
	use(3)
}
