package modeltest_test

import (
	"testing"
	"time"

	"xiaoyue/inference"
	"xiaoyue/inference/modeltest"
)

func TestScriptedChat(t *testing.T) {
	for name, s := range map[string]modeltest.Chat{
		"in process": {New: func(*testing.T) inference.ChatModel {
			return &modeltest.Scripted{Context: contextLength, Pace: time.Millisecond, Thought: "嗯"}
		}},
		"as Ollama": {New: func(t *testing.T) inference.ChatModel { return ollamaChat(serve(t), "scripted")(t) },
			Missing: func(t *testing.T) inference.ChatModel { return ollamaChat(serve(t), "nobody")(t) }},
		"as OpenAI": {New: func(t *testing.T) inference.ChatModel { return openaiChat(serve(t), "scripted")(t) },
			Missing: func(t *testing.T) inference.ChatModel { return openaiChat(serve(t), "nobody")(t) }},
	} {
		t.Run(name, func(t *testing.T) {
			s.Context, s.Thinks = contextLength, true
			modeltest.RunChat(t, s)
		})
	}
}

func TestScriptedEmbedder(t *testing.T) {
	for name, s := range map[string]modeltest.Embedder{
		"in process": {Open: func(*testing.T) inference.Embedder { return &modeltest.Bigrams{Pace: time.Millisecond} }},
		"as Ollama":  {Open: func(t *testing.T) inference.Embedder { return ollamaEmbedder(serve(t), "bigrams")(t) }},
		"as OpenAI": {Open: func(t *testing.T) inference.Embedder { return openaiEmbedder(serve(t), "bigrams")(t) },
			Anonymous: true},
	} {
		t.Run(name, func(t *testing.T) { modeltest.RunEmbedder(t, s) })
	}
}

func TestScriptedReranker(t *testing.T) {
	for name, open := range map[string]func(*testing.T) inference.Reranker{
		"in process": func(*testing.T) inference.Reranker { return &modeltest.Bigrams{} },
		"as OpenAI":  func(t *testing.T) inference.Reranker { return openaiReranker(serve(t), "bigrams")(t) },
	} {
		t.Run(name, func(t *testing.T) { modeltest.RunReranker(t, modeltest.Reranker{Open: open}) })
	}
}

func TestFaults(t *testing.T) {
	for name, s := range map[string]modeltest.Remote{
		"ollama": {
			Chat:     func(t *testing.T, at string) inference.ChatModel { return ollamaChat(at, "scripted")(t) },
			Embedder: func(t *testing.T, at string) inference.Embedder { return ollamaEmbedder(at, "bigrams")(t) },
		},
		"openai": {
			Chat:     func(t *testing.T, at string) inference.ChatModel { return openaiChat(at, "scripted")(t) },
			Embedder: func(t *testing.T, at string) inference.Embedder { return openaiEmbedder(at, "bigrams")(t) },
		},
	} {
		t.Run(name, func(t *testing.T) { modeltest.RunFaults(t, s) })
	}
}

// The chat models of the real servers cannot think and write poor words; of Ollama's and llama.cpp's
// two slots each has its own context.

func TestOllama(t *testing.T) {
	real := modeltest.Real(t)
	t.Run("chat", func(t *testing.T) {
		modeltest.RunChat(t, modeltest.Chat{New: ollamaChat(real.Ollama, real.OllamaChat), Missing: ollamaChat(real.Ollama, "nobody"),
			Context: contextLength, Parallel: 2})
	})
	t.Run("embedder", func(t *testing.T) {
		modeltest.RunEmbedder(t, modeltest.Embedder{Open: ollamaEmbedder(real.Ollama, real.OllamaEmbed), Reference: embeddedModel(t)})
	})
}

func TestLlama(t *testing.T) {
	real := modeltest.Real(t)
	t.Run("chat", func(t *testing.T) {
		modeltest.RunChat(t, modeltest.Chat{New: openaiChat(real.OpenAI, real.OpenAIChat), Missing: openaiChat(real.OpenAI, "nobody"),
			Context: contextLength, Parallel: 2})
	})
	t.Run("embedder", func(t *testing.T) {
		modeltest.RunEmbedder(t, modeltest.Embedder{Open: openaiEmbedder(real.OpenAIEmbedder, real.OpenAIEmbed), Reference: embeddedModel(t),
			Agreement: .999, Anonymous: true})
	})
}

func TestEmbedded(t *testing.T) {
	m := embeddedModel(t)
	modeltest.RunEmbedder(t, modeltest.Embedder{Open: func(*testing.T) inference.Embedder { return m }})
}
