//go:build linux

package lexical

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"xiaoyue/retrieval/segment"
)

// statutes are real articles and real questions; tests that measure need them.
const statutes = "../../../shared/data/retrieval/statute"

type text struct{ Title, Text string }

// lines reads the records of a file of JSON lines.
func lines(tb testing.TB, name string) (out []text) {
	f, err := os.Open(filepath.Join(statutes, name))
	if err != nil {
		tb.Skipf("no real texts to measure with: %v", err)
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var t text
		record := bytes.ReplaceAll(s.Bytes(), []byte(": NaN"), []byte(": null"))
		if err := json.Unmarshal(record, &t); err != nil {
			tb.Fatal(err)
		}
		out = append(out, t)
	}
	return out
}

// articles returns n passages: the real ones, then mixtures of the sentences of two of them.
func articles(tb testing.TB, n int) []text {
	real := lines(tb, "corpus.jsonl")
	r := rand.New(rand.NewPCG(1, 1))
	out := make([]text, n)
	for i := range out {
		if i < len(real) {
			out[i] = real[i]
			continue
		}
		a, b := real[r.IntN(len(real))], real[r.IntN(len(real))]
		head, tail := strings.SplitAfter(a.Text, "。"), strings.SplitAfter(b.Text, "。")
		out[i] = text{a.Title, strings.Join(head[:(len(head)+1)/2], "") + strings.Join(tail[len(tail)/2:], "")}
	}
	return out
}

func segmenter(tb testing.TB) *segment.Segmenter {
	s, err := segment.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// questions returns real questions of at least a number of characters, short ones joined.
func questions(tb testing.TB, runes int) (out [][]segment.Weighted) {
	s, joined := segmenter(tb), ""
	for _, q := range lines(tb, "queries.jsonl") {
		joined += q.Text
		if len([]rune(joined)) >= runes {
			out = append(out, s.Question(joined))
			joined = ""
		}
	}
	return out
}

// pair is an index and the plain one with the same passages.
type pair struct {
	own   *Index
	plain *plain
	size  int // bytes of text
}

func fill(tb testing.TB, n int, withPlain bool) pair {
	p, s := pair{own: New(nil), plain: newPlain()}, segmenter(tb)
	for i, a := range articles(tb, n) {
		terms := s.Passage(a.Title, a.Text)
		if err := p.own.Add(uint32(i), terms); err != nil {
			tb.Fatal(err)
		}
		if withPlain {
			p.plain.add(terms)
		}
		p.size += len(a.Title) + len(a.Text)
	}
	return p
}

type laps []time.Duration

func (l laps) at(share float64) float64 {
	slices.Sort(l)
	return float64(l[int(share*float64(len(l)-1))].Nanoseconds()) / 1e6
}

// BenchmarkSearch takes turns with the plain search, so that both meet the same machine. Times are of
// the processor, so that others on it count only for what they take from the caches.
func BenchmarkSearch(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		p := fill(b, n, true)
		mapped := remap(b, p.own, nil)
		for _, runes := range []int{1, 60} {
			qs := questions(b, runes)
			for _, keep := range []float64{1, .5, .05, .001} {
				set := share(n, keep)
				b.Run(fmt.Sprintf("passages=%d/runes>=%d/keep=%v%%", n, runes, 100*keep), func(b *testing.B) {
					var own, plain laps
					runtime.LockOSThread()
					defer runtime.UnlockOSThread()
					for i := 0; b.Loop(); i++ {
						q := qs[i%len(qs)]
						begin := threadTime()
						mapped.Search(q, set, 216)
						middle := threadTime()
						p.plain.search(p.own, q, set, 216)
						own, plain = append(own, middle-begin), append(plain, threadTime()-middle)
					}
					b.ReportMetric(own.at(.5), "p50-ms")
					b.ReportMetric(own.at(.99), "p99-ms")
					b.ReportMetric(plain.at(.5), "plain-p50-ms")
					b.ReportMetric(plain.at(.5)/own.at(.5), "plain/own")
				})
			}
		}
	}
}

// BenchmarkAdd segments and adds passages, and tells how much text a second of the processor takes in.
func BenchmarkAdd(b *testing.B) {
	const n = 100_000
	texts, s := articles(b, n), segmenter(b)
	size, begin := 0, processor()
	x := New(nil)
	for i := 0; b.Loop(); i++ {
		if i%n == 0 {
			x = New(nil)
		}
		a := texts[i%n]
		size += len(a.Title) + len(a.Text)
		if err := x.Add(uint32(i%n), s.Passage(a.Title, a.Text)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(size)/1e6/(processor()-begin).Seconds(), "MB/cpu-s")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkPassage is the segmentation in BenchmarkAdd alone.
func BenchmarkPassage(b *testing.B) {
	texts, s := articles(b, 20_000), segmenter(b)
	size, begin := 0, processor()
	for i := 0; b.Loop(); i++ {
		a := texts[i%len(texts)]
		size += len(a.Title) + len(a.Text)
		s.Passage(a.Title, a.Text)
	}
	b.ReportMetric(float64(size)/1e6/(processor()-begin).Seconds(), "MB/cpu-s")
	b.ReportMetric(0, "ns/op")
}

// threadTime is the time that this thread has computed.
func threadTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// processor is the time that this process has computed.
func processor() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
