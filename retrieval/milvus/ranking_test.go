package milvus

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"xiaoyue/eval"
	"xiaoyue/ingest"
	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded"
	"xiaoyue/retrieval/indexer"
	"xiaoyue/retrieval/segment"
)

// TestSameRanking asks the questions of judged corpora by words, of sparse vectors and of the embedded index,
// and compares what the evaluation says of both, with the mean length of each corpus.
func TestSameRanking(t *testing.T) {
	t.Parallel()
	address := need(t, "XIAOYUE_TEST_MILVUS_LITE")
	folders, _ := filepath.Glob("../../../shared/data/retrieval/*")
	if len(folders) == 0 {
		t.Skip("no judged corpora beside the checkout")
	}
	for _, dir := range folders {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			corpus, err := eval.LoadBEIR(os.DirFS(dir))
			if err != nil {
				t.Fatal(err)
			}
			questions := 120
			if os.Getenv("XIAOYUE_ROUNDS") == "" {
				if questions = 60; len(corpus.Documents) > 1500 {
					t.Skipf("%d documents, more than a test waits for: set XIAOYUE_ROUNDS", len(corpus.Documents))
				}
			}
			corpus.Questions = corpus.Questions[:min(questions, len(corpus.Questions))]
			entries, mean := entriesOf(t, corpus.Documents)
			stamp := retrieval.Stamp{Segmenter: "test"}
			beside, err := embedded.Open(t.TempDir(), &embedded.Options{Stamp: stamp})
			if err != nil {
				t.Fatal(err)
			}
			defer beside.Close()
			sparse, err := openStore(t, Options{Address: address, Version: "2.5.1", MeanLength: mean}).Create(t.Context(), stamp)
			if err != nil {
				t.Fatal(err)
			}
			defer sparse.Close()
			for _, x := range []retrieval.Index{beside, sparse} {
				for batch := range slices.Chunk(entries, 500) {
					if err := x.Put(t.Context(), batch); err != nil {
						t.Fatal(err)
					}
				}
			}
			want, got := judge(t, beside, corpus), judge(t, sparse, corpus)
			t.Logf("embedded %+v, sparse %+v", want, got)
			const tolerance = .01
			if math.Abs(want.hit1-got.hit1) > tolerance || math.Abs(want.mrr10-got.mrr10) > tolerance || math.Abs(want.recall10-got.recall10) > tolerance {
				t.Errorf("sparse %+v, want %+v within %g", got, want, tolerance)
			}
		})
	}
}

// entriesOf cuts documents as ingest does, and returns the mean number of terms.
func entriesOf(t *testing.T, documents []eval.Document) (entries []retrieval.Entry, mean float64) {
	t.Helper()
	words, err := segment.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	terms := 0
	for _, d := range documents {
		_, passages := ingest.FromText(d.ID, d.Title, d.Text)
		for _, p := range passages {
			p.Tenant, p.Access = kb.DefaultTenant, kb.AccessPublic
			e := indexer.EntryOf(p)
			entries = append(entries, e)
			terms += len(words.Passage(e.Title, e.Text))
		}
	}
	return entries, float64(terms) / float64(len(entries))
}

type quality struct{ hit1, mrr10, recall10 float64 }

// judge ranks documents by their best passage.
func judge(t *testing.T, x retrieval.Index, corpus eval.Corpus) (sum quality) {
	t.Helper()
	questions := 0.0
	for _, q := range corpus.Questions {
		relevant := corpus.Judgements[q.ID]
		if len(relevant) == 0 {
			continue
		}
		questions++
		found, err := x.Search(t.Context(), retrieval.Request{Text: q.Text, Limit: 100, Scope: kb.Scope{
			Tenant: kb.DefaultTenant, Access: []kb.Access{kb.AccessPublic}}})
		if err != nil {
			t.Fatal(err)
		}
		var documents []string
		for _, m := range found.Lexical {
			if !slices.Contains(documents, m.DocID) {
				documents = append(documents, m.DocID)
			}
		}
		first := true
		for rank, d := range documents[:min(10, len(documents))] {
			if relevant[d] <= 0 {
				continue
			}
			if sum.recall10 += 1 / float64(len(relevant)); first {
				sum.mrr10 += 1 / float64(rank+1)
			}
			if first = false; rank == 0 {
				sum.hit1++
			}
		}
	}
	return quality{sum.hit1 / questions, sum.mrr10 / questions, sum.recall10 / questions}
}
