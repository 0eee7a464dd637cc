package openai_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/inference"
	"xiaoyue/inference/openai"
)

// host is a server with several scripted routes.
func host(t *testing.T, routes map[string]http.HandlerFunc) string {
	t.Helper()
	mux := http.NewServeMux()
	for path, reply := range routes {
		mux.HandleFunc(path, reply)
	}
	mux.HandleFunc("/", answers(404, "application/json", `{"detail":"Not Found"}`))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func replies(body string) http.HandlerFunc { return answers(200, "application/json", body) }

// embeds answers with the vector (length of the text, 1) for each text, the last one first.
func embeds(t *testing.T, asked *[]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Input []string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		*asked = append(*asked, in.Input...)
		var data []string
		for i, text := range in.Input {
			data = append([]string{fmt.Sprintf(`{"index":%d,"embedding":[%d,1]}`, i, len(text))}, data...)
		}
		replies(`{"data":[`+strings.Join(data, ",")+`]}`)(w, r)
	}
}

func TestEmbedder(t *testing.T) {
	var asked []string
	address := host(t, map[string]http.HandlerFunc{
		"GET /v1/models":      replies(`{"data":[{"id":"bge","max_model_len":512}]}`),
		"POST /v1/embeddings": embeds(t, &asked),
	})
	e, err := openai.OpenEmbedder(t.Context(), address, "bge", &openai.Options{Batch: 2, Instruction: "问："})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(inference.EmbedderInfo{Name: "bge", Dimension: 2, MaxTokens: 512}, e.Info()); diff != "" {
		t.Errorf("info (-want +got):\n%s", diff)
	}
	asked = nil
	vectors, err := e.Embed(t.Context(), []string{"", "abc", "abcdefgh"}, inference.EmbedPassage)
	if err != nil {
		t.Fatal(err)
	}
	for i, length := range []float64{0, 3, 8} {
		if got, want := float64(vectors[i][0]), length/math.Hypot(length, 1); math.Abs(got-want) > 1e-6 {
			t.Errorf("vector %d begins %g, want %g", i, got, want)
		}
	}
	if _, err := e.Embed(t.Context(), []string{"谁"}, inference.EmbedQuestion); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"", "abc", "abcdefgh", "问：谁"}, asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	if info, err := e.Inspect(t.Context()); err != nil || info.Dimension != 2 || info.Context != 512 {
		t.Errorf("inspect: %+v, %v", info, err)
	}
}

// The recorded vector is base64; the server lists no models.
func TestEmbedderOfRecordedVector(t *testing.T) {
	address := host(t, map[string]http.HandlerFunc{"POST /v1/embeddings": replies(recorded(t, "vllm-embed-b64"))})
	e, err := openai.OpenEmbedder(t.Context(), address, "bge", nil)
	if err != nil {
		t.Fatal(err)
	}
	vectors, err := e.Embed(t.Context(), []string{"您好"}, inference.EmbedPassage)
	if err != nil || e.Info().Dimension != 512 {
		t.Fatalf("%+v, %v", e.Info(), err)
	}
	if got := vectors[0][:2]; math.Abs(float64(got[0])-0.05464) > 1e-4 || math.Abs(float64(got[1])-0.01487) > 1e-4 {
		t.Errorf("vector begins %v", got)
	}
}

func TestOpenEmbedderFaults(t *testing.T) {
	models := replies(`{"data":[{"id":"bge"}]}`)
	tests := []struct {
		name   string
		routes map[string]http.HandlerFunc
		want   error
	}{
		{"another model", map[string]http.HandlerFunc{"/v1/models": replies(`{"data":[{"id":"qwen"}]}`)}, inference.ErrUnavailable},
		{"embeds not", map[string]http.HandlerFunc{"/v1/models": models}, inference.ErrUnavailable},
		{"embeds not, says so", map[string]http.HandlerFunc{"/v1/models": models,
			"/v1/embeddings": answers(501, "application/json", recorded(t, "llama-embed"))}, inference.ErrUnavailable},
		{"wrong key", map[string]http.HandlerFunc{"/v1/models": answers(401, "application/json", recorded(t, "vllm-err-401"))}, inference.ErrUnavailable},
		{"always too long", map[string]http.HandlerFunc{"/v1/models": models,
			"/v1/embeddings": answers(400, "application/json", recorded(t, "vllm-embed-long"))}, inference.ErrTooLong},
		{"no vector", map[string]http.HandlerFunc{"/v1/models": models, "/v1/embeddings": replies(`{"data":[]}`)}, inference.ErrMalformed},
		{"wrong index", map[string]http.HandlerFunc{"/v1/models": models, "/v1/embeddings": replies(`{"data":[{"index":1,"embedding":[1]}]}`)}, inference.ErrMalformed},
		{"doubled", map[string]http.HandlerFunc{"/v1/models": models,
			"/v1/embeddings": replies(`{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}`)}, inference.ErrMalformed},
		{"null", map[string]http.HandlerFunc{"/v1/models": models, "/v1/embeddings": replies(`{"data":[{"index":0,"embedding":null}]}`)}, inference.ErrMalformed},
		{"cut base64", map[string]http.HandlerFunc{"/v1/models": models, "/v1/embeddings": replies(`{"data":[{"index":0,"embedding":"q9I="}]}`)}, inference.ErrMalformed},
		{"words", map[string]http.HandlerFunc{"/v1/models": models, "/v1/embeddings": replies(`{"data":[{"index":0,"embedding":["a"]}]}`)}, inference.ErrMalformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := openai.OpenEmbedder(t.Context(), host(t, tt.routes), "bge", nil); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestReranker(t *testing.T) {
	tests := []struct {
		name   string
		routes map[string]http.HandlerFunc
		want   []float64
		fault  error
	}{
		{"rerank", map[string]http.HandlerFunc{"POST /v1/rerank": replies(recorded(t, "vllm-rerank"))}, []float64{0.5112527012825012, 0.815689206123352}, nil},
		{"score", map[string]http.HandlerFunc{"POST /score": replies(recorded(t, "vllm-score"))}, []float64{0.815689206123352, 0.5112527012825012}, nil},
		{"score of llama.cpp's kind", map[string]http.HandlerFunc{"POST /score": replies(recorded(t, "vllm-score")),
			"POST /v1/rerank": answers(501, "application/json", recorded(t, "llama-embed"))}, []float64{0.815689206123352, 0.5112527012825012}, nil},
		{"neither", nil, nil, inference.ErrUnavailable},
		{"busy", map[string]http.HandlerFunc{"/v1/rerank": answers(503, "application/json", recorded(t, "vllm-err-503"))}, nil, inference.ErrOverloaded},
		{"best only", map[string]http.HandlerFunc{"/v1/rerank": replies(`{"results":[{"index":1,"relevance_score":0.8}]}`)}, nil, inference.ErrMalformed},
		{"doubled", map[string]http.HandlerFunc{"/v1/rerank": replies(`{"results":[{"index":1,"relevance_score":0.8},{"index":1,"relevance_score":0.8}]}`)}, nil, inference.ErrMalformed},
		{"beyond", map[string]http.HandlerFunc{"/v1/rerank": replies(`{"results":[{"index":0,"relevance_score":0.8},{"index":2,"relevance_score":0.8}]}`)}, nil, inference.ErrMalformed},
		{"no score", map[string]http.HandlerFunc{"/v1/rerank": replies(`{"results":[{"index":0,"relevance_score":0.8},{"index":1}]}`)}, nil, inference.ErrMalformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := openai.NewReranker(host(t, tt.routes), "m", nil)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second call knows the way
				got, err := r.Rerank(t.Context(), "身份证丢了怎么办", []string{"企业注册登记", "居民身份证丢失应当申请补领"})
				if diff := cmp.Diff(tt.want, got); diff != "" || !errors.Is(err, tt.fault) {
					t.Errorf("error %v, difference (-want +got):\n%s", err, diff)
				}
			}
		})
	}
}
