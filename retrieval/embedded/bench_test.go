//go:build unix

package embedded

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"xiaoyue/retrieval"
	"xiaoyue/retrieval/indextest"
)

// sizes are the numbers of passages that benchmarks are made with.
func sizes() []int {
	if os.Getenv("XIAOYUE_FULL") != "" {
		return []int{10_000, 100_000, 1_000_000}
	}
	return []int{10_000}
}

// shortFrom is the size from which passages have a few words only, to make them in reasonable time.
const shortFrom = 1_000_000

// passage is number i of n.
func passage(c *indextest.Corpus, i, n int) retrieval.Entry {
	e := c.Passage(i)
	if n >= shortFrom {
		e.Title, e.Text = "", e.Title
	}
	return e
}

// build puts n passages into a new store and returns them without words.
func build(b *testing.B, n int) (dir string, entries []retrieval.Entry) {
	dir = b.TempDir()
	s, err := NewStore(dir, nil)
	must(b, err)
	x, err := s.Create(b.Context(), stamp(indextest.CorpusDimension))
	must(b, err)
	must(b, s.Use(b.Context(), stamp(indextest.CorpusDimension)))
	c, took := indextest.NewCorpus(1), time.Duration(0)
	for at := 0; at < n; at += 1000 {
		batch := make([]retrieval.Entry, 1000)
		for i := range batch {
			batch[i] = passage(c, at+i, n)
		}
		begin := time.Now()
		must(b, x.Put(b.Context(), batch))
		took += time.Since(begin)
		for _, e := range batch {
			e.Title, e.Text = "", ""
			entries = append(entries, e)
		}
	}
	must(b, x.Close())
	must(b, s.Close())
	b.Logf("%d passages put at %.0f a second", n, float64(n)/took.Seconds())
	return dir, entries
}

// openFolder tells this test binary to open a folder and say what that took.
const openFolder = "XIAOYUE_TEST_OPEN_FOLDER"

// BenchmarkOpen opens an index in a process of its own and asks 200 questions.
func BenchmarkOpen(b *testing.B) {
	for _, n := range sizes() {
		b.Run(fmt.Sprintf("passages=%d", n), func(b *testing.B) {
			dir, _ := build(b, n)
			units := []string{"open-ms", "cpu-ms", "first-ms", "inspected-ms", "resident-MB", "private-MB"}
			sums := make([]float64, len(units))
			for b.Loop() {
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), openFolder+"="+dir)
				out, err := cmd.Output()
				must(b, err)
				said := strings.NewReader(string(out))
				for i := range units {
					var v float64
					if _, err := fmt.Fscan(said, &v); err != nil {
						b.Fatalf("%s: %v", out, err)
					}
					sums[i] += v
				}
			}
			for i, unit := range units {
				b.ReportMetric(sums[i]/float64(b.N), unit)
			}
		})
	}
}

// openAndTell opens a store, searches for a while and prints milliseconds of opening, those of the
// processor, of the first search and until the inspection was done; then the resident memory and the
// part of it that no file holds, in megabytes.
func openAndTell(dir string) error {
	begin, ctx := time.Now(), context.Background()
	s, err := NewStore(dir, nil)
	if err != nil {
		return err
	}
	v, err := s.Open(ctx, retrieval.Stamp{})
	if err != nil {
		return err
	}
	opened, cpu := time.Since(begin), processor()
	c, first := indextest.NewCorpus(2), time.Duration(0)
	for i := range 200 {
		q, asked := c.Question(), time.Now()
		if _, err := v.Search(ctx, q); err != nil {
			return err
		}
		if i == 0 {
			first = time.Since(asked)
		}
	}
	if n := indexOf(v).inspection.Load(); n != nil {
		<-n.done
	}
	fmt.Println(ms(opened), ms(cpu), ms(first), ms(time.Since(begin)), status("VmRSS:"), status("RssAnon:"))
	return s.Close()
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// status is a line of the state of this process in megabytes, 0 where the system does not say.
func status(name string) (megabytes int) {
	all, _ := os.ReadFile("/proc/self/status")
	if _, line, ok := strings.Cut(string(all), name); ok {
		fmt.Sscan(line, &megabytes)
	}
	return megabytes / 1024
}

// BenchmarkPut measures how many passages with vectors are put durably a second.
func BenchmarkPut(b *testing.B) {
	for _, size := range []int{100, 1000} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			x := mustOpen(b, b.TempDir(), &Options{Stamp: stamp(indextest.CorpusDimension)})
			defer x.Close()
			c, n, before := indextest.NewCorpus(1), 0, processor()
			var making time.Duration
			for b.Loop() {
				b.StopTimer()
				making -= processor()
				batch := make([]retrieval.Entry, size)
				for i := range batch {
					batch[i] = c.Passage(n + i)
				}
				making += processor()
				b.StartTimer()
				must(b, x.Put(b.Context(), batch))
				n += size
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "passages/s")
			b.ReportMetric(float64(n)/(processor()-before-making).Seconds(), "passages/cpu-s")
		})
	}
}

// laps are the times of single searches.
type laps []time.Duration

func (l laps) at(share float64) float64 {
	slices.Sort(l)
	return ms(l[int(share*float64(len(l)-1))])
}

// BenchmarkSearch lets the scopes take turns over the same questions: one round is a search in each.
func BenchmarkSearch(b *testing.B) {
	for _, n := range sizes() {
		b.Run(fmt.Sprintf("passages=%d", n), func(b *testing.B) {
			dir, entries := build(b, n)
			s := mustStore(b, dir, nil)
			x, err := s.Open(b.Context(), retrieval.Stamp{})
			must(b, err)
			for _, search := range []string{"dense", "words", "both"} {
				b.Run(search, func(b *testing.B) {
					times := measure(b, x, search)
					for i, share := range indextest.Shares {
						b.ReportMetric(times[i].at(.5), share.Keep+"-p50-ms")
						b.ReportMetric(times[i].at(.99), share.Keep+"-p99-ms")
						if search == "dense" {
							b.ReportMetric(recallOf(b, x, entries, share), share.Keep+"-recall")
						}
					}
				})
			}
		})
	}
}

// questions returns the same questions each time.
func questions(n int) (all []retrieval.Request) {
	c := indextest.NewCorpus(2)
	for range n {
		all = append(all, c.Question())
	}
	return all
}

func measure(b *testing.B, x retrieval.Index, search string) []laps {
	times, ask := make([]laps, len(indextest.Shares)), questions(200)
	for i := 0; b.Loop(); i++ {
		q := ask[i%len(ask)]
		switch search {
		case "dense":
			q.Text = ""
		case "words":
			q.Vector = nil
		}
		for j, share := range indextest.Shares {
			q.Scope = share.Scope()
			begin := time.Now()
			if _, err := x.Search(b.Context(), q); err != nil {
				b.Fatal(err)
			}
			times[j] = append(times[j], time.Since(begin))
		}
	}
	return times
}

func recallOf(b *testing.B, x retrieval.Index, entries []retrieval.Entry, share indextest.Share) float64 {
	sum, ask := 0.0, questions(30)
	for _, q := range ask {
		q.Text, q.Scope = "", share.Scope()
		found, err := x.Search(b.Context(), q)
		must(b, err)
		sum += indextest.Recall(indextest.Nearest(entries, q), found.Dense)
	}
	return sum / float64(len(ask))
}

// processor is the time that this process has computed: what it costs on a busy machine too.
func processor() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
