package limit_test

import (
	"context"
	"iter"
	"testing"
	"time"

	"xiaoyue/inference"
	"xiaoyue/inference/limit"
)

// instant is a server that answers at once, a piece a token.
type instant int

func (n instant) Name() string { return "instant" }

func (n instant) Chat(context.Context, inference.ChatRequest) iter.Seq2[inference.Delta, error] {
	return func(yield func(inference.Delta, error) bool) {
		for range n {
			if !yield(inference.Delta{Text: "字"}, nil) {
				return
			}
		}
		yield(inference.Delta{Stop: inference.StopEnd}, nil)
	}
}

func drain(b *testing.B, m inference.ChatModel) {
	for _, err := range m.Chat(b.Context(), inference.ChatRequest{}) {
		if err != nil {
			b.Fatal(err)
		}
	}
}

func limited(b *testing.B, m inference.ChatModel) *limit.Chat {
	chat, err := limit.NewChat([]limit.Server[inference.ChatModel]{{Model: m}, {Name: "other", Model: m}}, &limit.Options{Parallel: 64})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { chat.Close() })
	return chat
}

// BenchmarkRequest is what a request of one token costs in time over the bare server's.
func BenchmarkRequest(b *testing.B) {
	chat := limited(b, instant(1))
	b.ReportAllocs()
	for b.Loop() {
		drain(b, chat)
	}
}

// BenchmarkToken is what a token costs, in an answer of a thousand.
func BenchmarkToken(b *testing.B) {
	const tokens = 1000
	for _, test := range []struct {
		name string
		m    inference.ChatModel
	}{{"bare", instant(tokens)}, {"limited", limited(b, instant(tokens))}} {
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				drain(b, test.m)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/tokens, "ns/token")
		})
	}
}

// BenchmarkContended is a request among many that wait for four places.
func BenchmarkContended(b *testing.B) {
	chat, err := limit.NewChat([]limit.Server[inference.ChatModel]{{Model: instant(1)}},
		&limit.Options{Queue: 1 << 16, Wait: time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	defer chat.Close()
	b.ReportAllocs()
	b.SetParallelism(100)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			drain(b, chat)
		}
	})
}
