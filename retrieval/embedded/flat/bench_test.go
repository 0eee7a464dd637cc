package flat_test

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"xiaoyue/retrieval/embedded/flat"
	"xiaoyue/retrieval/indextest"
)

const (
	benchLimit      = 20
	benchCandidates = 64
)

// dense is a whole search by vector: the scan, and exact scores of what it hands on.
type dense struct {
	codes   *flat.Codes
	vectors [][]float32
	queries [][]float32
}

func newDense(tb testing.TB, n int) *dense {
	c := indextest.NewCorpus(1)
	d := &dense{codes: flat.New(indextest.CorpusDimension)}
	begin := time.Now()
	var setting time.Duration
	for i := range n {
		v := c.Vector()
		d.vectors = append(d.vectors, v)
		at := time.Now()
		d.codes.Set(uint32(i), v)
		setting += time.Since(at)
	}
	questions := indextest.NewCorpus(2)
	for range 100 {
		d.queries = append(d.queries, questions.Vector())
	}
	d.codes = mapped(tb, d.codes)
	tb.Logf("%d vectors made in %v, of which %v to set them", n, time.Since(begin), setting)
	return d
}

// mapped returns the set as an opened index has it: written and mapped, one kind of array after the other.
func mapped(tb testing.TB, c *flat.Codes) *flat.Codes {
	var out bytes.Buffer
	if _, err := c.WriteTo(&out); err != nil {
		tb.Fatal(err)
	}
	m, err := flat.Map(out.Bytes()) // a large buffer begins at a page
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func (d *dense) search(tb testing.TB, query []float32, accept []uint64) []flat.Candidate {
	found, err := d.codes.Nearest(tb.Context(), query, benchCandidates, accept, func(a, b uint32) bool { return a < b })
	if err != nil {
		tb.Fatal(err)
	}
	for i, c := range found {
		found[i].Score = flat.Dot(query, d.vectors[c.Slot])
	}
	return firsts(found)
}

func firsts(found []flat.Candidate) []flat.Candidate {
	slices.SortFunc(found, func(a, b flat.Candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Slot, b.Slot))
	})
	return found[:min(len(found), benchLimit)]
}

// plain is the search that looks at every full vector.
func (d *dense) plain(query []float32, accept []uint64) []flat.Candidate {
	var found []flat.Candidate
	for i, v := range d.vectors {
		if accept != nil && accept[i/64]>>(i%64)&1 == 0 {
			continue
		}
		found = append(found, flat.Candidate{Slot: uint32(i), Score: flat.Dot(query, v)})
		if len(found) == 1000 {
			found = firsts(found)
		}
	}
	return firsts(found)
}

// recall is the share of the true nearest that a search finds.
func (d *dense) recall(tb testing.TB, queries int, accept []uint64) float64 {
	found, wanted := 0, 0
	for _, q := range d.queries[:queries] {
		truth, got := d.plain(q, accept), d.search(tb, q, accept)
		wanted += len(truth)
		for _, c := range got {
			if slices.ContainsFunc(truth, func(t flat.Candidate) bool { return t.Slot == c.Slot }) {
				found++
			}
		}
	}
	return float64(found) / float64(wanted)
}

// accepting returns a filter that keeps a share of n slots, nil where it keeps all.
func accepting(n int, share float64) []uint64 {
	if share == 1 {
		return nil
	}
	r, out := rand.New(rand.NewPCG(10, 10)), make([]uint64, (n+63)/64)
	for i := range n {
		if r.Float64() < share {
			out[i/64] |= 1 << (i % 64)
		}
	}
	return out
}

// TestRecall holds the scan to the true neighbours, with and without filters.
func TestRecall(t *testing.T) {
	const n = 12_000
	d := newDense(t, n)
	for _, share := range []float64{1, .5, .05, .001} {
		if got := d.recall(t, 20, accepting(n, share)); got < .99 {
			t.Errorf("filter keeps %v: recall %.4f of the nearest %d", share, got, benchLimit)
		}
	}
}

// BenchmarkScan measures whole searches by size and filter. Each is preceded by reading as many bytes
// as the sketches have, which tells how near to the limit of this machine it comes.
func BenchmarkScan(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprintf("vectors=%d", n), func(b *testing.B) {
			d, memory := newDense(b, n), make([]byte, n*indextest.CorpusDimension/8)
			for i := range memory {
				memory[i] = byte(i) | 1
			}
			for _, share := range []float64{1, .5, .05, .001} {
				accept := accepting(n, share)
				recall := d.recall(b, max(5, min(50, 5_000_000/n)), accept)
				b.Run(fmt.Sprintf("keep=%v%%", 100*share), func(b *testing.B) {
					d.measure(b, accept, memory)
					b.ReportMetric(recall, "recall")
				})
			}
		})
	}
}

func (d *dense) measure(b *testing.B, accept []uint64, memory []byte) {
	var read, search []time.Duration
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		read = append(read, lap(func() { bytes.IndexByte(memory, 0) }))
		search = append(search, lap(func() { d.search(b, d.queries[i%len(d.queries)], accept) }))
	}
	reading, searching := at(read, .5), at(search, .5)
	b.ReportMetric(at(search, .1).Seconds()*1e3, "p10-ms") // on a busy machine the better witness
	b.ReportMetric(searching.Seconds()*1e3, "p50-ms")
	b.ReportMetric(at(search, .99).Seconds()*1e3, "p99-ms")
	b.ReportMetric(float64(len(memory))/reading.Seconds()/1e9, "read-GB/s")
	b.ReportMetric(searching.Seconds()/reading.Seconds(), "search/read")
}

func lap(do func()) time.Duration {
	begin := time.Now()
	do()
	return time.Since(begin)
}

func at(laps []time.Duration, share float64) time.Duration {
	slices.Sort(laps)
	return laps[int(share*float64(len(laps)-1))]
}
