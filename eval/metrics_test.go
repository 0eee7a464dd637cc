package eval

import (
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestMetrics(t *testing.T) {
	relevant := map[string]int{"a": 2, "b": 1}
	tests := []struct {
		name                  string
		ranked                []string
		hit, rr, recall, ndcg float64
	}{
		{"perfect", []string{"a", "b", "x"}, 1, 1, 1, 1},
		{"second", []string{"x", "a"}, 0, 0.5, 0.5, 2 / math.Log2(3) / (2 + 1/math.Log2(3))},
		{"behind the cut", []string{"x", "y", "z", "a"}, 0, 0, 0, 0},
		{"nothing found", nil, 0, 0, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := []float64{HitAt(1, tt.ranked, relevant), ReciprocalRankAt(3, tt.ranked, relevant),
				RecallAt(3, tt.ranked, relevant), NDCGAt(3, tt.ranked, relevant)}
			for i, want := range []float64{tt.hit, tt.rr, tt.recall, tt.ndcg} {
				if math.Abs(got[i]-want) > 1e-12 {
					t.Errorf("metric %d = %v, want %v", i, got[i], want)
				}
			}
		})
	}
	if got := Percentile(50, []float64{4, 1, 3, 2}); got != 2 {
		t.Errorf("median %v, want 2", got)
	}
}

func TestPairedBootstrap(t *testing.T) {
	a, b := make([]float64, 200), make([]float64, 200)
	for i := range b {
		b[i] = float64(i % 4 / 3) // one in four better
	}
	better, err := PairedBootstrap(a, b, 2000, 1)
	if err != nil || better.P > 0.01 || better.Lo <= 0 || better.Mean != 0.25 {
		t.Errorf("clear gain: %+v, %v", better, err)
	}
	same, err := PairedBootstrap(b, b, 100, 1)
	if err != nil || same.P != 1 || same.Mean != 0 {
		t.Errorf("no difference: %+v, %v", same, err)
	}
	if _, err := PairedBootstrap(a, b[:3], 10, 1); err == nil {
		t.Error("series of two lengths: no error")
	}
}

func TestLoadBEIR(t *testing.T) {
	dir := fstest.MapFS{
		"corpus.jsonl":       {Data: []byte(`{"_id":"d1","title":"甲","text":"乙"}` + "\n\n")},
		"queries.jsonl":      {Data: []byte(`{"_id":"q1","text":"问","answer": NaN}` + "\n" + `{"_id":"q2","text":"无判断"}`)},
		"qrels/test.tsv":     {Data: []byte("query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td1\t0\n")},
		"unanswerable.jsonl": {Data: []byte(`{"_id":"u1","text":"没有"}`)},
	}
	got, err := LoadBEIR(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := Corpus{
		Documents:    []Document{{"d1", "甲", "乙"}},
		Questions:    []Question{{"q1", "问"}},
		Judgements:   map[string]map[string]int{"q1": {"d1": 1}},
		Unanswerable: []Question{{"u1", "没有"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("corpus (-want +got):\n%s", diff)
	}
	dir["qrels/test.tsv"] = &fstest.MapFile{Data: []byte("head\nq1 d1\n")}
	if _, err := LoadBEIR(dir); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("damaged qrels: %v", err)
	}
}
