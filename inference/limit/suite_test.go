package limit_test

import (
	"testing"
	"time"

	"xiaoyue/inference"
	"xiaoyue/inference/limit"
	"xiaoyue/inference/modeltest"
)

// What is behind the wrapper keeps its contract in front of it.
func TestSuite(t *testing.T) {
	t.Run("chat", func(t *testing.T) {
		modeltest.RunChat(t, modeltest.Chat{
			New: func(t *testing.T) inference.ChatModel {
				m := &modeltest.Scripted{Context: 2048, Pace: time.Millisecond, Thought: "嗯"}
				return opened(t, limit.NewChat, limit.Server[inference.ChatModel]{Model: m, Parallel: 2}, limit.Server[inference.ChatModel]{Name: "b", Model: m})
			},
			Context: 2048, Thinks: true, Parallel: 6,
		})
	})
	t.Run("embedder", func(t *testing.T) {
		modeltest.RunEmbedder(t, modeltest.Embedder{Open: func(t *testing.T) inference.Embedder {
			return opened(t, limit.NewEmbedder, limit.Server[inference.Embedder]{Model: &modeltest.Bigrams{Pace: time.Millisecond}})
		}})
	})
	t.Run("reranker", func(t *testing.T) {
		modeltest.RunReranker(t, modeltest.Reranker{Open: func(t *testing.T) inference.Reranker {
			return opened(t, limit.NewReranker, limit.Server[inference.Reranker]{Name: "r", Model: &modeltest.Bigrams{}})
		}})
	})
}

// opened wraps servers and closes the wrapper with the test.
func opened[M any, W interface{ Close() error }](t *testing.T, open func([]limit.Server[M], *limit.Options) (W, error), servers ...limit.Server[M]) W {
	t.Helper()
	w, err := open(servers, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}
