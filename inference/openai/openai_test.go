package openai_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/inference"
	"xiaoyue/inference/openai"
)

// serve starts a server with one scripted route and returns its address. The body of a request is
// read first: only then does a handler learn that the client has gone.
func serve(t testing.TB, path string, reply http.HandlerFunc) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		reply(w, r)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

const chatPath = "POST /v1/chat/completions"

func chat(t testing.TB, reply http.HandlerFunc) *openai.Chat {
	t.Helper()
	c, err := openai.New(serve(t, chatPath, reply), "m", nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// says replies with a stream of that text.
func says(stream string) http.HandlerFunc { return answers(200, "text/event-stream", stream) }

func answers(status int, media, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", media)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

// events are the stream of these data.
func events(data ...string) string { return "data: " + strings.Join(data, "\n\ndata: ") + "\n\n" }

const (
	first = `{"choices":[{"delta":{"content":"您"}}]}`
	end   = `{"choices":[{"delta":{"content":"好"},"finish_reason":"stop"}]}`
	count = `{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}`
	done  = `[DONE]`
)

// whole is an answer put together from its deltas.
type whole struct {
	Text, Reasoning string
	Last            inference.Delta
}

func drain(ctx context.Context, c *openai.Chat) (all whole, err error) {
	for d, e := range c.Chat(ctx, inference.ChatRequest{Messages: []inference.Message{{Role: inference.User, Text: "你好"}}}) {
		if e != nil {
			return all, e
		}
		if all.Last.Stop != "" {
			return all, errors.New("stream went on behind the last delta")
		}
		all.Text, all.Reasoning, all.Last = all.Text+d.Text, all.Reasoning+d.Reasoning, d
	}
	return all, nil
}

func recorded(t testing.TB, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// The answers of real servers, as recorded.
func TestRecordedStreams(t *testing.T) {
	tests := []struct {
		name string
		want whole
	}{
		{"vllm-stream", whole{Text: "The capital of France is Paris.",
			Last: inference.Delta{Stop: inference.StopEnd, Usage: inference.Usage{Prompt: 37, Completion: 8}}}},
		{"llama-stream", whole{Text: "L'Étoile, la Marseillaise,",
			Last: inference.Delta{Stop: inference.StopLength, Usage: inference.Usage{Prompt: 37, Completion: 12}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := drain(t.Context(), chat(t, says(recorded(t, tt.name))))
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("error %v, difference (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestRecordedFaults(t *testing.T) {
	tests := []struct {
		name   string
		status int
		want   error
		words  string
	}{
		{"vllm-err-401", 401, inference.ErrUnavailable, "Unauthorized"},
		{"vllm-err-503", 503, inference.ErrOverloaded, "currently busy"},
		{"vllm-err-context", 400, inference.ErrTooLong, "maximum context length is 2048"},
		{"vllm-err-maxtokens", 400, inference.ErrTooLong, "max_tokens=100000"},
		{"vllm-err-model", 404, inference.ErrUnavailable, "`nope` does not exist"},
		{"vllm-err-badschema", 400, inference.ErrRefused, "Grammar error"},
		{"vllm-err-embed", 404, inference.ErrUnavailable, "Not Found"},
		{"llama-err-context", 400, inference.ErrTooLong, "13531 tokens"},
		{"llama-err-badschema", 400, inference.ErrRefused, "unrecognized type"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := drain(t.Context(), chat(t, answers(tt.status, "application/json", recorded(t, tt.name))))
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.words) {
				t.Errorf("got %v, want %v with %q", err, tt.want, tt.words)
			}
		})
	}
}

func TestRequest(t *testing.T) {
	var body json.RawMessage
	var header http.Header
	address := serve(t, chatPath, func(w http.ResponseWriter, r *http.Request) {
		header = r.Header
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		says(events(end, done))(w, r)
	})
	full := inference.ChatRequest{
		Messages:  []inference.Message{{Role: inference.System, Text: "短"}, {Role: inference.User, Text: "问"}},
		MaxTokens: 64, Temperature: 0.5, TopP: 0.9, Stop: []string{"。"}, Schema: json.RawMessage(`{"type":"object"}`), Reasoning: true,
	}
	tests := []struct {
		name string
		opts openai.Options
		req  inference.ChatRequest
		want string
	}{
		{"all", openai.Options{Key: "k"}, full, `{"model":"m","messages":[{"role":"system","content":"短"},{"role":"user","content":"问"}],
			"stream":true,"stream_options":{"include_usage":true},"max_tokens":64,"temperature":0.5,"top_p":0.9,"stop":["。"],
			"response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object"},"strict":true}},
			"chat_template_kwargs":{"enable_thinking":true}}`},
		{"defaults", openai.Options{}, inference.ChatRequest{}, `{"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true},
			"max_tokens":1024,"temperature":0,"top_p":1,"chat_template_kwargs":{"enable_thinking":false}}`},
		{"plain", openai.Options{Plain: true}, inference.ChatRequest{}, `{"model":"m","messages":[],"stream":true,
			"stream_options":{"include_usage":true},"max_tokens":1024,"temperature":0,"top_p":1}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := openai.New(address+"/v1/", "m", &tt.opts)
			if err != nil {
				t.Fatal(err)
			}
			for _, err := range c.Chat(t.Context(), tt.req) {
				if err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(decoded(t, tt.want), decoded(t, string(body))); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			if got, want := header.Get("Authorization"), map[bool]string{true: "Bearer k"}[tt.opts.Key != ""]; got != want {
				t.Errorf("authorization %q, want %q", got, want)
			}
			if header.Get("Idempotency-Key") != "" {
				t.Error("an idempotency key was sent")
			}
		})
	}
}

func decoded(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func TestNewRefuses(t *testing.T) {
	for _, address := range []string{"", "127.0.0.1:8000", "ftp://x", "http://"} {
		if _, err := openai.New(address, "m", nil); err == nil {
			t.Errorf("address %q was accepted", address)
		}
	}
	if _, err := openai.NewReranker("http://127.0.0.1:1", "", nil); err == nil {
		t.Error("empty model was accepted")
	}
}

func TestInspect(t *testing.T) {
	tests := []struct {
		name, media, list string
		want              inference.ModelInfo
		fault             error
	}{
		{"vllm", "application/json", recorded(t, "vllm-models"), inference.ModelInfo{Name: "smollm2", Context: 2048}, nil},
		{"llama.cpp", "application/json; charset=utf-8", `{"data":[{"id":"other"},{"id":"smollm2","meta":{"n_ctx":2048,"n_ctx_train":8192}}]}`,
			inference.ModelInfo{Name: "smollm2", Context: 2048}, nil},
		{"ollama", "application/json", `{"data":[{"id":"smollm2:latest"}]}`, inference.ModelInfo{Name: "smollm2"}, nil},
		{"another model", "application/json", `{"data":[{"id":"qwen"}]}`, inference.ModelInfo{}, inference.ErrUnavailable},
		{"half", "application/json", `{"data":[{"id":`, inference.ModelInfo{}, inference.ErrMalformed},
		{"page of a gateway", "text/html", `<html>`, inference.ModelInfo{}, inference.ErrMalformed},
	}
	t.Run("no list", func(t *testing.T) {
		c, err := openai.New(serve(t, chatPath, says("")), "smollm2", nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.Inspect(t.Context()); got != (inference.ModelInfo{Name: "smollm2"}) || err != nil {
			t.Errorf("got %+v, error %v; want the name, or a server that failed is never tried again", got, err)
		}
	})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := openai.New(serve(t, "GET /v1/models", answers(200, tt.media, tt.list)), "smollm2", nil)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := c.Inspect(t.Context()); got != tt.want || !errors.Is(err, tt.fault) {
				t.Errorf("got %+v, error %v; want %+v, %v", got, err, tt.want, tt.fault)
			}
		})
	}
}

func TestKeyHidesItself(t *testing.T) {
	opts := openai.Options{Key: "sk-secret"}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "key", opts.Key, "opts", opts)
	marshaled, err := json.Marshal(map[string]any{"key": opts.Key})
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{log.String(), string(marshaled), fmt.Sprintf("%v %+v %#v %s %q", opts, opts, opts, opts.Key, opts.Key)} {
		if strings.Contains(shown, "secret") {
			t.Errorf("key shows in %s", shown)
		}
	}
}
