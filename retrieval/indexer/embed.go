package indexer

import (
	"context"
	"fmt"

	"xiaoyue/inference"
	"xiaoyue/kb"
)

// embedAny gives vectors to one batch of passages that have none, in the first version where some wait,
// and returns their number.
func (x *Indexer) embedAny(ctx context.Context) (n int, err error) {
	for _, v := range x.versions {
		if v.stuck || v.info.Stamp.Embedder == "" {
			continue
		}
		embedder := x.opts.Embedder(v.info.Stamp)
		if embedder == nil {
			continue
		}
		n, err = x.embed(ctx, v, embedder)
		if err != nil && v.info.Stamp != x.target() && ctx.Err() == nil {
			x.opts.Logger.Warn("new texts have no vectors in the version of another model", "version", v.info.Stamp.Key(), "err", err)
			v.stuck, err = true, nil
			continue
		}
		if err != nil || n > 0 {
			return n, err
		}
	}
	return 0, nil
}

// embed gives vectors to one batch of a version.
func (x *Indexer) embed(ctx context.Context, v *version, embedder inference.Embedder) (int, error) {
	ids, err := v.Unembedded(ctx, x.opts.Batch)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	vectors := madeVectors{}
	read := func() (contents, error) {
		c, passages, err := x.named(ctx, ids)
		if err != nil {
			return contents{}, err
		}
		return c, vectors.add(ctx, embedder, passages)
	}
	if err := x.steadily(ctx, read, func(c contents) error { return x.write(ctx, v, c, vectors) }); err != nil {
		return 0, err
	}
	return len(ids), x.report(ctx, v)
}

func (x *Indexer) report(ctx context.Context, v *version) error {
	stats, err := v.Stats(ctx)
	if err != nil {
		return err
	}
	x.opts.Report(Progress{Stamp: v.info.Stamp, Embedded: stats.Vectors, Passages: stats.Passages})
	return nil
}

// madeVectors are vectors by passage ID. A passage keeps its ID while its words stay.
type madeVectors map[string][]float32

// add embeds the passages that have none yet.
func (m madeVectors) add(ctx context.Context, embedder inference.Embedder, passages []kb.Passage) error {
	var ids, texts []string
	for _, p := range passages {
		if m[p.ID] == nil {
			ids, texts = append(ids, p.ID), append(texts, p.IndexText())
		}
	}
	if len(ids) == 0 {
		return nil
	}
	made, err := embedder.Embed(ctx, texts, inference.EmbedPassage)
	if err == nil && len(made) != len(texts) {
		err = fmt.Errorf("%w: %d vectors for %d texts", inference.ErrMalformed, len(made), len(texts))
	}
	if err != nil {
		return fmt.Errorf("embed %d passages: %w", len(texts), err)
	}
	for i, id := range ids {
		m[id] = made[i]
	}
	return nil
}

// Vectors implements retrieval.VectorKeeper.
func (m madeVectors) Vectors(_ context.Context, ids []string) ([][]float32, error) {
	found := make([][]float32, len(ids))
	for i, id := range ids {
		found[i] = m[id]
	}
	return found, nil
}

// Unembedded implements retrieval.VectorKeeper: none waits.
func (madeVectors) Unembedded(context.Context, int) ([]string, error) { return nil, nil }
