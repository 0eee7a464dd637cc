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
