package retrieval

import (
	"context"
	"fmt"
	"math"
	"unicode/utf8"

	"xiaoyue/inference"
	"xiaoyue/kb"
	"xiaoyue/retrieval/segment"
)

// readDepth is how many of the best passages are read to judge the evidence of their documents.
const readDepth = 60

// documentWeight is the weight of a document's evidence beside that of a passage: the share of the
// question's information that the passages found of the document hold together. A passage is a
// part of its document, and a question often names what only the heading or another clause says.
const documentWeight = 0.15

// lengthWeight makes a short passage that fits come before a long one that fits as well, where both
// the vector and the words of a long one fit to many questions. It is the price of a factor e in
// length; passages of evenLength characters, and those that were not read, pay nothing.
const (
	lengthWeight = 0.014
	evenLength   = 300.0
)

// gather reads the best candidates and adds to each the evidence of its document.
func (p *Pipeline) gather(ctx context.Context, found pool, q question) error {
	best := found[:min(readDepth, len(found))]
	if err := p.read(ctx, best); err != nil {
		return err
	}
	byDoc := make(map[string]coverage)
	for _, c := range best {
		if byDoc[c.DocID] == nil {
			byDoc[c.DocID] = make(coverage, len(q.terms))
		}
		byDoc[c.DocID].add(q.cover(c.text))
	}
	for _, c := range found {
		c.Covered = q.share(byDoc[c.DocID])
		c.Score = min(1, (1-documentWeight)*c.base+documentWeight*c.Covered+c.brevity())
	}
	found.order()
	return nil
}

// brevity is what the passage's length adds to its score.
func (c *candidate) brevity() float64 {
	if c.text == "" {
		return 0
	}
	return lengthWeight * math.Log(evenLength/float64(utf8.RuneCountInString(c.text)))
}

// read fetches the words of passages in normal form.
func (p *Pipeline) read(ctx context.Context, found pool) error {
	ids := make([]string, len(found))
	for i, c := range found {
		ids[i] = c.PassageID
	}
	passages, err := p.passages.Passages(ctx, ids)
	if err != nil {
		return fmt.Errorf("words of %d passages: %w", len(ids), err)
	}
	texts := make(map[string]string, len(passages))
	for _, v := range passages {
		texts[v.ID] = segment.Normal(v.IndexText())
	}
	for _, c := range found {
		c.text = texts[c.PassageID]
	}
	return nil
}

// rerankDepth is how many of the best passages a reranker reads.
const rerankDepth = 20

// rerank puts the best passages in the order of the reranker, their own scores dealt out anew. One
// that fails degrades the result.
func (p *Pipeline) rerank(ctx context.Context, text string, found pool, result *Result) error {
	if p.reranker == nil || len(found) < 2 {
		return nil
	}
	best := found[:min(rerankDepth, len(found))]
	scores, err := p.scores(ctx, p.reranker, text, best)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		p.log.Warn("evidence not reranked", "err", err)
		result.Degraded = append(result.Degraded, kb.PartRerank)
		return nil
	}
	best.reorder(scores)
	return nil
}

func (p *Pipeline) scores(ctx context.Context, r inference.Reranker, text string, best pool) ([]float64, error) {
	texts := make([]string, len(best))
	for i, c := range best {
		texts[i] = c.text
	}
	scores, err := r.Rerank(ctx, text, texts)
	if err == nil && len(scores) != len(best) {
		err = fmt.Errorf("%d scores for %d passages: %w", len(scores), len(best), inference.ErrMalformed)
	}
	return scores, err
}
