package milvus

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/milvus-io/milvus-sdk-go/v2/entity"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// BM25 as retrieval/lexical has it.
const (
	k1 = 1.2
	b  = 0.75
)

// meanLength is the mean number of terms of a passage that document weights are made with where nobody says a
// better one. BM25 looks at the mean of all passages, which changes with every write, and a sparse vector
// is made once: so it is fixed for a version and stands in its mark. Passages as ingest cuts them have 237
// terms (statutes) to 546 (policies). A quarter off moved no measure of TestSameRanking by .01, twice the
// true mean cost .04 to .07 of hit@1: whoever creates a version should give Options.MeanLength.
const meanLength = 400

// sparse is the lexicon of a server with sparse vectors. A passage's vector holds
//
//	n(k1+1) / (n + k1(1-b+b·length/mean))
//
// for each of its terms, a question's weight · idf, and the inner product is the score of BM25. How many
// passages hold a term the server counts over the hashes of the terms, which the rows also have.
type sparse struct {
	version *Version

	mu     sync.Mutex // guards counts
	counts map[uint32]tally
}

// tally is how many passages held a term at a time.
type tally struct {
	df   int
	when time.Time
}

// Counts are asked for again after countAge; maxCounts bounds the memory, countAtOnce the calls.
const (
	countAge    = time.Minute
	maxCounts   = 1 << 17
	countAtOnce = 8
)

func newSparse(v *Version) *sparse { return &sparse{version: v, counts: map[uint32]tally{}} }

// place is the dimension of a term. Dimension 0 stays free, see weigh.
func place(term string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(term))
	return max(1, h.Sum32()&math.MaxInt32)
}

// weigh makes the vector of a passage and its distinct terms. A passage without terms has a vector, as the
// server wants, in a dimension that no question asks for.
func (s *sparse) weigh(title, text string) (entity.SparseEmbedding, []int64, error) {
	all := s.version.store.opts.Segmenter.Passage(title, text)
	n := map[uint32]float64{}
	for _, t := range all {
		n[place(t)]++
	}
	if len(n) > maxTerms {
		return nil, nil, fmt.Errorf("%d distinct terms, at most %d: %w", len(n), maxTerms, kb.ErrInvalid)
	}
	positions := make([]uint32, 0, len(n)+1)
	for p := range n {
		positions = append(positions, p)
	}
	slices.Sort(positions)
	terms, values := make([]int64, len(positions)), make([]float32, len(positions))
	length := float64(len(all) + 1) // as lexical counts it
	for i, p := range positions {
		terms[i] = int64(p)
		values[i] = float32(n[p] * (k1 + 1) / (n[p] + k1*(1-b+b*length/s.version.mark.MeanLength)))
	}
	if len(positions) == 0 {
		positions, values = append(positions, 0), append(values, 1)
	}
	vector, err := entity.NewSliceSparseEmbedding(positions, values)
	return vector, terms, err
}

func (s *sparse) search(ctx context.Context, req retrieval.Request) ([]retrieval.Match, error) {
	expr, admits := filter(req.Scope)
	question := s.version.store.opts.Segmenter.Question(req.Text)
	if !admits || len(question) == 0 {
		return nil, ctx.Err()
	}
	terms := make([]string, len(question))
	for i, q := range question {
		terms[i] = q.Text
	}
	df, passages, err := s.Frequencies(ctx, terms)
	if err != nil {
		return nil, err
	}
	gain := map[uint32]float32{}
	for i, q := range question {
		n, all := float64(df[i]), float64(passages)
		gain[place(q.Text)] += q.Weight * float32(math.Log(1+(all-n+.5)/(n+.5)))
	}
	return s.rank(ctx, expr, gain, req.Limit)
}

// rank is the search by inner product.
func (s *sparse) rank(ctx context.Context, expr string, gain map[uint32]float32, limit int) ([]retrieval.Match, error) {
	positions := make([]uint32, 0, len(gain))
	for p := range gain {
		positions = append(positions, p)
	}
	slices.Sort(positions)
	values := make([]float32, len(positions))
	for i, p := range positions {
		values[i] = gain[p]
	}
	query, err := entity.NewSliceSparseEmbedding(positions, values)
	if err != nil {
		return nil, err
	}
	params, err := entity.NewIndexSparseInvertedSearchParam(0)
	if err != nil {
		return nil, err
	}
	all, err := s.version.nearest(ctx, expr, fieldWords, query, min(limit+spare, maxMatches), params)
	all = slices.DeleteFunc(all, func(m retrieval.Match) bool { return m.Score <= 0 }) // nothing in common
	return firsts(all, limit), err
}

// Frequencies implements retrieval.TermStats. Counts may be countAge old.
func (s *sparse) Frequencies(ctx context.Context, terms []string) (df []int, passages int, err error) {
	if passages, err = s.version.count(ctx, ""); err != nil {
		return nil, 0, err
	}
	df = make([]int, len(terms))
	if err := s.askAll(ctx, terms, s.known(terms, df), df); err != nil {
		return nil, 0, err
	}
	for i := range df {
		df[i] = min(df[i], passages)
	}
	return df, passages, nil
}

// askAll asks for the counts of the terms at some places, several at once.
func (s *sparse) askAll(ctx context.Context, terms []string, at []int, df []int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(countAtOnce, len(at)) {
		wait.Go(func() {
			for n := next.Add(1) - 1; int(n) < len(at); n = next.Add(1) - 1 {
				count, err := s.ask(ctx, terms[at[n]])
				if err != nil {
					cancel(err)
					return
				}
				df[at[n]] = count
			}
		})
	}
	wait.Wait()
	return context.Cause(ctx)
}

// known fills in the counts that are fresh and returns the places of the others.
func (s *sparse) known(terms []string, df []int) (wanted []int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, t := range terms {
		c, ok := s.counts[place(t)]
		if !ok || time.Since(c.when) > countAge {
			wanted = append(wanted, i)
			continue
		}
		df[i] = c.df
	}
	return wanted
}

// ask has the server count the passages that hold a term.
func (s *sparse) ask(ctx context.Context, term string) (int, error) {
	p := place(term)
	n, err := s.version.count(ctx, fmt.Sprintf("array_contains(%s, %d)", fieldTerms, p))
	if err != nil {
		return 0, err
	}
	if n == 0 {
		return 0, nil // may be new soon; not worth remembering
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.counts) >= maxCounts {
		clear(s.counts)
	}
	s.counts[p] = tally{n, time.Now()}
	return n, nil
}
