package main

import (
	"errors"
	"log/slog"
	"testing"

	"xiaoyue/inference"
	"xiaoyue/retrieval"
)

// TestFormerModelsOpenOnce asks for a former model again and again: a server that did not answer is tried
// again, one that did is not.
func TestFormerModelsOpenOnce(t *testing.T) {
	stamp := retrieval.Stamp{Embedder: "former@1", Dimension: 2}
	e := &engine{log: slog.New(slog.DiscardHandler)}
	tries := 0
	for range 4 {
		e.addFormer("one", func() (inference.Embedder, error) {
			if tries++; tries < 3 {
				return nil, errors.New("away")
			}
			return newAwaited(stamp, nil, nil), nil
		})
	}
	if tries != 3 || len(e.models.former) != 1 || e.embedderOf(stamp) != e.models.former[0] {
		t.Errorf("opened %d times, %d models; want 3 and 1", tries, len(e.models.former))
	}
}
