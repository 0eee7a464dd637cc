package milvus

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/milvus-io/milvus-sdk-go/v2/client"
	"github.com/milvus-io/milvus-sdk-go/v2/entity"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

const (
	maxMatches  = 16384    // of one search, the server's bound
	maxQuestion = 64 << 10 // bytes of a question
	spare       = 16       // matches beyond those wanted, so that equal ones at the cut can be told by ID
)

// Search implements retrieval.Index. Both searches run at once. Equal scores are ordered by ID among what
// the server returned; which of more equal ones than spare it returns is its choice. A vector without
// direction, a limit below 1 and a question of more than 64 kilobytes are kb.ErrInvalid.
func (v *Version) Search(ctx context.Context, req retrieval.Request) (retrieval.Candidates, error) {
	found, err := v.search(ctx, req)
	if err != nil {
		return retrieval.Candidates{}, fmt.Errorf("search index %s: %w", v.name, err)
	}
	return found, nil
}

func (v *Version) search(ctx context.Context, req retrieval.Request) (found retrieval.Candidates, err error) {
	if req.Limit < 1 || len(req.Text) > maxQuestion {
		return found, fmt.Errorf("limit %d, question of %d bytes: %w", req.Limit, len(req.Text), kb.ErrInvalid)
	}
	req.Limit = min(req.Limit, maxMatches)
	var query []float32
	if req.Vector != nil {
		if query, err = unit(req.Vector, v.mark.Stamp.Dimension); err != nil {
			return found, err
		}
	}
	if v.closed.Load() {
		return found, fs.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return found, err
	}
	if req.Text == "" {
		found.Dense, err = v.dense(ctx, query, req, nil)
		return found, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var failed error // of the search by words
	var wait sync.WaitGroup
	wait.Go(func() {
		if found.Lexical, failed = v.words.search(ctx, req); failed != nil {
			cancel(failed)
		}
	})
	found.Dense, err = v.dense(ctx, query, req, nil)
	if err != nil {
		cancel(err) // the first cause stays
	}
	wait.Wait()
	return found, first(ctx, err, failed)
}

// first is the error that ended both searches, not the one that it caused in the other.
func first(ctx context.Context, errs ...error) error {
	for _, err := range errs {
		if err == nil {
			continue
		}
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		return err
	}
	return nil
}

// dense finds the nearest vectors in scope. Nil params are those of the version's index.
func (v *Version) dense(ctx context.Context, query []float32, req retrieval.Request, params entity.SearchParam) ([]retrieval.Match, error) {
	expr, admits := filter(req.Scope)
	if query == nil || !admits {
		return nil, ctx.Err()
	}
	ask := min(req.Limit+spare, maxMatches)
	if params == nil {
		var err error
		if params, err = v.store.params(ask); err != nil {
			return nil, err
		}
	}
	all, err := v.nearest(ctx, expr+" and "+fieldEmbedded+" == true", fieldVector, entity.FloatVector(query), ask, params)
	return firsts(all, req.Limit), err
}

// params are those of the index on the vector. The server wants a width of at least the matches.
func (s *Store) params(matches int) (entity.SearchParam, error) {
	if s.server.lite {
		return entity.NewIndexFlatSearchParam()
	}
	return entity.NewIndexHNSWSearchParam(min(max(leastWidth, widthPerMatch*matches), mostWidth))
}

// nearest is one search of the server by inner product, as it orders it.
func (v *Version) nearest(ctx context.Context, expr, field string, query entity.Vector, limit int, params entity.SearchParam) ([]retrieval.Match, error) {
	var found []client.SearchResult
	err := v.call(ctx, func(ctx context.Context) (err error) {
		found, err = v.store.client.Search(ctx, v.name, nil, expr, []string{fieldDoc}, []entity.Vector{query}, field,
			entity.IP, limit, params, seen(v.shared.shown.Load())...)
		return err
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return matches(&found[0])
}

// matches reads what the server found, and trusts it with nothing.
func matches(found *client.SearchResult) ([]retrieval.Match, error) {
	out := make([]retrieval.Match, 0, found.ResultCount)
	if found.ResultCount == 0 { // the SDK cannot read the fields of nothing, and says so
		return out, nil
	}
	if found.Err != nil {
		return nil, found.Err
	}
	doc := found.Fields.GetColumn(fieldDoc)
	if doc == nil || found.IDs == nil || len(found.Scores) < found.ResultCount {
		return nil, fmt.Errorf("the server's answer lacks fields: %w", retrieval.ErrDown)
	}
	for i := range found.ResultCount {
		id, err := id(found.IDs, i)
		if err != nil {
			return nil, err
		}
		name, err := doc.GetAsString(i)
		if err != nil {
			return nil, err
		}
		out = append(out, retrieval.Match{ID: id, DocID: name, Score: float64(found.Scores[i])})
	}
	return out, nil
}

// id reads an ID of an answer.
func id(column entity.Column, i int) (string, error) {
	s, err := column.GetAsString(i)
	if err != nil {
		return "", err
	}
	return given(s)
}

// firsts returns the first matches in the order of the contract.
func firsts(all []retrieval.Match, limit int) []retrieval.Match {
	slices.SortFunc(all, func(a, b retrieval.Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.ID, b.ID))
	})
	return slices.Clip(all[:min(limit, len(all))])
}
