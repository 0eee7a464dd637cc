package guide

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/kb"
)

// TestCompletions holds completions to testdata/completions.txt.
func TestCompletions(t *testing.T) {
	k := loadKnowledge(t)
	g := k.guide(t, k.searcher, nil)
	data, err := os.ReadFile("testdata/completions.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		turns, want, ok := strings.Cut(strings.TrimSpace(line), " → ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		t.Run(turns, func(t *testing.T) {
			asked := strings.Split(turns, " / ")
			var history []kb.Exchange
			for _, q := range asked[:len(asked)-1] {
				history = append(history, kb.Exchange{Question: q})
			}
			c := g.completeIn(g.threadOf(history), withoutOpening(cleanQuestion(asked[len(asked)-1])))
			got := c.question
			if c.unclear != "" {
				got = "?"
			}
			if c.instead != "" {
				got += " | " + c.instead
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// BenchmarkComplete follows the longest conversation that is looked at.
func BenchmarkComplete(b *testing.B) {
	k := loadKnowledge(b)
	g := k.guide(b, k.searcher, nil)
	var history []kb.Exchange
	for range maxHistory / 2 {
		history = append(history, kb.Exchange{Question: "我在东湖区上班，硕士租房补贴有多少？"}, kb.Exchange{Question: "离职了还发吗？"})
	}
	b.ReportAllocs()
	for b.Loop() {
		g.completeIn(g.threadOf(history), "那博士呢？")
	}
}
