//go:build unix

package embedded

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/philippgille/chromem-go"
	"golang.org/x/sys/unix"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded/flat"
)

// The dimension and the number of matches of all benchmarks.
const (
	benchDimension = 512
	benchLimit     = 20
)

// corpus makes passages like real ones: vectors of 2,000 topics in 48 latent dimensions with noise,
// words of two to four characters whose frequency falls with their rank (Zipf).
type corpus struct {
	*rand.Rand
	words   []string
	zipf    *rand.Zipf
	basis   [48][]float32
	centres [2000][48]float32
}

func newCorpus() *corpus {
	r := rand.New(rand.NewPCG(1, 2))
	c := &corpus{Rand: r, zipf: rand.NewZipf(r, 1.07, 8, 19_999)}
	for range 20_000 {
		word := make([]rune, 2+r.IntN(3))
		for i := range word {
			word[i] = 0x4e00 + rune(r.ExpFloat64()*600)%3000
		}
		c.words = append(c.words, string(word))
	}
	for i := range c.basis {
		c.basis[i] = c.normal(benchDimension)
	}
	for i := range c.centres {
		copy(c.centres[i][:], c.normal(len(c.centres[i])))
	}
	return c
}

func (c *corpus) normal(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(c.NormFloat64())
	}
	return v
}

func (c *corpus) vector() []float32 {
	centre, v := &c.centres[c.IntN(len(c.centres))], c.normal(benchDimension)
	for i, b := range c.basis {
		w := centre[i] + .4*float32(c.NormFloat64())
		for j := range v {
			v[j] += w * b[j]
		}
	}
	out, err := unit(v, benchDimension)
	if err != nil {
		panic(err)
	}
	return out
}

func (c *corpus) text(words int) string {
	var b strings.Builder
	for i := range words {
		b.WriteString(c.words[c.zipf.Uint64()])
		if i%7 == 6 {
			b.WriteString("，")
		}
	}
	return b.String()
}

// entry is a passage of about 140 characters. Its region says which filters keep it.
func (c *corpus) entry(i int) retrieval.Entry {
	e := retrieval.Entry{
		ID: fmt.Sprintf("passage-%07d", i), DocID: fmt.Sprintf("document-%05d", i/20),
		Title: c.text(5), Text: c.text(45), Vector: c.vector(),
		Attributes: kb.Attributes{Tenant: kb.DefaultTenant, Access: kb.AccessPublic},
	}
	e.Validity.From = kb.MustDate("2020-01-01").Add(0, 0, c.IntN(2000))
	switch p := c.Float64(); {
	case p < .001:
		e.Region = "1"
	case p < .05:
		e.Region = "2"
	case p < .5:
		e.Region = "3"
	default:
		e.Region = "4"
	}
	return e
}

// filters name scopes by the share of passages that they keep.
var filters = []struct {
	keep    string
	regions []string
}{
	{"100%", nil}, {"50%", []string{"1", "2", "3"}}, {"5%", []string{"1", "2"}}, {"0.1%", []string{"1"}},
}

func scopeOf(regions []string) kb.Scope {
	return kb.Scope{
		Tenant: kb.DefaultTenant, Access: []kb.Access{kb.AccessPublic}, Regions: regions, AsOf: kb.MustDate("2026-01-01"),
	}
}

// filled is an index of n passages, with what a plain search needs to know of them.
type filled struct {
	index   *Index
	entries []retrieval.Entry // without words
	queries []retrieval.Request
}

// build puts n passages into a new folder.
func build(b *testing.B, c *corpus, n int) (dir string, entries []retrieval.Entry) {
	dir = b.TempDir()
	x := mustOpen(b, dir, &Options{Stamp: stamp(benchDimension)})
	begin := time.Now()
	for at := 0; at < n; at += 1000 {
		batch := make([]retrieval.Entry, 1000)
		for i := range batch {
			batch[i] = c.entry(at + i)
		}
		must(b, x.Put(b.Context(), batch))
		for _, e := range batch {
			e.Title, e.Text = "", ""
			entries = append(entries, e)
		}
	}
	b.Logf("%d passages made and put in %v", n, time.Since(begin))
	must(b, x.Close())
	return dir, entries
}

func fill(b *testing.B, n int) *filled {
	c := newCorpus()
	dir, entries := build(b, c, n)
	f := &filled{index: mustOpen(b, dir, nil), entries: entries}
	b.Cleanup(func() { f.index.Close() })
	for range 100 {
		f.queries = append(f.queries, retrieval.Request{Text: c.text(5), Vector: c.vector(), Limit: benchLimit})
	}
	return f
}

// openFolder tells this test binary to open a folder and say what that took.
const openFolder = "XIAOYUE_TEST_OPEN_FOLDER"

// BenchmarkOpen opens an index of 100,000 passages in a process of its own.
func BenchmarkOpen(b *testing.B) {
	dir, _ := build(b, newCorpus(), 100_000)
	var wall, cpu, resident float64
	for b.Loop() {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), openFolder+"="+dir)
		out, err := cmd.Output()
		must(b, err)
		var w, c, r float64
		if _, err := fmt.Sscan(string(out), &w, &c, &r); err != nil {
			b.Fatalf("%s: %v", out, err)
		}
		wall, cpu, resident = wall+w, cpu+c, max(resident, r)
	}
	b.ReportMetric(wall/float64(b.N), "open-ms")
	b.ReportMetric(cpu/float64(b.N), "cpu-ms")
	b.ReportMetric(resident, "resident-MB")
}

// openAndTell opens a folder, searches for a while and prints milliseconds of opening, those of the
// processor, and the greatest resident memory in megabytes.
func openAndTell(dir string) error {
	begin := time.Now()
	x, err := Open(dir, nil)
	if err != nil {
		return err
	}
	wall, cpu := time.Since(begin), processor()
	c := newCorpus()
	for range 200 {
		q := retrieval.Request{Text: c.text(5), Vector: c.vector(), Limit: benchLimit, Scope: scopeOf(nil)}
		if _, err := x.Search(context.Background(), q); err != nil {
			return err
		}
	}
	fmt.Println(wall.Milliseconds(), cpu.Milliseconds(), peakMemory())
	return x.Close()
}

// peakMemory is the greatest resident memory of this process in megabytes, 0 where the system does
// not say. (Maxrss of getrusage would count the parent before exec.)
func peakMemory() (megabytes int) {
	status, _ := os.ReadFile("/proc/self/status")
	if _, line, ok := strings.Cut(string(status), "VmHWM:"); ok {
		fmt.Sscan(line, &megabytes)
	}
	return megabytes / 1024
}

// exact is the plain search: the cosine of every vector in scope, in plain Go, and the best kept in
// order.
func (f *filled) exact(req retrieval.Request) []retrieval.Match {
	best := make([]retrieval.Match, 0, req.Limit+1)
	for i := range f.entries {
		e := &f.entries[i]
		if len(req.Scope.Regions) > 0 && !req.Scope.Admits(e.Attributes) {
			continue
		}
		score := float64(flat.Dot(req.Vector, e.Vector))
		if len(best) == req.Limit && score <= best[req.Limit-1].Score {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, score, func(m retrieval.Match, s float64) int { return cmp.Compare(s, m.Score) })
		best = slices.Insert(best, at, retrieval.Match{ID: e.ID, DocID: e.DocID, Score: score})
		best = best[:min(len(best), req.Limit)]
	}
	return best
}

func (f *filled) recall(b *testing.B, scope kb.Scope) float64 {
	found, wanted := 0, 0
	for _, q := range f.queries[:50] {
		q.Scope = scope
		got, err := f.index.Search(b.Context(), q)
		if err != nil {
			b.Fatal(err)
		}
		truth := f.exact(q)
		wanted += len(truth)
		for _, m := range got.Dense {
			if slices.ContainsFunc(truth, func(t retrieval.Match) bool { return t.ID == m.ID }) {
				found++
			}
		}
	}
	return float64(found) / float64(wanted)
}

// laps are the times of single searches.
type laps []time.Duration

func (l laps) report(b *testing.B, name string) (median float64) {
	slices.Sort(l)
	at := func(share float64) float64 { return float64(l[int(share*float64(len(l)-1))].Microseconds()) / 1000 }
	b.ReportMetric(at(.5), name+"p50-ms")
	b.ReportMetric(at(.99), name+"p99-ms")
	return at(.5)
}

// BenchmarkSearch measures the dense search alone and both searches, by size and by filter.
func BenchmarkSearch(b *testing.B) {
	for _, n := range []int{20_000, 100_000} {
		b.Run(fmt.Sprintf("passages=%d", n), func(b *testing.B) {
			f := fill(b, n)
			for _, filter := range filters {
				scope := scopeOf(filter.regions)
				recall := f.recall(b, scope)
				for _, search := range []string{"dense", "words", "both"} {
					b.Run(search+"/keep="+filter.keep, func(b *testing.B) {
						f.measure(b, search, scope)
						b.ReportMetric(recall, "recall")
					})
				}
			}
		})
	}
}

func (f *filled) measure(b *testing.B, search string, scope kb.Scope) {
	var times laps
	b.ReportAllocs()
	before := processor()
	for i := 0; b.Loop(); i++ {
		q := f.queries[i%len(f.queries)]
		q.Scope = scope
		switch search {
		case "dense":
			q.Text = ""
		case "words":
			q.Vector = nil
		}
		begin := time.Now()
		if _, err := f.index.Search(b.Context(), q); err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(begin))
	}
	times.report(b, "")
	b.ReportMetric(float64((processor()-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
}

// processor is the time that this process has computed: what a search costs on a busy machine too.
func processor() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkAgainst takes turns with a plain scan of float32 and with chromem-go, so that all three
// meet the same machine.
func BenchmarkAgainst(b *testing.B) {
	for _, n := range []int{20_000, 100_000} {
		b.Run(fmt.Sprintf("passages=%d", n), func(b *testing.B) {
			f := fill(b, n)
			library := f.chromem(b)
			var own, plain, chromem laps
			for i := 0; b.Loop(); i++ {
				q := f.queries[i%len(f.queries)]
				q.Scope, q.Text = scopeOf(nil), ""
				own = append(own, lap(func() { f.index.Search(b.Context(), q) }))
				plain = append(plain, lap(func() { f.exact(q) }))
				chromem = append(chromem, lap(func() { library.QueryEmbedding(b.Context(), q.Vector, q.Limit, nil, nil) }))
			}
			mine := own.report(b, "own-")
			b.ReportMetric(plain.report(b, "plain-")/mine, "plain/own")
			b.ReportMetric(chromem.report(b, "chromem-")/mine, "chromem/own")
		})
	}
}

func lap(search func()) time.Duration {
	begin := time.Now()
	search()
	return time.Since(begin)
}

func (f *filled) chromem(b *testing.B) *chromem.Collection {
	c, err := chromem.NewDB().CreateCollection("passages", nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	docs := make([]chromem.Document, len(f.entries))
	for i, e := range f.entries {
		docs[i] = chromem.Document{ID: e.ID, Embedding: e.Vector, Content: e.ID}
	}
	if err := c.AddDocuments(b.Context(), docs, 1); err != nil {
		b.Fatal(err)
	}
	return c
}
