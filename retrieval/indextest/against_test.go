package indextest_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"xiaoyue/retrieval"
	"xiaoyue/retrieval/indextest"
)

// contender is something that finds the nearest vectors of a question. It says itself how long that
// took, so that a library in another process is not charged for the way there.
type contender struct {
	name   string
	search func(ctx context.Context, number int, req retrieval.Request) ([]retrieval.Match, time.Duration, error)
	shares bool // it filters
}

// field is what all contenders search.
type field struct {
	folder  string
	entries []retrieval.Entry // without words
	queries []retrieval.Request
}

const (
	questions = 200
	batch     = 1000
)

// BenchmarkAgainst lets the stores that there are and the libraries of Python (XIAOYUE_TEST_PYTHON: an
// interpreter that has numpy, faiss-cpu and hnswlib) take turns over the same questions and the same
// passages, each on one core, so that all meet the same machine.
func BenchmarkAgainst(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("passages=%d", n), func(b *testing.B) {
			f := &field{folder: b.TempDir()}
			all := f.fill(b, n)
			if python := os.Getenv("XIAOYUE_TEST_PYTHON"); python != "" {
				all = append(all, f.library(b, python, "faiss"), f.library(b, python, "hnswlib"))
			}
			for _, share := range indextest.Shares {
				b.Run("keep="+share.Keep, func(b *testing.B) { f.race(b, share, all) })
			}
		})
	}
}

// fill makes the passages and puts them into every store.
func (f *field) fill(b *testing.B, n int) []contender {
	c := indextest.NewCorpus(1)
	stores := openStores(b)
	took := make([]time.Duration, len(stores))
	vectors := mustCreate(b, filepath.Join(f.folder, "vectors"))
	for at := 0; at < n; at += batch {
		part := make([]retrieval.Entry, min(batch, n-at))
		for i := range part {
			part[i] = c.Passage(at + i)
			must(b, binary.Write(vectors, binary.LittleEndian, part[i].Vector))
		}
		for i, s := range stores {
			began := time.Now()
			must(b, s.version.Put(b.Context(), part))
			took[i] += time.Since(began)
		}
		for _, e := range part {
			e.Title, e.Text = "", ""
			f.entries = append(f.entries, e)
		}
	}
	must(b, vectors.Close())
	queries := mustCreate(b, filepath.Join(f.folder, "queries"))
	ask := indextest.NewCorpus(2)
	for range questions {
		f.queries = append(f.queries, ask.Question())
		must(b, binary.Write(queries, binary.LittleEndian, f.queries[len(f.queries)-1].Vector))
	}
	must(b, queries.Close())
	var all []contender
	for i, s := range stores {
		began := time.Now()
		must(b, s.finish(b.Context()))
		b.Logf("%s: %d passages put at %.0f a second, made ready in %v", s.name, n, float64(n)/took[i].Seconds(), time.Since(began))
		all = append(all, contender{s.name, timed(s.version), true})
	}
	return all
}

func timed(v retrieval.Version) func(context.Context, int, retrieval.Request) ([]retrieval.Match, time.Duration, error) {
	return func(ctx context.Context, _ int, req retrieval.Request) ([]retrieval.Match, time.Duration, error) {
		began := time.Now()
		found, err := v.Search(ctx, req)
		return found.Dense, time.Since(began), err
	}
}

// library starts a library of Python's over the same vectors.
func (f *field) library(b *testing.B, python, engine string) contender {
	cmd := exec.CommandContext(b.Context(), python, "testdata/library.py", engine,
		filepath.Join(f.folder, "vectors"), filepath.Join(f.folder, "queries"), strconv.Itoa(indextest.CorpusDimension))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	must(b, err)
	out, err := cmd.StdoutPipe()
	must(b, err)
	must(b, cmd.Start())
	b.Cleanup(func() { in.Close(); cmd.Wait() })
	lines := bufio.NewReader(out)
	ready, err := lines.ReadString('\n')
	must(b, err)
	b.Logf("%s: %s", engine, strings.TrimSpace(ready))
	return contender{name: engine, search: func(_ context.Context, number int, _ retrieval.Request) ([]retrieval.Match, time.Duration, error) {
		return askLibrary(in, lines, number, f.entries)
	}}
}

func askLibrary(in io.Writer, lines *bufio.Reader, number int, entries []retrieval.Entry) ([]retrieval.Match, time.Duration, error) {
	fmt.Fprintln(in, number)
	line, err := lines.ReadString('\n')
	if err != nil {
		return nil, 0, err
	}
	var found []retrieval.Match
	fields := strings.Fields(line)
	for _, field := range fields[1:] {
		i, err := strconv.Atoi(field)
		if err != nil {
			return nil, 0, err
		}
		found = append(found, retrieval.Match{ID: entries[i].ID})
	}
	micros, err := strconv.Atoi(fields[0])
	return found, time.Duration(micros) * time.Microsecond, err
}

// race has the contenders answer in turn.
func (f *field) race(b *testing.B, share indextest.Share, all []contender) {
	times, recall := make([][]time.Duration, len(all)), make([]float64, len(all))
	const judged = 50
	rounds := 0
	for i := 0; b.Loop(); i++ {
		req := f.queries[i%questions]
		req.Text, req.Scope = "", share.Scope()
		var truth []retrieval.Match
		if i < judged {
			truth = indextest.Nearest(f.entries, req)
			rounds++
		}
		for k, one := range all {
			if !one.shares && share.Keep != "100%" {
				continue
			}
			got, took, err := one.search(b.Context(), i%questions, req)
			must(b, err)
			times[k] = append(times[k], took)
			if i < judged {
				recall[k] += indextest.Recall(truth, got)
			}
		}
	}
	for k, one := range all {
		if len(times[k]) > 0 {
			slices.Sort(times[k])
			b.ReportMetric(at(times[k], .5), one.name+"-p50-ms")
			b.ReportMetric(at(times[k], .99), one.name+"-p99-ms")
			b.ReportMetric(recall[k]/float64(rounds), one.name+"-recall")
		}
	}
	b.ReportMetric(memorySpeed(), "memory-GB/s")
}

func at(sorted []time.Duration, share float64) float64 {
	return float64(sorted[int(share*float64(len(sorted)-1))].Microseconds()) / 1000
}

// memorySpeed reads 256 megabytes as fast as one core can.
func memorySpeed() (gigabytes float64) {
	room := make([]byte, 256<<20)
	for i := range room {
		room[i] = 1
	}
	best := time.Hour
	for range 5 {
		began := time.Now()
		bytes.IndexByte(room, 0)
		best = min(best, time.Since(began))
	}
	return float64(len(room)) / 1e9 / best.Seconds()
}

func mustCreate(b *testing.B, path string) *os.File {
	f, err := os.Create(path)
	must(b, err)
	return f
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
