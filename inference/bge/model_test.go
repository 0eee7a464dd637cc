package bge

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/inference"
)

func openTiny(tb testing.TB, o Options) *Model {
	tb.Helper()
	o.AllowUnknown = true
	m, err := Open(tinyFolder(tb), &o)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func embed(tb testing.TB, m *Model, kind inference.EmbedKind, texts ...string) [][]float32 {
	tb.Helper()
	vectors, err := m.Embed(tb.Context(), texts, kind)
	if err != nil {
		tb.Fatal(err)
	}
	return vectors
}

func TestEmbed(t *testing.T) {
	m := openTiny(t, Options{Workers: 2, Instruction: "办："})
	texts := []string{"居住证", "", "居住证办。", strings.Repeat("居 app ", 400), "wifi 2024年"}
	want := embed(t, m, inference.EmbedPassage, texts...)

	if got := embed(t, m, inference.EmbedPassage); len(got) != 0 {
		t.Errorf("%d vectors for no text", len(got))
	}
	for i, text := range texts {
		if diff := cmp.Diff(want[i], embed(t, m, inference.EmbedPassage, text)[0]); diff != "" {
			t.Errorf("%q alone (-want +got):\n%s", text, diff)
		}
	}
	asked := embed(t, m, inference.EmbedQuestion, texts[0])[0]
	if diff := cmp.Diff(embed(t, m, inference.EmbedPassage, "办："+texts[0])[0], asked); diff != "" {
		t.Errorf("question with instruction (-want +got):\n%s", diff)
	}
	if info := m.Info(); info.Dimension != len(asked) || info.Name != Name || info.MaxTokens != 512 || len(info.Digest) != 129 {
		t.Errorf("info %+v", info)
	}
}

func TestEmbedConcurrently(t *testing.T) {
	m := openTiny(t, Options{Workers: 2})
	texts := []string{"居", "居住证", strings.Repeat("办", 40), "wifi"}
	want := embed(t, m, inference.EmbedPassage, texts...)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			got, err := m.Embed(t.Context(), texts, inference.EmbedKind(i%2))
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("error %v (-want +got):\n%s", err, diff)
			}
		})
	}
	group.Wait()
}

// countdown is a context that is canceled when it has been asked for its state n times.
type countdown struct {
	context.Context
	n atomic.Int64
}

func (c *countdown) Err() error {
	if c.n.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func TestEmbedCanceled(t *testing.T) {
	m := openTiny(t, Options{Workers: 1})
	texts := make([]string, 10_000)
	for _, n := range []int64{0, 3} {
		ctx := &countdown{Context: t.Context()}
		ctx.n.Store(n)
		if vectors, err := m.Embed(ctx, texts, inference.EmbedPassage); !errors.Is(err, context.Canceled) || vectors != nil {
			t.Errorf("after %d: %d vectors, error %v", n, len(vectors), err)
		}
		if ctx.n.Load() < -3 {
			t.Errorf("after %d: went on for %d more texts", n, -ctx.n.Load())
		}
	}

	// A call that waits for its turn gives up too.
	taken := <-m.passages
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Embed(ctx, texts, inference.EmbedPassage); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting: error %v", err)
	}
	embed(t, m, inference.EmbedQuestion, "居") // questions have their own turn
	m.passages <- taken
}

// openPublished opens the published model. Where it is absent the test is skipped, but in CI it
// fails.
func openPublished(tb testing.TB) *Model {
	tb.Helper()
	folders := []string{os.Getenv("XIAOYUE_MODELS")}
	if folder, err := DefaultFolder(); err == nil {
		folders = append(folders, folder)
	}
	folder, err := Find(folders...)
	switch {
	case err != nil && os.Getenv("CI") == "true":
		tb.Fatal(err)
	case err != nil:
		tb.Skipf("left out, as it needs the published weights: %v", err)
	}
	m, err := Open(folder, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// TestPublished compares with testdata/published.json. Its ids come from Python tokenizers 0.23
// with tokenizer.json and BertNormalizer(lowercase=True), its vectors from Python onnxruntime 1.32 with
// the published fp32 weights, one text at a time: the first row of last_hidden_state, scaled to
// length 1, as little-endian float32.
func TestPublished(t *testing.T) {
	m := openPublished(t)
	b, err := os.ReadFile("testdata/published.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Text   string
		Repeat int
		IDs    []int32
		Vector []byte
	}
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Text, func(t *testing.T) {
			text := strings.Repeat(c.Text, c.Repeat)
			if diff := cmp.Diff(c.IDs, m.tokenizer.encode(text)); diff != "" {
				t.Fatalf("ids (-want +got):\n%s", diff)
			}
			got, cosine := embed(t, m, inference.EmbedPassage, text)[0], 0.0
			for i, v := range got {
				want := math.Float32frombits(binary.LittleEndian.Uint32(c.Vector[4*i:]))
				cosine += float64(v) * float64(want)
			}
			if len(c.Vector) != 4*len(got) || cosine < 0.99999 {
				t.Errorf("cosine %.7f of %d dimensions", cosine, len(got))
			}
		})
	}
}

const clause = "申请人应当向居住地公安派出所或者受公安机关委托的社区服务机构提交本人居民身份证、相片以及居住地住址、就业、就读等证明材料。"

func BenchmarkEmbedQuestion(b *testing.B) {
	m := openPublished(b)
	b.ReportAllocs()
	for b.Loop() {
		embed(b, m, inference.EmbedQuestion, "外地户口在本市办理居住证需要准备哪些材料，多久能拿到证？")
	}
}

// BenchmarkEmbedPassages embeds 16 passages of 300 tokens at a time.
func BenchmarkEmbedPassages(b *testing.B) {
	m := openPublished(b)
	texts := make([]string, 16)
	for i := range texts {
		texts[i] = string([]rune(strings.Repeat(clause, 6))[i:][:298])
	}
	b.ReportAllocs()
	for b.Loop() {
		embed(b, m, inference.EmbedPassage, texts...)
	}
	b.ReportMetric(float64(len(texts)*b.N)/b.Elapsed().Seconds(), "passages/s")
}
