package guide

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"xiaoyue/kb"
	"xiaoyue/kb/figures"
	"xiaoyue/retrieval"
)

// TestTalks holds conversations to what testdata/talks.txtar says of them, and every answer to the
// promises that all answers keep.
func TestTalks(t *testing.T) {
	k := loadKnowledge(t)
	g := k.guide(t, k.searcher, nil)
	archive, err := txtar.ParseFile("testdata/talks.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		t.Run(f.Name, func(t *testing.T) {
			var history []kb.Exchange
			var answer kb.Answer
			for line := range strings.Lines(string(f.Data)) {
				line = strings.TrimSpace(line)
				if question, ok := strings.CutPrefix(line, ">"); ok {
					turn := turnOf(t, question)
					turn.History = history
					answer = answerOf(t, k, g, turn)
					tryOptions(t, k, g, turn, answer)
					history = append(history, kb.Exchange{Question: turn.Question, Answer: answer.Text})
					continue
				}
				if fault := judge(line, answer); fault != "" {
					t.Errorf("%s: %s\ntext: %s\nnotes: %q", answer.QuestionCompleted, fault, answer.Text, answer.Notes)
				}
			}
		})
	}
}

// tryOptions sends what an answer offers: it must lead on, and not to the same question again.
func tryOptions(t *testing.T, k *knowledge, g *Guide, turn kb.Turn, a kb.Answer) {
	t.Helper()
	turn.History = append(slices.Clone(turn.History), kb.Exchange{Question: a.QuestionCompleted, Answer: a.Text})
	for _, o := range a.Options {
		turn.Question = o.Value
		if next := answerOf(t, k, g, turn); next.Outcome != kb.Answered && next.Outcome != kb.HandedOver {
			t.Errorf("option %q leads to %s: %s", o.Value, next.Outcome, next.Text)
		}
	}
}

// turnOf reads "question [DATE REGION]".
func turnOf(t *testing.T, line string) kb.Turn {
	t.Helper()
	turn := kb.Turn{Question: strings.TrimSpace(line), AsOf: kb.MustDate("2025-06-01")}
	question, scope, ok := strings.Cut(strings.TrimSuffix(turn.Question, "]"), " [")
	if !ok {
		return turn
	}
	turn.Question = question
	day, region, _ := strings.Cut(scope, " ")
	turn.AsOf, turn.Region = kb.MustDate(day), region
	return turn
}

// answerOf answers a turn and checks what holds for every answer: what was emitted is what was returned,
// every quote stands in its document, every mark has its citation, nothing hidden is cited.
func answerOf(t *testing.T, k *knowledge, g *Guide, turn kb.Turn) kb.Answer {
	t.Helper()
	var said strings.Builder
	var cited []kb.Citation
	a, rec, err := g.Answer(context.Background(), turn, func(e kb.Event) error {
		said.WriteString(map[bool]string{true: e.Text}[e.Type == kb.EventDelta])
		if e.Citation != nil {
			cited = append(cited, *e.Citation)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", turn.Question, err)
	}
	if diff := cmp.Diff(a.Text, said.String()); diff != "" {
		t.Errorf("%s: emitted text differs: %s", turn.Question, diff)
	}
	if a.TraceID == "" || rec.TraceID != a.TraceID || a.Text == "" {
		t.Errorf("%s: answer without trace or text", turn.Question)
	}
	for i, c := range a.Citations {
		d := k.docs[c.DocID]
		if c.N != i+1 || !strings.Contains(d.Text, c.Quote) || !strings.Contains(a.Text, fmt.Sprintf("[%d]", c.N)) || d.Access != kb.AccessPublic {
			t.Errorf("%s: citation %+v is not sound", turn.Question, c)
		}
	}
	if len(cited) != len(a.Citations) {
		t.Errorf("%s: %d citations emitted, %d returned", turn.Question, len(cited), len(a.Citations))
	}
	return a
}

// judge checks one line of expectations; see testdata/talks.txtar.
func judge(line string, a kb.Answer) string {
	mark, rest, _ := strings.Cut(line, " ")
	switch mark {
	case "":
		return ""
	case "+":
		return fault(figures.Contains(a.Text, rest), "text lacks "+rest)
	case "-":
		return fault(!figures.Contains(a.Text, rest), "text holds "+rest)
	case "=":
		return fault(a.QuestionCompleted == rest, "question completed otherwise than "+rest)
	case "!-":
		return fault(!slices.ContainsFunc(a.Notes, func(n string) bool { return figures.Contains(n, rest) }), "a note holds "+rest)
	case "?-":
		return fault(len(a.Options) == 0, fmt.Sprintf("offers %v", a.Options))
	case "@":
		return fault(a.Region == rest, "region is "+a.Region)
	case "!":
		return fault(slices.ContainsFunc(a.Notes, func(n string) bool { return figures.Contains(n, rest) }), "no note holds "+rest)
	case "?":
		return fault(slices.ContainsFunc(a.Options, func(o kb.Option) bool { return o.Label == rest }), "no option "+rest)
	case "*":
		for _, id := range strings.Fields(rest) {
			if !slices.ContainsFunc(a.Citations, func(c kb.Citation) bool { return c.DocID == id }) {
				return "does not cite " + id
			}
		}
		return ""
	}
	return fault(string(a.Outcome) == line, "outcome is "+string(a.Outcome)+", want "+line)
}

func fault(ok bool, words string) string {
	if ok {
		return ""
	}
	return words
}

// down is a searcher whose index is gone.
type down struct{}

func (down) Search(context.Context, retrieval.Query) (retrieval.Result, error) {
	return retrieval.Result{}, fmt.Errorf("search: %w", retrieval.ErrDown)
}

func TestIndexDown(t *testing.T) {
	k := loadKnowledge(t)
	g := k.guide(t, down{}, nil)
	for _, c := range []struct {
		name, question string
		want           kb.Outcome
	}{
		{"items are still answered", "租房补贴要带什么材料？", kb.Answered},
		{"rules are not", "事业单位在编人员能领租房补贴吗？", kb.Unavailable},
		{"both", "硕士租房补贴有多少？要带什么材料？", kb.Answered},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := answerOf(t, k, g, kb.Turn{Question: c.question, AsOf: kb.MustDate("2025-06-01")})
			if a.Outcome != c.want || c.want == kb.Unavailable && (a.Mode != kb.ModeCards || !slices.Contains(a.Degraded, kb.PartIndex)) {
				t.Errorf("outcome %s mode %s degraded %q, want %s: %s", a.Outcome, a.Mode, a.Degraded, c.want, a.Text)
			}
		})
	}
}

func TestAnswerFaults(t *testing.T) {
	k := loadKnowledge(t)
	g := k.guide(t, k.searcher, nil)
	ctx := context.Background()
	if _, _, err := g.Answer(ctx, kb.Turn{Question: "租房补贴有多少", Region: "999999"}, nil); !errors.Is(err, kb.ErrUnknownRegion) {
		t.Errorf("unknown region: got %v", err)
	}
	broken := errors.New("connection is gone")
	if _, _, err := g.Answer(ctx, kb.Turn{Question: "租房补贴有多少"}, func(kb.Event) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("emit fails: got %v", err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, _, err := g.Answer(cancelled, kb.Turn{Question: "租房补贴有多少"}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

func TestPersonalDataIsMasked(t *testing.T) {
	k := loadKnowledge(t)
	_, rec, err := k.guide(t, k.searcher, nil).Answer(context.Background(), kb.Turn{Question: "我的手机13812345678，租房补贴要什么材料？"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(fmt.Sprintf("%+v", rec), "13812345678") {
		t.Error("the record holds a telephone number of a person")
	}
}

func FuzzAnswer(f *testing.F) {
	k := loadKnowledge(f)
	g := k.guide(f, k.searcher, nil)
	for _, s := range []string{"硕士租房补贴有多少？", "那博士呢", "2023年", "东湖区呢？", "\xff　①？？", "12345678901234567890年月日%百分之", "（一）：|a|b|", "我，，，。。。呢"} {
		f.Add(s, "租房补贴有多少？")
	}
	f.Fuzz(func(t *testing.T, question, before string) {
		turn := kb.Turn{Question: question, History: []kb.Exchange{{Question: before}}, AsOf: kb.MustDate("2025-06-01")}
		a, _, err := g.Answer(context.Background(), turn, nil)
		if err != nil || a.Outcome == "" || a.Text == "" {
			t.Fatalf("%q after %q: outcome %q, %v", question, before, a.Outcome, err)
		}
	})
}

func BenchmarkAnswer(b *testing.B) {
	k := loadKnowledge(b)
	g := k.guide(b, k.searcher, nil)
	turn := kb.Turn{Question: "硕士研究生的租房补贴是多少？要带什么材料？", Region: "880001", AsOf: kb.MustDate("2025-06-01")}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := g.Answer(context.Background(), turn, nil); err != nil {
			b.Fatal(err)
		}
	}
}
