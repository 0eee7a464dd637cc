package guide

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"xiaoyue/inference"
	"xiaoyue/kb"
)

// TestVenture asks what no sentence of the rules answers by its words.
func TestVenture(t *testing.T) {
	k := loadKnowledge(t)
	tell := func(quote, words string) func(given) (string, error) {
		return func(p given) (string, error) { return fmt.Sprintf("%s[%d]。", words, p.handleOf(quote)), nil }
	}
	turn := kb.Turn{Question: "租房补贴在编人员待遇如何", Region: "880000", AsOf: kb.MustDate("2025-06-01")}
	for _, c := range []struct {
		name  string
		write func(given) (string, error)
		want  kb.Outcome
	}{
		{"the rule", tell("不享受租房补贴", "事业单位在编人员不享受租房补贴"), kb.Answered},
		{"its opposite", tell("不享受租房补贴", "事业单位在编人员享受租房补贴"), kb.NoEvidence},
		{"something else in it", tell("按季度发放", "租房补贴按季度发放"), kb.NoEvidence},
		{"not enough", func(given) (string, error) { return "材料不足", nil }, kb.NoEvidence},
		{"a fault", func(given) (string, error) { return "", inference.ErrUnavailable }, kb.NoEvidence},
	} {
		t.Run(c.name, func(t *testing.T) {
			chat := &scripted{write: c.write}
			a := answerOf(t, k, k.guide(t, k.searcher, chat), turn)
			if a.Outcome != c.want || a.Generated != (c.want == kb.Answered) || len(chat.asked) != 1 {
				t.Errorf("outcome %s, generated %v, %d requests: %s", a.Outcome, a.Generated, len(chat.asked), a.Text)
			}
		})
	}
}

// TestModelOverDocumentsOfOthers asks a model that knows the answers, tells the sentence of the documents
// that holds one, and else that they are not enough: neither may be lost on the way.
func TestModelOverDocumentsOfOthers(t *testing.T) {
	if testing.Short() {
		t.Skip("sixty indexes take seconds")
	}
	right, refused, total := 0, 0, 0
	for _, q := range rgbQuestions(t) {
		total++
		honest := &scripted{write: func(p given) (string, error) {
			for h, piece := range p.pieces {
				for _, s := range sentencesOf(piece) {
					if q.in(s) && likeness(q.Query, s) > 0.2 {
						return fmt.Sprintf("%s[%d]。", strings.TrimRight(s, "。"), h+1), nil
					}
				}
			}
			return "材料不足", nil
		}}
		if a := askOver(t, honest, q.Query, slices.Concat(q.Positive, q.Negative)); a.Outcome == kb.Answered && q.in(a.Text) {
			right++
		}
		if a := askOver(t, honest, q.Query, q.Negative); a.Outcome != kb.Answered {
			refused++
		}
	}
	t.Logf("of %d questions %d answered right; without evidence %d not", total, right, refused)
	if right*100 < 90*total || refused*100 < 90*total {
		t.Error("fell below the floors")
	}
}
