// Package modeltest is the suite that every back end of inference passes: the rules of ChatModel,
// Embedder and Reranker by name, and what becomes of the faults of a server.
//
// It also holds what tests use in place of a model: Scripted, a chat model that says what the test
// decides; Bigrams, vectors and scores from shared characters; and Server, which serves both over
// HTTP in the words of Ollama and of OpenAI and misbehaves on demand. It measures neither speed nor
// quality, and knows no back end.
package modeltest

import (
	"os"
	"testing"
)

// rule is one named demand on a back end.
type rule[S any] struct {
	name  string
	check func(*testing.T, S)
}

func run[S any](t *testing.T, s S, rules []rule[S]) {
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) { r.check(t, s) })
	}
}

// Servers are the real model servers that .ci/with-models.sh started. The models of one name are the
// same weights on all of them: bge-small-zh is the model of inference/bge.
type Servers struct {
	Ollama, OllamaChat, OllamaEmbed string // address and models
	OllamaBin, OllamaModels         string // the program and its models, for a server of one's own
	OpenAI, OpenAIChat              string // address and model of llama.cpp
	OpenAIEmbedder, OpenAIEmbed     string // another one
}

// Real returns the real servers. Without them it skips the test, in CI's full run it fails it.
func Real(t testing.TB) Servers {
	t.Helper()
	var s Servers
	for name, value := range map[string]*string{
		"OLLAMA": &s.Ollama, "OLLAMA_CHAT": &s.OllamaChat, "OLLAMA_EMBED": &s.OllamaEmbed,
		"OLLAMA_BIN": &s.OllamaBin, "OLLAMA_MODELS": &s.OllamaModels,
		"OPENAI": &s.OpenAI, "OPENAI_CHAT": &s.OpenAIChat,
		"OPENAI_EMBEDDER": &s.OpenAIEmbedder, "OPENAI_EMBED": &s.OpenAIEmbed,
	} {
		if *value = os.Getenv("XIAOYUE_TEST_" + name); *value != "" {
			continue
		}
		if os.Getenv("CI") != "" && !testing.Short() {
			t.Fatalf("XIAOYUE_TEST_%s is not set: run the tests under .ci/with-models.sh", name)
		}
		t.Skipf("XIAOYUE_TEST_%s is not set: nothing is asked of real model servers; .ci/with-models.sh starts them", name)
	}
	return s
}
