package guide

import (
	"context"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"xiaoyue/inference"
	"xiaoyue/kb"
)

// paced is a server of fixed pace: a token of some runes every so often, from the moment it is asked.
type paced struct {
	tokens []string
	first  time.Duration
	every  time.Duration

	asked time.Time // when it was asked last
	sent  time.Time // when the first sentence was whole
}

func newPaced(text string) *paced {
	p := &paced{first: 50 * time.Millisecond, every: 4 * time.Millisecond}
	for runes := range slices.Chunk([]rune(text), 2) {
		p.tokens = append(p.tokens, string(runes))
	}
	return p
}

func (*paced) Name() string { return "paced" }

func (p *paced) Chat(context.Context, inference.ChatRequest) iter.Seq2[inference.Delta, error] {
	return func(yield func(inference.Delta, error) bool) {
		p.asked, p.sent = time.Now(), time.Time{}
		due := p.asked.Add(p.first)
		for _, token := range p.tokens {
			time.Sleep(time.Until(due))
			due = due.Add(p.every)
			if p.sent.IsZero() && strings.Contains(token, "。") {
				p.sent = time.Now()
			}
			if !yield(inference.Delta{Text: token}, nil) {
				return
			}
		}
		yield(inference.Delta{Stop: inference.StopEnd, Usage: inference.Usage{Completion: len(p.tokens)}}, nil)
	}
}

// rounds is how often bare server and guide take turns.
const rounds = 40

// BenchmarkPace compares a server of fixed pace with the same server behind the guide, by turns: how
// long after its last token the first sentence is shown, how long after the question compared with the
// bare server's first sentence, and the tokens per second of the whole answer.
func BenchmarkPace(b *testing.B) {
	k := loadKnowledge(b)
	chat := newPaced("在东湖区企业工作的硕士研究生，另行给予区级租房补贴每月300元[1]。云州市的硕士研究生租房补贴标准为每月900元[2]。区级租房补贴可以与市级租房补贴叠加享受[1]。")
	g := k.guide(b, k.searcher, chat)
	var lag, whole, ratio []float64
	for b.Loop() {
		for range rounds {
			began := time.Now()
			for range chat.Chat(b.Context(), inference.ChatRequest{}) {
			}
			bare, bareFirst := time.Since(began), chat.sent.Sub(began)

			began = time.Now()
			var first time.Time
			_, rec, err := g.Answer(b.Context(), rent("880001"), func(e kb.Event) error {
				if e.Type == kb.EventDelta && first.IsZero() {
					first = time.Now()
				}
				return nil
			})
			if err != nil || len(rec.Calls) != 1 || rec.Calls[0].Completed != len(chat.tokens) {
				b.Fatalf("%+v, %v", rec.Calls, err)
			}
			lag = append(lag, first.Sub(chat.sent).Seconds()*1e3)
			whole = append(whole, (first.Sub(began)-bareFirst).Seconds()*1e3)
			ratio = append(ratio, bare.Seconds()/rec.Calls[0].Elapsed.Seconds())
		}
	}
	b.ReportMetric(median(lag), "ms-after-token")
	b.ReportMetric(median(whole), "ms-after-bare")
	b.ReportMetric(median(ratio), "tokens/s-ratio")
	b.ReportMetric(0, "ns/op")
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
