package retrieval_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"xiaoyue/inference"
	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded"
)

// texts are the passages of the test, by ID; the district's own is d2.
var texts = map[string]string{
	"d1": "第五条 硕士研究生每人每月生活补贴1500元，博士研究生每人每月3000元。",
	"d2": "第三条 区级生活补贴标准为硕士研究生每人每月1000元。",
	"d3": "第二条 居住证持有人可以申请公共租赁住房。",
	"d4": "第七条 职工住房公积金贷款最高限额为八十万元。",
}

// words gives passages from memory.
type words map[string]kb.Passage

func (w words) Passages(_ context.Context, ids []string) ([]kb.Passage, error) {
	var found []kb.Passage
	for _, id := range ids {
		if p, ok := w[id]; ok {
			found = append(found, p)
		}
	}
	return found, nil
}

// spelled embeds a text by the runes it holds, or fails.
type spelled struct{ fault error }

func (s spelled) Info() inference.EmbedderInfo {
	return inference.EmbedderInfo{Name: "spelled", Dimension: 64}
}

func (s spelled) Embed(_ context.Context, texts []string, _ inference.EmbedKind) ([][]float32, error) {
	if s.fault != nil {
		return nil, s.fault
	}
	vectors := make([][]float32, len(texts))
	for i, t := range texts {
		vectors[i] = make([]float32, 64)
		vectors[i][0] = 1e-3 // never without direction
		for _, r := range t {
			vectors[i][r%64]++
		}
	}
	return vectors, nil
}

// searcher indexes the texts and puts a pipeline over them.
func searcher(t *testing.T, embedder inference.Embedder) retrieval.Searcher {
	t.Helper()
	index, err := embedded.Open(t.TempDir(), &embedded.Options{Stamp: retrieval.Stamp{Embedder: "spelled", Dimension: 64}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { index.Close() })
	known := words{}
	for id, text := range texts {
		region := "339900"
		if id == "d2" {
			region = "339902"
		}
		p := kb.Passage{ID: id, DocID: id, Title: "办法" + id, Text: text, Attributes: kb.Attributes{Tenant: "t", Access: kb.AccessPublic, Region: region}}
		known[id] = p
		vectors, err := spelled{}.Embed(t.Context(), []string{p.IndexText()}, inference.EmbedPassage)
		if err != nil {
			t.Fatal(err)
		}
		entry := retrieval.Entry{ID: id, DocID: id, Title: p.Title, Text: p.Text, Vector: vectors[0], Attributes: p.Attributes}
		if err := index.Put(t.Context(), []retrieval.Entry{entry}); err != nil {
			t.Fatal(err)
		}
	}
	pipeline, err := retrieval.New(index, known, &retrieval.Options{Embedder: embedder})
	if err != nil {
		t.Fatal(err)
	}
	return pipeline
}

func search(t *testing.T, s retrieval.Searcher, text string, regions ...string) retrieval.Result {
	t.Helper()
	scope := kb.Scope{Tenant: "t", Access: []kb.Access{kb.AccessPublic}, Regions: regions}
	result, err := s.Search(t.Context(), retrieval.Query{Text: text, Scope: scope})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestBothSearchesAgreeOnThePlainCase(t *testing.T) {
	for name, embedder := range map[string]inference.Embedder{"lexical": nil, "extractive": spelled{}} {
		t.Run(name, func(t *testing.T) {
			r := search(t, searcher(t, embedder), "公积金贷款最高限额是多少", "339900", kb.Nation)
			if len(r.Hits) == 0 || r.Hits[0].PassageID != "d4" || string(r.Mode) != name || len(r.Degraded) != 0 {
				t.Errorf("got %+v, want d4 first in mode %s", r, name)
			}
			if !slices.IsSortedFunc(r.Hits, func(a, b retrieval.Hit) int {
				switch {
				case a.Score > b.Score:
					return -1
				case a.Score < b.Score:
					return 1
				}
				return 0
			}) {
				t.Errorf("hits are not ordered by score: %+v", r.Hits)
			}
		})
	}
}

func TestSiblingsRulesNeverLeakIn(t *testing.T) {
	s := searcher(t, spelled{})
	for _, h := range search(t, s, "区级生活补贴硕士研究生标准", "339903", "339900", kb.Nation).Hits {
		if h.PassageID == "d2" {
			t.Error("a passage of district 339902 was found in 339903")
		}
	}
	if r := search(t, s, "区级生活补贴硕士研究生标准", "339902", "339900", kb.Nation); r.Hits[0].PassageID != "d2" {
		t.Errorf("in its own district d2 is not first: %+v", r.Hits)
	}
}

func TestLostEmbedderDegrades(t *testing.T) {
	r := search(t, searcher(t, spelled{inference.ErrUnavailable}), "居住证公共租赁住房", "339900", kb.Nation)
	if r.Mode != kb.ModeLexical || !slices.Contains(r.Degraded, kb.PartEmbed) || r.Hits[0].PassageID != "d3" {
		t.Errorf("got %+v, want d3 in mode lexical with embed degraded", r)
	}
}

func TestNothingFoundDoesNotAnswer(t *testing.T) {
	r := search(t, searcher(t, nil), "zzz qqq", "339900", kb.Nation)
	if r.Answers || r.Answerable != 0 || len(r.Hits) != 0 {
		t.Errorf("got %+v, want no hits and no answer", r)
	}
}

func TestEndedContextIsItsOwnError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	scope := kb.Scope{Tenant: "t", Access: []kb.Access{kb.AccessPublic}}
	_, err := searcher(t, spelled{}).Search(ctx, retrieval.Query{Text: "居住证", Scope: scope})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}
