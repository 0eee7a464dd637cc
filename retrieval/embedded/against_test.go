//go:build unix

package embedded

import (
	"fmt"
	"testing"
	"time"

	"github.com/philippgille/chromem-go"

	"xiaoyue/retrieval"
	"xiaoyue/retrieval/indextest"
)

// BenchmarkAgainst takes turns with a plain scan of float32 and with chromem-go, so that all three
// meet the same machine. (indextest does so with libraries of Python and with servers.)
func BenchmarkAgainst(b *testing.B) {
	for _, n := range sizes() {
		b.Run(fmt.Sprintf("passages=%d", n), func(b *testing.B) {
			dir, entries := build(b, n)
			s := mustStore(b, dir, nil)
			x, err := s.Open(b.Context(), retrieval.Stamp{})
			must(b, err)
			library, ask := inChromem(b, entries), questions(200)
			var own, plain, chromem laps
			for i := 0; b.Loop(); i++ {
				q := ask[i%len(ask)]
				q.Text = ""
				own = append(own, lap(func() { x.Search(b.Context(), q) }))
				plain = append(plain, lap(func() { indextest.Nearest(entries, q) }))
				chromem = append(chromem, lap(func() { library.QueryEmbedding(b.Context(), q.Vector, q.Limit, nil, nil) }))
			}
			for name, l := range map[string]laps{"own": own, "plain": plain, "chromem": chromem} {
				b.ReportMetric(l.at(.5), name+"-p50-ms")
			}
		})
	}
}

func lap(search func()) time.Duration {
	begin := time.Now()
	search()
	return time.Since(begin)
}

func inChromem(b *testing.B, entries []retrieval.Entry) *chromem.Collection {
	c, err := chromem.NewDB().CreateCollection("passages", nil, nil)
	must(b, err)
	docs := make([]chromem.Document, len(entries))
	for i, e := range entries {
		docs[i] = chromem.Document{ID: e.ID, Embedding: e.Vector, Content: e.ID}
	}
	must(b, c.AddDocuments(b.Context(), docs, 1))
	return c
}
