package eval

import (
	"context"
	"fmt"
	"time"
)

// Engine is a retrieval pipeline under test.
type Engine interface {
	// Index makes the documents searchable and returns the number of passages cut from them.
	// Progress is never nil.
	Index(ctx context.Context, documents []Document, progress Progress) (passages int, err error)
	// Search returns at least depth documents where it finds that many.
	Search(ctx context.Context, question string, depth int) (Found, error)
}

// Found is the outcome of one search.
type Found struct {
	Documents []Ranked // best first, each once, ranked by its best passage
	Refused   bool     // the pipeline would not answer from them
}

// Ranked is a document found.
type Ranked struct {
	ID    string
	Score float64
}

// depth is how many documents are asked for, enough for recall@100.
const depth = 100

// RetrievalOptions choose what is run.
type RetrievalOptions struct {
	Limit    int // of questions, zero: all; the corpus is always whole
	Progress Progress
}

// RetrievalReport is what `xiaoyue eval retrieval` prints. All rates are in [0,1]. The ranking is
// judged before the decision to refuse; RefusalRate is the share of the unanswerable questions that
// were refused, FalseRefusalRate that of the judged ones.
type RetrievalReport struct {
	Documents        int     `json:"documents"`
	Passages         int     `json:"passages"`
	Queries          int     `json:"queries"`
	Hit1             float64 `json:"hit_1"`
	Hit5             float64 `json:"hit_5"`
	Hit10            float64 `json:"hit_10"`
	MRR10            float64 `json:"mrr_10"`
	NDCG10           float64 `json:"ndcg_10"`
	Recall10         float64 `json:"recall_10"`
	Recall100        float64 `json:"recall_100"`
	QPS              float64 `json:"qps"`
	P50              float64 `json:"p50_ms"`
	P99              float64 `json:"p99_ms"`
	IndexSeconds     float64 `json:"index_s"`
	RefusalRate      float64 `json:"refusal_rate"`
	FalseRefusalRate float64 `json:"false_refusal_rate"`
}

// Answered is a question with what was found for it.
type Answered struct {
	Question
	Found
	Took time.Duration
}

// RetrievalRun is a report with the rankings behind it.
type RetrievalRun struct {
	Report       RetrievalReport
	Answerable   []Answered
	Unanswerable []Answered
}

// Retrieval indexes a corpus, asks its questions one after the other, and measures.
func Retrieval(ctx context.Context, c Corpus, e Engine, opts RetrievalOptions) (RetrievalRun, error) {
	if opts.Limit > 0 {
		c.Questions = c.Questions[:min(opts.Limit, len(c.Questions))]
		c.Unanswerable = c.Unanswerable[:min(opts.Limit, len(c.Unanswerable))]
	}
	start := time.Now()
	passages, err := e.Index(ctx, c.Documents, opts.Progress.report)
	if err != nil {
		return RetrievalRun{}, fmt.Errorf("index corpus: %w", err)
	}
	indexed := time.Since(start)

	var run RetrievalRun
	if run.Answerable, err = ask(ctx, e, c.Questions, "questions", opts.Progress); err != nil {
		return RetrievalRun{}, err
	}
	if run.Unanswerable, err = ask(ctx, e, c.Unanswerable, "unanswerable", opts.Progress); err != nil {
		return RetrievalRun{}, err
	}
	run.Report = judge(run, c.Judgements)
	run.Report.Documents, run.Report.Passages = len(c.Documents), passages
	run.Report.IndexSeconds = indexed.Seconds()
	return run, nil
}

func ask(ctx context.Context, e Engine, questions []Question, phase string, progress Progress) ([]Answered, error) {
	out := make([]Answered, 0, len(questions))
	for i, q := range questions {
		start := time.Now()
		found, err := e.Search(ctx, q.Text, depth)
		if err != nil {
			return nil, fmt.Errorf("search for question %s: %w", q.ID, err)
		}
		out = append(out, Answered{q, found, time.Since(start)})
		progress.report(phase, i+1, len(questions))
	}
	return out, nil
}

func judge(run RetrievalRun, judgements map[string]map[string]int) RetrievalReport {
	var hit1, hit5, hit10, mrr, ndcg, recall10, recall100, took []float64
	seconds := 0.0
	for _, a := range run.Answerable {
		ranked, relevant := a.ids(), judgements[a.Question.ID]
		hit1 = append(hit1, HitAt(1, ranked, relevant))
		hit5 = append(hit5, HitAt(5, ranked, relevant))
		hit10 = append(hit10, HitAt(10, ranked, relevant))
		mrr = append(mrr, ReciprocalRankAt(10, ranked, relevant))
		ndcg = append(ndcg, NDCGAt(10, ranked, relevant))
		recall10 = append(recall10, RecallAt(10, ranked, relevant))
		recall100 = append(recall100, RecallAt(100, ranked, relevant))
		took = append(took, float64(a.Took)/float64(time.Millisecond))
		seconds += a.Took.Seconds()
	}
	r := RetrievalReport{
		Queries: len(run.Answerable),
		Hit1:    mean(hit1), Hit5: mean(hit5), Hit10: mean(hit10),
		MRR10: mean(mrr), NDCG10: mean(ndcg), Recall10: mean(recall10), Recall100: mean(recall100),
		P50: Percentile(50, took), P99: Percentile(99, took),
		RefusalRate:      share(refused(run.Unanswerable), len(run.Unanswerable)),
		FalseRefusalRate: share(refused(run.Answerable), len(run.Answerable)),
	}
	if seconds > 0 {
		r.QPS = float64(len(took)) / seconds
	}
	return r
}

func refused(answers []Answered) int {
	n := 0
	for _, a := range answers {
		if a.Refused {
			n++
		}
	}
	return n
}

func (a Answered) ids() []string {
	out := make([]string, len(a.Documents))
	for i, d := range a.Documents {
		out[i] = d.ID
	}
	return out
}
