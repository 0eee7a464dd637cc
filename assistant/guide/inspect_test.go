package guide

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"xiaoyue/inference"
)

// TestInspections asks a server seldom, and again at once where only the asker had left.
func TestInspections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		in := newInspections(Options{Now: time.Now, Inspect: func(ctx context.Context, _ string) (inference.ModelInfo, error) {
			asked++
			return inference.ModelInfo{Context: 4096}, ctx.Err()
		}})
		left, leave := context.WithCancel(t.Context())
		leave()
		for _, step := range []struct {
			ctx           context.Context
			later         time.Duration
			context, asks int
		}{
			{left, 0, 0, 1},
			{t.Context(), 0, 4096, 2},
			{t.Context(), inspectionHolds - 1, 4096, 2},
			{left, 1, 4096, 3},
			{t.Context(), 0, 4096, 4},
		} {
			time.Sleep(step.later)
			if got := in.of(step.ctx, "m").Context; got != step.context || asked != step.asks {
				t.Fatalf("context %d after %d questions, want %d after %d", got, asked, step.context, step.asks)
			}
		}
	})
}
