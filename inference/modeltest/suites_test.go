package modeltest_test

import (
	"strings"
	"testing"
	"time"

	"xiaoyue/inference"
	"xiaoyue/inference/modeltest"
	"xiaoyue/inference/ollama"
	"xiaoyue/inference/openai"
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
		"behind a queue": {New: func(t *testing.T) inference.ChatModel { return queued(t) }},
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
		"as Ollama": {Open: func(t *testing.T) inference.Embedder { return ollamaEmbedder(serve(t), "bigrams")(t) },
			OpenMissing: func(t *testing.T) error { return openMissing(ollama.OpenEmbedder, serve(t))(t) }},
		"as OpenAI": {Open: func(t *testing.T) inference.Embedder { return openaiEmbedder(serve(t), "bigrams")(t) },
			OpenMissing: func(t *testing.T) error { return openMissing(openai.OpenEmbedder, serve(t))(t) }, Anonymous: true},
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
			Reranker: func(t *testing.T, at string) inference.Reranker { return openaiReranker(at, "bigrams")(t) },
		},
	} {
		t.Run(name, func(t *testing.T) { modeltest.RunFaults(t, s) })
	}
}

func TestOllama(t *testing.T) {
	real := modeltest.Real(t)
	t.Run("chat", func(t *testing.T) {
		modeltest.RunChat(t, modeltest.Chat{New: ollamaChat(real.Ollama, real.OllamaChat), Missing: ollamaChat(real.Ollama, "nobody"),
			Context: contextLength, Parallel: 2})
	})
	t.Run("embedder", func(t *testing.T) {
		modeltest.RunEmbedder(t, modeltest.Embedder{Open: ollamaEmbedder(real.Ollama, real.OllamaEmbed),
			OpenMissing: openMissing(ollama.OpenEmbedder, real.Ollama), Reference: embeddedModel(t), Reads: folded.Replace})
	})
}

// folded is what the back end makes of the suite's punctuation, which Ollama's tokenizer splits.
var folded = strings.NewReplacer("，", ",", "。", ".", "、", ",", "：", ":", "；", ";", "？", "?", "！", "!", "（", "(", "）", ")",
	"〔", "[", "〕", "]", "《", `"`, "》", `"`, "“", `"`, "”", `"`, "—", "-", "…", ".")

func TestLlama(t *testing.T) {
	real := modeltest.Real(t)
	t.Run("chat", func(t *testing.T) {
		modeltest.RunChat(t, modeltest.Chat{New: openaiChat(real.OpenAI, real.OpenAIChat), Missing: openaiChat(real.OpenAI, "nobody"),
			AnyName: true, Context: contextLength, Parallel: 2})
	})
	t.Run("embedder", func(t *testing.T) {
		modeltest.RunEmbedder(t, modeltest.Embedder{Open: openaiEmbedder(real.OpenAIEmbedder, real.OpenAIEmbed),
			OpenMissing: openMissing(openai.OpenEmbedder, real.OpenAIEmbedder), Reference: embeddedModel(t), Anonymous: true})
	})
}

func TestEmbedded(t *testing.T) {
	if testing.Short() {
		t.Skip("the suite on the embedded model takes a while")
	}
	m := embeddedModel(t)
	modeltest.RunEmbedder(t, modeltest.Embedder{Open: func(*testing.T) inference.Embedder { return m }})
}
