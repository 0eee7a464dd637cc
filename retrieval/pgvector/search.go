package pgvector

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// maxQuestion bounds the work of one search by words, in bytes.
const maxQuestion = 64 << 10

// stages are how many postings the stages of a search by words sum up: enough for the telling terms of a
// question, more where these find too few, and a bound of the work. Passages that hold only terms which so
// many others hold are then not looked for; up to some ten thousand passages nothing is beyond. A quarter
// of the first stage halves the time on 100,000 passages and loses one in seven of the first twenty.
func stages() []int { return []int{20_000, 100_000} }

// candidates is how many of the passages that a stage finds are scored exactly.
const candidates = "(2 * %s + 200)"

//go:embed words.sql
var wordsSQL string

// Search implements retrieval.Index: both searches in one statement, which sees one state; only where the
// graph gave up is the one by vector made again. A vector without direction, a limit below 1 and a question of more than 64 kilobytes are kb.ErrInvalid.
func (v *Version) Search(ctx context.Context, req retrieval.Request) (retrieval.Candidates, error) {
	found, err := v.search(ctx, req)
	if err != nil {
		return retrieval.Candidates{}, v.failed(ctx, "search", err)
	}
	return found, nil
}

func (v *Version) search(ctx context.Context, req retrieval.Request) (found retrieval.Candidates, err error) {
	if req.Limit < 1 || len(req.Text) > maxQuestion {
		return found, fmt.Errorf("limit %d, question of %d bytes: %w", req.Limit, len(req.Text), kb.ErrInvalid)
	}
	if req.Vector != nil {
		if req.Vector, err = unit(req.Vector, v.stamp.Dimension); err != nil {
			return found, err
		}
	}
	size, err := v.size(ctx, req.Scope)
	if err != nil {
		return found, err
	}
	exactly := size.exactly(req.Limit)
	q, err := v.query(req, size, exactly)
	if err != nil || q.text == "" {
		return found, err
	}
	if found, err = v.run(ctx, q, req.Limit); err != nil {
		return found, err
	}
	if req.Vector == nil || exactly || len(found.Dense) >= req.Limit {
		return found, nil
	}
	// The graph gave up before it found enough: the scope holds less than was counted on.
	again, err := v.query(retrieval.Request{Vector: req.Vector, Scope: req.Scope, Limit: req.Limit}, size, true)
	if err != nil {
		return found, err
	}
	rest, err := v.run(ctx, again, req.Limit)
	found.Dense = rest.Dense
	return found, err
}

// passagesFirst begins a search. Nobody runs it, but the passages are what the server locks first then: who
// holds another table of the version and waits for this one would block Drop, and Drop him.
const passagesFirst = "with locked as (select from passages_K), "

// query is a statement with its parameters.
type query struct {
	text    string
	with    arguments
	breadth int // of the search in the graph; 0: none
}

// query makes the statement of a request; without words or vector to look for it is empty.
func (v *Version) query(req retrieval.Request, size size, exactly bool) (query, error) {
	var q query
	var parts []string
	scope := inside(req.Scope, &q.with)
	limit := q.with.add(int64(req.Limit))
	var lists []string
	if req.Text != "" {
		words, err := v.words(req.Text, scope, limit, size, &q.with)
		if err != nil {
			return q, err
		}
		if words != "" {
			lists = append(lists, words)
			parts = append(parts, "select true, id, doc, score from words")
		}
	}
	if req.Vector != nil {
		lists = append(lists, v.nearest(req, scope, limit, exactly, &q.with))
		parts = append(parts, "select false, id, doc, score from nearest")
		if !exactly {
			q.breadth = breadth(req.Limit)
		}
	}
	if len(lists) > 0 {
		q.text = v.sql(passagesFirst) + strings.Join(lists, ", ") + " " + strings.Join(parts, " union all ")
	}
	return q, nil
}

// words is the search by words as parts of a statement.
func (v *Version) words(text, scope, limit string, size size, with *arguments) (string, error) {
	question := v.store.segmenter.Question(text)
	var hashes []int64
	var weights []float64
	for _, t := range question {
		if t.Weight > 0 {
			hashes, weights = append(hashes, hash(t.Text)), append(weights, float64(t.Weight))
		}
	}
	if len(hashes) == 0 {
		return "", nil
	}
	var b strings.Builder
	postings := stages()
	err := v.store.words.Execute(&b, map[string]any{
		"Key": v.key, "Hashes": with.add(hashes), "Weights": with.add(weights), "Inside": scope, "Limit": limit,
		"Candidates": fmt.Sprintf(candidates, limit), "Small": size.passages < smallest,
		"Postings": postings, "Last": len(postings) - 1, "MaxCount": maxCount, "CountBits": countBits,
	})
	return b.String(), err
}

// nearest is the search by vector. Vectors have norm 1, so that the inner product is the cosine. An
// expression that is not the operator alone keeps the planner from the graph.
func (v *Version) nearest(req retrieval.Request, scope, limit string, exactly bool, with *arguments) string {
	vector := with.add(pgvector.NewHalfVector(req.Vector)) + "::halfvec"
	distance := "(v.vector <#> " + vector + ")"
	order := distance
	if exactly {
		order = distance + " + 0, p.id"
	}
	return v.sql("nearest as (select p.id, p.doc, -" + distance + " as score from vectors_K v join passages_K p on p.slot = v.slot where " +
		scope + " order by " + order + " limit " + limit + ")")
}

// run sends a statement, with the breadth of the search in the graph before it, in one round trip.
func (v *Version) run(ctx context.Context, q query, limit int) (found retrieval.Candidates, err error) {
	b := &pgx.Batch{}
	if q.breadth > 0 {
		b.Queue("select set_config('hnsw.ef_search', $1, true), set_config('hnsw.iterative_scan', 'strict_order', true)", fmt.Sprint(q.breadth))
	}
	b.Queue(q.text, q.with...)
	results := v.store.pool.SendBatch(ctx, b)
	defer func() {
		if closing := results.Close(); err == nil {
			err = closing
		}
	}()
	if q.breadth > 0 {
		if _, err := results.Exec(); err != nil {
			return found, err
		}
	}
	rows, err := results.Query()
	if err != nil {
		return found, err
	}
	var m retrieval.Match
	var byWords bool
	_, err = pgx.ForEachRow(rows, []any{&byWords, &m.ID, &m.DocID, &m.Score}, func() error {
		if byWords {
			found.Lexical = append(found.Lexical, m)
		} else {
			found.Dense = append(found.Dense, m)
		}
		return nil
	})
	order(found.Lexical)
	order(found.Dense)
	return found, err
}

func order(all []retrieval.Match) {
	slices.SortFunc(all, func(a, b retrieval.Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.ID, b.ID))
	})
}
