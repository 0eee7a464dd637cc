package modeltest_test

import (
	"context"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"xiaoyue/inference"
	"xiaoyue/inference/bge"
	"xiaoyue/inference/limit"
	"xiaoyue/inference/modeltest"
	"xiaoyue/inference/ollama"
	"xiaoyue/inference/openai"
)

// contextLength is that of the chat models, as .ci/llama.py runs them.
const contextLength = 2048

// serve starts a scripted server. Its chat model is slow enough for the rules of deadlines.
func serve(t *testing.T) string {
	t.Helper()
	web := httptest.NewServer(&modeltest.Server{
		Chat:     &modeltest.Scripted{Context: contextLength, Pace: time.Millisecond, Thought: "嗯"},
		Embedder: &modeltest.Bigrams{Pace: time.Millisecond}, Reranker: &modeltest.Bigrams{},
	})
	t.Cleanup(web.Close)
	return web.URL
}

// queued is a scripted model that answers two requests at once.
func queued(t *testing.T) inference.ChatModel {
	t.Helper()
	m, err := limit.NewChat([]limit.Server[inference.ChatModel]{{Parallel: 2, Model: &modeltest.Scripted{
		Context: contextLength, Pace: time.Millisecond, Thought: "嗯",
	}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func ollamaChat(address, model string) func(*testing.T) inference.ChatModel {
	return func(t *testing.T) inference.ChatModel {
		m, err := ollama.New(address, model, &ollama.Options{Context: contextLength})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
}

func openaiChat(address, model string) func(*testing.T) inference.ChatModel {
	return func(t *testing.T) inference.ChatModel {
		m, err := openai.New(address, model, nil)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
}

func ollamaEmbedder(address, model string) func(*testing.T) inference.Embedder {
	return func(t *testing.T) inference.Embedder {
		e, err := ollama.OpenEmbedder(t.Context(), address, model, nil)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
}

func openaiEmbedder(address, model string) func(*testing.T) inference.Embedder {
	return func(t *testing.T) inference.Embedder {
		e, err := openai.OpenEmbedder(t.Context(), address, model, nil)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
}

// openMissing opens an embedding model that the server at address does not have.
func openMissing[E, O any](open func(context.Context, string, string, *O) (E, error), address string) func(*testing.T) error {
	return func(t *testing.T) error {
		_, err := open(t.Context(), address, "nobody", nil)
		return err
	}
}

func openaiReranker(address, model string) func(*testing.T) inference.Reranker {
	return func(t *testing.T) inference.Reranker {
		r, err := openai.NewReranker(address, model, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
}

// embeddedModel is the model of the real servers in this process: right by its own tests.
func embeddedModel(t *testing.T) *bge.Model {
	t.Helper()
	folder, err := bge.Find(os.Getenv("XIAOYUE_MODELS"))
	if err != nil && os.Getenv("CI") == "true" && !testing.Short() {
		t.Fatal(err)
	}
	if err != nil {
		t.Skip(err)
	}
	m, err := bge.Open(folder, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
