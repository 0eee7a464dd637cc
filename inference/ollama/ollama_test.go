package ollama_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/inference"
	"xiaoyue/inference/ollama"
)

// script serves one scripted reply to /api/chat and keeps the request.
func script(t *testing.T, reply http.HandlerFunc) (*ollama.Chat, *map[string]any) {
	t.Helper()
	request := map[string]any{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/chat" {
			http.NotFound(w, r)
			return
		}
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			t.Error(err)
		}
		reply(w, r)
	}))
	t.Cleanup(server.Close)
	c, err := ollama.New(server.URL, "m", nil)
	if err != nil {
		t.Fatal(err)
	}
	return c, &request
}

func lines(status int, lines ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-ndjson")
		w.WriteHeader(status)
		fmt.Fprint(w, strings.Join(lines, "\n"))
	}
}

func page(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		fmt.Fprint(w, "<html>{}</html>")
	}
}

func drain(ctx context.Context, c *ollama.Chat) (text string, last inference.Delta, err error) {
	req := inference.ChatRequest{Messages: []inference.Message{{Role: inference.User, Text: "你好"}}, Stop: []string{"。"}}
	for d, e := range c.Chat(ctx, req) {
		if e != nil {
			return text, last, e
		}
		text += d.Text
		last = d
	}
	return text, last, nil
}

const (
	first = `{"message":{"role":"assistant","content":"您"},"done":false}`
	end   = `{"message":{"role":"assistant","content":"好"},"done":true,"done_reason":"stop","prompt_eval_count":5,"eval_count":2}`
)

// A connection that breaks behind the last word has lost nothing.
func TestBrokenAfterTheEnd(t *testing.T) {
	c, _ := script(t, lines(200, first, end, `{"error":"gone"}`))
	if text, last, err := drain(t.Context(), c); err != nil || text != "您好" || last.Stop != inference.StopEnd {
		t.Errorf("text %q, last %+v, error %v", text, last, err)
	}
}

func TestStreamEqualsAnswer(t *testing.T) {
	c, request := script(t, lines(200, first, end))
	text, last, err := drain(t.Context(), c)
	if err != nil || text != "您好" {
		t.Fatalf("text %q, error %v", text, err)
	}
	want := inference.Delta{Text: "好", Stop: inference.StopEnd, Usage: inference.Usage{Prompt: 5, Completion: 2}}
	if diff := cmp.Diff(want, last); diff != "" {
		t.Errorf("last delta (-want +got):\n%s", diff)
	}
	if (*request)["truncate"] != false {
		t.Errorf("truncate is %v: a long prompt would be cut silently", (*request)["truncate"])
	}
	options := (*request)["options"].(map[string]any)
	if options["num_predict"].(float64) <= 0 || options["stop"] == nil || options["top_p"] != 1.0 || (*request)["think"] != false {
		t.Errorf("options %v, think %v: want a bound, the stop texts, top_p 1, no thinking", options, (*request)["think"])
	}
}

func TestFaults(t *testing.T) {
	tests := []struct {
		name  string
		reply http.HandlerFunc
		want  error
	}{
		{"stream breaks off", lines(200, first), inference.ErrUnavailable},
		{"half a line", lines(200, first, `{"message":{"con`), inference.ErrMalformed},
		{"a line of another kind", lines(200, first, `{"message":[]}`), inference.ErrMalformed},
		{"a line without an end", lines(200, `{"message":{"content":"`+strings.Repeat("x", 9<<20)), inference.ErrMalformed},
		{"error in the stream", lines(200, first, `{"error":"out of memory"}`), inference.ErrUnavailable},
		{"too long, in the stream", lines(200, `{"error":"the input length exceeds the context length"}`), inference.ErrTooLong},
		{"nothing asked", lines(200, `{"message":{"content":""},"done":true,"done_reason":"load"}`), inference.ErrMalformed},
		{"model missing", lines(404, `{"error":"model 'm' not found"}`), inference.ErrUnavailable},
		{"prompt too long", lines(400, `{"error":"the input length exceeds the context length"}`), inference.ErrTooLong},
		{"bad request", lines(400, `{"error":"invalid options"}`), inference.ErrRefused},
		{"bad schema", lines(500, `{"error":"invalid JSON schema in format"}`), inference.ErrRefused},
		{"wrong key", lines(401, `{"error":"unauthorized"}`), inference.ErrUnavailable},
		{"queue full", lines(503, `{"error":"server busy"}`), inference.ErrOverloaded},
		{"server error", lines(500, `{"error":"boom"}`), inference.ErrUnavailable},
		{"page of a gateway", page(200), inference.ErrMalformed},
		{"error page of a gateway", page(502), inference.ErrUnavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := script(t, tt.reply)
			if _, _, err := drain(t.Context(), c); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestServerGone(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	c, err := ollama.New(server.URL, "m", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := drain(t.Context(), c); !errors.Is(err, inference.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
}

func TestCancelIsTheContextsError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c, _ := script(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, first)
		w.(http.Flusher).Flush()
		cancel()
		<-r.Context().Done()
	})
	if _, _, err := drain(ctx, c); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// A deadline that strikes behind the 200 is the context's own error.
func TestStall(t *testing.T) {
	c, _ := script(t, func(w http.ResponseWriter, r *http.Request) {
		lines(200, first, "")(w, r)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := drain(ctx, c); err != context.DeadlineExceeded {
		t.Errorf("got %v", err)
	}
}

// A server that keeps the connection open behind the end holds nobody up.
func TestSlowEnd(t *testing.T) {
	c, _ := script(t, func(w http.ResponseWriter, r *http.Request) {
		lines(200, first, end, "")(w, r)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	if text, _, err := drain(t.Context(), c); err != nil || text != "您好" {
		t.Errorf("%q, error %v", text, err)
	}
}

func TestRetryAfter(t *testing.T) {
	c, _ := script(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "7")
		lines(429, `{"error":"slow down"}`)(w, r)
	})
	_, _, err := drain(t.Context(), c)
	if fault, ok := errors.AsType[*inference.Error](err); !ok || fault.Kind != inference.ErrOverloaded || fault.RetryAfter != 7*time.Second {
		t.Errorf("got %+v", err)
	}
}

// Thinking is asked of a model until it says that it cannot, and is kept apart in either form.
func TestThinking(t *testing.T) {
	var thinks []any
	var c *ollama.Chat
	var request *map[string]any
	reply := func(w http.ResponseWriter, r *http.Request) {
		thinks = append(thinks, (*request)["think"])
		if len(thinks) == 1 {
			lines(400, `{"error":"\"m\" does not support thinking"}`)(w, r)
			return
		}
		lines(200, `{"message":{"thinking":"想"}}`, `{"message":{"content":"<think>又"}}`, `{"message":{"content":"想</think>\n"}}`, first, end)(w, r)
	}
	c, request = script(t, reply)
	for range 2 {
		var text, thought string
		for d, err := range c.Chat(t.Context(), inference.ChatRequest{Reasoning: true}) {
			if err != nil {
				t.Fatal(err)
			}
			text, thought = text+d.Text, thought+d.Reasoning
		}
		if text != "您好" || thought != "想又想" {
			t.Errorf("text %q, thinking %q", text, thought)
		}
	}
	if diff := cmp.Diff([]any{true, false, false}, thinks); diff != "" {
		t.Errorf("think (-want +got):\n%s", diff)
	}
}

func TestLeavingTheLoopEndsTheRequest(t *testing.T) {
	ended := make(chan struct{})
	c, _ := script(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, first)
		w.(http.Flusher).Flush()
		fmt.Fprintln(w, first)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(ended)
	})
	for range c.Chat(t.Context(), inference.ChatRequest{}) {
		break
	}
	<-ended
}

func TestNewRefuses(t *testing.T) {
	for _, address := range []string{"", "127.0.0.1:11434", "ftp://x", "http://"} {
		if _, err := ollama.New(address, "m", nil); err == nil {
			t.Errorf("address %q was accepted", address)
		}
	}
	if _, err := ollama.New("http://127.0.0.1:1", "", nil); err == nil {
		t.Error("empty model was accepted")
	}
}

// loopback answers every request with the same stream, in memory.
type loopback string

func (l loopback) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/x-ndjson"}}, Body: io.NopCloser(strings.NewReader(string(l)))}, nil
}

// BenchmarkStream is the cost of a token between the socket and the reader of the deltas. The library
// takes 8 MiB for each stream, whatever its length.
func BenchmarkStream(b *testing.B) {
	const tokens = 1000
	token := `{"model":"m","created_at":"2026-11-24T02:43:51.112659792Z","message":{"role":"assistant","content":"补贴"},"done":false}` + "\n"
	c, err := ollama.New("http://server", "m", &ollama.Options{Client: &http.Client{Transport: loopback(strings.Repeat(token, tokens) + end)}})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := drain(b.Context(), c); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/tokens, "ns/token")
}
