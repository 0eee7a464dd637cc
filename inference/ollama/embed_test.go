package ollama_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/inference"
	"xiaoyue/inference/ollama"
)

const (
	bgeTags = `{"models":[{"name":"smollm2:135m","digest":"9de1"},{"name":"bge-small-zh:latest","digest":"a885"}]}`
	bgeShow = `{"model_info":{"general.architecture":"bert","bert.context_length":512,"bert.embedding_length":2,"tokenizer.ggml.model":"bert"},
		"capabilities":["embedding"]}`
	chatShow = `{"model_info":{"general.architecture":"llama","llama.context_length":4096,"llama.embedding_length":576},"capabilities":["completion"]}`
)

// host is a server that has two models and embeds as the reply says.
func host(t *testing.T, embed http.HandlerFunc) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/tags", lines(200, bgeTags))
	mux.HandleFunc("POST /api/show", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Model string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		shown := bgeShow
		if strings.HasPrefix(in.Model, "smollm2") {
			shown = chatShow
		}
		lines(200, shown)(w, r)
	})
	if embed != nil {
		mux.HandleFunc("POST /api/embed", embed)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func TestInspect(t *testing.T) {
	address := host(t, nil)
	tests := []struct {
		model string
		want  inference.ModelInfo
		fault error
	}{
		{"smollm2:135m", inference.ModelInfo{Name: "smollm2:135m", Digest: "9de1", Context: 4096}, nil},
		{"smollm2", inference.ModelInfo{}, inference.ErrUnavailable}, // means smollm2:latest
		{"qwen", inference.ModelInfo{}, inference.ErrUnavailable},
	}
	for _, tt := range tests {
		t.Run(tt.model, func(t *testing.T) {
			c, err := ollama.New(address, tt.model, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.Inspect(t.Context())
			if diff := cmp.Diff(tt.want, got); diff != "" || !errors.Is(err, tt.fault) {
				t.Errorf("error %v, difference (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestEmbedder(t *testing.T) {
	var asked []string
	address := host(t, func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Input    []string
			Truncate *bool
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Truncate == nil || *in.Truncate {
			t.Errorf("truncate %v, error %v", in.Truncate, err)
		}
		asked = append(asked, in.Input...)
		if strings.Contains(strings.Join(in.Input, ""), "长长长") {
			lines(400, `{"error":"the input length exceeds the context length"}`)(w, r)
			return
		}
		lines(200, fmt.Sprintf(`{"embeddings":[[3,4]%s]}`, strings.Repeat(`,[0,2]`, len(in.Input)-1)))(w, r)
	})
	e, err := ollama.OpenEmbedder(t.Context(), address, "bge-small-zh", &ollama.Options{Batch: 2, Instruction: "问："})
	if err != nil {
		t.Fatal(err)
	}
	want := inference.EmbedderInfo{Name: "bge-small-zh", Digest: "a885", Dimension: 2, MaxTokens: 512}
	if diff := cmp.Diff(want, e.Info()); diff != "" {
		t.Errorf("info (-want +got):\n%s", diff)
	}
	vectors, err := e.Embed(t.Context(), []string{"《办法》，第三条——“是”⸺。", strings.Repeat("b", 150), "c"}, inference.EmbedPassage)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]float32{{0.6, 0.8}, {0, 1}, {0.6, 0.8}}, vectors); diff != "" {
		t.Errorf("vectors (-want +got):\n%s", diff)
	}
	if _, err := e.Embed(t.Context(), []string{"谁？"}, inference.EmbedQuestion); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`"办法",第三条--"是" .`, strings.Repeat("b", 100) + " " + strings.Repeat("b", 50), "c", "问:谁?"}, asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	if _, err := e.Embed(t.Context(), []string{strings.Repeat("长", 40) + "。"}, inference.EmbedPassage); !errors.Is(err, inference.ErrTooLong) {
		t.Errorf("too long for good: %v", err)
	}
}

func TestOpenEmbedderFaults(t *testing.T) {
	address := host(t, nil)
	gone := httptest.NewServer(nil)
	gone.Close()
	tests := []struct {
		name, address, model string
		want                 error
	}{
		{"no server", gone.URL, "bge-small-zh", inference.ErrUnavailable},
		{"no model", address, "bge-large-zh", inference.ErrUnavailable},
		{"a chat model", address, "smollm2:135m", inference.ErrRefused},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := ollama.OpenEmbedder(t.Context(), tt.address, tt.model, nil); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestEmbedFaults(t *testing.T) {
	tests := []struct {
		name  string
		reply http.HandlerFunc
		want  error
	}{
		{"too few", lines(200, `{"embeddings":[]}`), inference.ErrMalformed},
		{"wrong dimension", lines(200, `{"embeddings":[[1,2,3]]}`), inference.ErrMalformed},
		{"zero", lines(200, `{"embeddings":[[0,0]]}`), inference.ErrMalformed},
		{"half", lines(200, `{"embeddings":[[0,`), inference.ErrMalformed},
		{"other", lines(200, `[]`), inference.ErrMalformed},
		{"page", page(200), inference.ErrMalformed},
		{"oversize", lines(200, `{"embeddings":[[1,2]],"x":"`, strings.Repeat(" ", 64<<20)), inference.ErrMalformed},
		{"model gone", lines(404, `{"error":"model 'm' not found"}`), inference.ErrUnavailable},
		{"crash", lines(500, `{"error":"boom"}`), inference.ErrUnavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, err := ollama.OpenEmbedder(t.Context(), host(t, tt.reply), "bge-small-zh", nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := e.Embed(t.Context(), []string{"x"}, inference.EmbedPassage); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}
