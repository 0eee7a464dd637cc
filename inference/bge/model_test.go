package bge

import (
	"os"
	"strings"
	"testing"

	"xiaoyue/inference"
)

// open opens the published model. Where it is absent the test is skipped, but in CI it fails.
func open(tb testing.TB) *Model {
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

const (
	question = "外地户口在本市办理居住证需要准备哪些材料，多久能拿到证？"
	clause   = "申请人应当向居住地公安派出所或者受公安机关委托的社区服务机构提交本人居民身份证、相片以及居住地住址、就业、就读等证明材料。"
)

func BenchmarkEmbedQuestion(b *testing.B) {
	m := open(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Embed(b.Context(), []string{question}, inference.EmbedQuestion); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEmbedPassages embeds 16 passages of 300 tokens at a time.
func BenchmarkEmbedPassages(b *testing.B) {
	m := open(b)
	texts := make([]string, 16)
	for i := range texts {
		texts[i] = string([]rune(strings.Repeat(clause, 6))[i : i+298])
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Embed(b.Context(), texts, inference.EmbedPassage); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(texts)*b.N)/b.Elapsed().Seconds(), "passages/s")
}

func BenchmarkOpen(b *testing.B) {
	folder, err := Find(os.Getenv("XIAOYUE_MODELS"))
	if err != nil {
		b.Skip(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Open(folder, nil); err != nil {
			b.Fatal(err)
		}
	}
}
