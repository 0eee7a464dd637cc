package milvus

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/milvus-io/milvus-sdk-go/v2/client"
	"github.com/milvus-io/milvus-sdk-go/v2/entity"

	"xiaoyue/retrieval"
	"xiaoyue/retrieval/indextest"
)

// BenchmarkDense measures insertion, and searches of an index that the server has built, by width of the
// search and by scope, ours and those of the bare client in turn. XIAOYUE_ROWS says how many passages.
func BenchmarkDense(b *testing.B) {
	rows, _ := strconv.Atoi(os.Getenv("XIAOYUE_ROWS"))
	rows = max(rows, 20_000)
	s := openStore(b, Options{Address: need(b, "XIAOYUE_TEST_MILVUS"), Words: newFolders(b)})
	x, err := s.Create(b.Context(), testStamp(indextest.CorpusDimension))
	if err != nil {
		b.Fatal(err)
	}
	defer x.Close()
	v := x.(*Version)
	entries := fill(b, v, rows)
	built(b, v)
	corpus := indextest.NewCorpus(2)
	questions := make([]retrieval.Request, 100)
	for i := range questions {
		questions[i] = corpus.Question()
		questions[i].Text = ""
	}
	for _, share := range indextest.Shares {
		truth := make([][]retrieval.Match, len(questions))
		for i := range questions {
			questions[i].Scope = share.Scope()
			truth[i] = indextest.Nearest(entries, questions[i])
		}
		for _, width := range []int{64, 128, leastWidth, 512} {
			b.Run(fmt.Sprintf("rows=%d/keep=%s/width=%d", rows, share.Keep, width), func(b *testing.B) {
				compare(b, v, questions, truth, width)
			})
		}
	}
}

// fill puts passages in batches of a thousand.
func fill(b *testing.B, v *Version, rows int) []retrieval.Entry {
	corpus := indextest.NewCorpus(1)
	entries := make([]retrieval.Entry, rows)
	for i := range entries {
		entries[i] = corpus.Passage(i)
		entries[i].Title, entries[i].Text = "", ""
	}
	began := time.Now()
	for batch := range slices.Chunk(entries, 1000) {
		if err := v.Put(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("put %d passages, %.0f a second", rows, float64(rows)/time.Since(began).Seconds())
	return entries
}

// built waits until the server has built and loaded its index.
func built(b *testing.B, v *Version) {
	ctx, cancel := context.WithTimeout(b.Context(), 10*time.Minute)
	defer cancel()
	began := time.Now()
	if err := v.store.client.Flush(ctx, v.name, false); err != nil {
		b.Fatal(err)
	}
	for tick := time.NewTicker(time.Second); ; <-tick.C {
		all, done, err := v.store.client.GetIndexBuildProgress(ctx, v.name, fieldVector)
		if err != nil {
			b.Fatal(err)
		}
		if done == all {
			break
		}
	}
	time.Sleep(10 * time.Second) // the server takes what it built into use by and by
	b.Logf("built after %s", time.Since(began).Round(time.Second))
}

func compare(b *testing.B, v *Version, questions []retrieval.Request, truth [][]retrieval.Match, width int) {
	params, err := entity.NewIndexHNSWSearchParam(width)
	if err != nil {
		b.Fatal(err)
	}
	var ours, bare []time.Duration
	recall := 0.0
	for n := 0; b.Loop(); n++ {
		i := n % len(questions)
		q := questions[i]
		began := time.Now()
		found, err := v.searchWith(b.Context(), q, params)
		if err != nil {
			b.Fatal(err)
		}
		ours = append(ours, time.Since(began))
		recall += indextest.Recall(truth[i], found)
		expr, _ := filter(q.Scope)
		began = time.Now()
		_, err = v.store.client.Search(b.Context(), v.name, nil, expr+" and "+fieldEmbedded+" == true", []string{fieldDoc},
			[]entity.Vector{entity.FloatVector(q.Vector)}, fieldVector, entity.IP, q.Limit+spare, params,
			client.WithSearchQueryConsistencyLevel(entity.ClEventually))
		if err != nil {
			b.Fatal(err)
		}
		bare = append(bare, time.Since(began))
	}
	slices.Sort(ours)
	slices.Sort(bare)
	n := len(ours)
	b.ReportMetric(ours[n/2].Seconds()*1e3, "p50-ms")
	b.ReportMetric(ours[n*99/100].Seconds()*1e3, "p99-ms")
	b.ReportMetric((ours[n/2]-bare[n/2]).Seconds()*1e3, "over-client-ms")
	b.ReportMetric(recall/float64(n), "recall")
}

// searchWith is a search by vector with a width of its own.
func (v *Version) searchWith(ctx context.Context, req retrieval.Request, params entity.SearchParam) ([]retrieval.Match, error) {
	query, err := unit(req.Vector, v.mark.Stamp.Dimension)
	if err != nil {
		return nil, err
	}
	return v.dense(ctx, query, req, params)
}

// BenchmarkPut measures how long a batch takes until every search sees it, and a search right after it, which
// need not wait; and, for comparison, the write alone and the same search when it waits for the write itself.
func BenchmarkPut(b *testing.B) {
	s := openStore(b, Options{Address: need(b, "XIAOYUE_TEST_MILVUS"), Words: newFolders(b)})
	x, err := s.Create(b.Context(), testStamp(indextest.CorpusDimension))
	if err != nil {
		b.Fatal(err)
	}
	defer x.Close()
	v := x.(*Version)
	corpus := indextest.NewCorpus(1)
	question := corpus.Question()
	question.Text = ""
	for _, size := range []int{1, 1000} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			batch := make([]retrieval.Entry, size)
			for i := range batch {
				batch[i] = corpus.Passage(i)
				batch[i].Title, batch[i].Text = "", ""
			}
			rows := make([]row, size)
			for i := range rows {
				if rows[i], err = v.row(&batch[i]); err != nil {
					b.Fatal(err)
				}
			}
			var put, after, alone, waiting []time.Duration
			timed := func(to *[]time.Duration, f func() error) {
				began := time.Now()
				if err := f(); err != nil {
					b.Fatal(err)
				}
				*to = append(*to, time.Since(began))
			}
			search := func() error { _, err := v.Search(b.Context(), question); return err }
			for b.Loop() {
				timed(&put, func() error { return v.Put(b.Context(), batch) })
				timed(&after, search)
				timed(&alone, func() error { return v.upsert(b.Context(), rows) })
				timed(&waiting, func() error {
					_, err := s.client.Search(b.Context(), v.name, nil, "", nil, []entity.Vector{entity.FloatVector(question.Vector)},
						fieldVector, entity.IP, question.Limit, must(s.params(question.Limit)), client.WithSearchQueryConsistencyLevel(entity.ClSession))
					return err
				})
			}
			for name, all := range map[string][]time.Duration{"put": put, "search": after, "bare-put": alone, "session-search": waiting} {
				slices.Sort(all)
				b.ReportMetric(all[len(all)/2].Seconds()*1e3, name+"-ms")
			}
		})
	}
}

func must(p entity.SearchParam, err error) entity.SearchParam {
	if err != nil {
		panic(err)
	}
	return p
}
