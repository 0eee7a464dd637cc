package retrieval_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/inference"
	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded"
	"xiaoyue/retrieval/segment"
)

// library is a catalog in memory.
type library map[string]kb.Passage

func (l library) Passages(_ context.Context, ids []string) ([]kb.Passage, error) {
	var out []kb.Passage
	for _, id := range ids {
		if p, ok := l[id]; ok {
			out = append(out, p)
		}
	}
	return out, nil
}

// topics embeds a text as the topics that it names.
type topics struct{ err error }

func (e topics) Info() inference.EmbedderInfo {
	return inference.EmbedderInfo{Name: "topics", Dimension: 3}
}

func (e topics) Embed(_ context.Context, texts []string, _ inference.EmbedKind) ([][]float32, error) {
	out := make([][]float32, len(texts))
	for i, t := range texts {
		out[i] = []float32{0.1, 0.1, 0.1}
		for j, words := range [][]string{{"补贴", "钱"}, {"落户", "户口"}, {"驾驶"}} {
			if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(t, w) }) {
				out[i][j] = 1
			}
		}
	}
	return out, e.err
}

// last is a reranker that prefers the passage that came last.
type last struct{ err error }

func (r last) Rerank(_ context.Context, _ string, passages []string) ([]float64, error) {
	scores := make([]float64, len(passages))
	for i := range scores {
		scores[i] = float64(i)
	}
	return scores, r.err
}

var scope = kb.Scope{Tenant: kb.DefaultTenant, Access: []kb.Access{kb.AccessPublic}}

// fixture indexes four passages of three documents.
func fixture(t *testing.T) (*embedded.Index, library) {
	t.Helper()
	x, err := embedded.Open(t.TempDir(), &embedded.Options{
		Stamp: retrieval.Stamp{Segmenter: segment.Version, Embedder: "topics", Dimension: 3}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	words := library{}
	var entries []retrieval.Entry
	for _, p := range []struct{ id, doc, text string }{
		{"p1", "talent", "硕士毕业生来本市就业的，给予生活补贴每年一万元。"},
		{"p2", "talent", "申请生活补贴须提交学历证书和劳动合同。"},
		{"p3", "residence", "具有合法稳定住所的，可以申请落户。"},
		{"p4", "driving", "机动车驾驶证有效期满前九十日内换领。"},
	} {
		attributes := kb.Attributes{Tenant: kb.DefaultTenant, Access: kb.AccessPublic}
		words[p.id] = kb.Passage{ID: p.id, DocID: p.doc, Text: p.text, Attributes: attributes}
		v, _ := topics{}.Embed(context.Background(), []string{p.text}, inference.EmbedPassage)
		entries = append(entries, retrieval.Entry{ID: p.id, DocID: p.doc, Text: p.text, Vector: v[0], Attributes: attributes})
	}
	if err := x.Put(context.Background(), entries); err != nil {
		t.Fatal(err)
	}
	return x, words
}

func search(t *testing.T, x retrieval.Index, words library, opts *retrieval.Options, text string) (retrieval.Result, error) {
	t.Helper()
	p, err := retrieval.New(x, words, opts)
	if err != nil {
		t.Fatal(err)
	}
	return p.Search(context.Background(), retrieval.Query{Text: text, Scope: scope, Limit: 4})
}

func TestPipeline(t *testing.T) {
	x, words := fixture(t)
	tests := []struct {
		name, question, first string
		opts                  *retrieval.Options
		mode                  kb.Mode
		degraded              []string
	}{
		{"words and vectors", "硕士生活补贴每年多少钱", "p1", &retrieval.Options{Embedder: topics{}}, kb.ModeExtractive, nil},
		{"vectors where words fail", "户口怎么迁", "p3", &retrieval.Options{Embedder: topics{}}, kb.ModeExtractive, nil},
		{"words alone", "驾驶证换领", "p4", nil, kb.ModeLexical, nil},
		{"embedder down", "驾驶证换领", "p4", &retrieval.Options{Embedder: topics{inference.ErrUnavailable}}, kb.ModeLexical, []string{kb.PartEmbed}},
		{"reranker down", "驾驶证换领", "p4", &retrieval.Options{Embedder: topics{}, Reranker: last{inference.ErrOverloaded}}, kb.ModeExtractive, []string{kb.PartRerank}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := search(t, x, words, tt.opts, tt.question)
			if err != nil {
				t.Fatal(err)
			}
			if got.Mode != tt.mode || cmp.Diff(tt.degraded, got.Degraded) != "" {
				t.Errorf("mode %s, degraded %v", got.Mode, got.Degraded)
			}
			if len(got.Hits) == 0 || got.Hits[0].PassageID != tt.first {
				t.Errorf("hits %+v, want %s first", got.Hits, tt.first)
			}
			for i, h := range got.Hits {
				if h.Score < 0 || h.Score > 1 || i > 0 && h.Score > got.Hits[i-1].Score {
					t.Errorf("scores out of order or range: %+v", got.Hits)
				}
			}
		})
	}
}

func TestRerankerDecides(t *testing.T) {
	x, words := fixture(t)
	ids := func(opts *retrieval.Options) (out []string) {
		got, err := search(t, x, words, opts, "驾驶证换领")
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range got.Hits {
			out = append(out, h.PassageID)
		}
		return out
	}
	want := ids(&retrieval.Options{Embedder: topics{}})
	slices.Reverse(want)
	if diff := cmp.Diff(want, ids(&retrieval.Options{Embedder: topics{}, Reranker: last{}})); diff != "" {
		t.Errorf("reranked (-want +got):\n%s", diff)
	}
}

func TestAnswerable(t *testing.T) {
	x, words := fixture(t)
	inside, err := search(t, x, words, nil, "驾驶证有效期满换领")
	if err != nil {
		t.Fatal(err)
	}
	outside, err := search(t, x, words, nil, "宠物狗疫苗接种地点")
	if err != nil {
		t.Fatal(err)
	}
	if !inside.Answers || outside.Answers || inside.Answerable <= outside.Answerable {
		t.Errorf("inside %.2f %t, outside %.2f %t", inside.Answerable, inside.Answers, outside.Answerable, outside.Answers)
	}
}

func TestFailuresAreTyped(t *testing.T) {
	x, words := fixture(t)
	p, err := retrieval.New(x, words, &retrieval.Options{Embedder: topics{}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := p.Search(ctx, retrieval.Query{Text: "补贴", Scope: scope}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled search: %v", err)
	}
	x.Close()
	if _, err := p.Search(context.Background(), retrieval.Query{Text: "补贴", Scope: scope}); !errors.Is(err, retrieval.ErrDown) {
		t.Errorf("closed index: %v", err)
	}
}

// companioned is an index that names where its words lie, once it knows.
type companioned struct {
	retrieval.Index
	words retrieval.Index
}

func (c *companioned) Companion() retrieval.Index { return c.words }

// TestCompanion asks while the index is away, whose companion is known only after the pipeline was made.
func TestCompanion(t *testing.T) {
	x, words := fixture(t)
	spare, _ := fixture(t)
	x.Close()
	c := &companioned{Index: x}
	p, err := retrieval.New(c, words, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Search(t.Context(), retrieval.Query{Text: "驾驶证换领", Scope: scope}); !errors.Is(err, retrieval.ErrDown) {
		t.Errorf("no companion: %v", err)
	}
	c.words = spare
	got, err := p.Search(t.Context(), retrieval.Query{Text: "驾驶证换领", Scope: scope})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Hits) == 0 || got.Hits[0].PassageID != "p4" || cmp.Diff([]string{kb.PartIndex}, got.Degraded) != "" {
		t.Errorf("hits %+v, degraded %v", got.Hits, got.Degraded)
	}
}

// TestSpare asks while the index is away.
func TestSpare(t *testing.T) {
	x, words := fixture(t)
	spare, _ := fixture(t)
	x.Close()
	got, err := search(t, x, words, &retrieval.Options{Embedder: topics{}, Spare: spare}, "驾驶证换领")
	if err != nil {
		t.Fatal(err)
	}
	if got.Mode != kb.ModeLexical || cmp.Diff([]string{kb.PartIndex}, got.Degraded) != "" || got.Stamp.Segmenter != segment.Version {
		t.Errorf("mode %s, degraded %v, stamp %+v", got.Mode, got.Degraded, got.Stamp)
	}
	if len(got.Hits) == 0 || got.Hits[0].PassageID != "p4" || got.Hits[0].Dense != 0 {
		t.Errorf("hits %+v", got.Hits)
	}
	_, err = search(t, x, words, &retrieval.Options{Embedder: topics{}, Spare: x}, "驾驶证换领")
	if !errors.Is(err, retrieval.ErrDown) {
		t.Errorf("both away: %v", err)
	}
}
