package ollama_test

import (
	"context"
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
		w.WriteHeader(status)
		fmt.Fprint(w, strings.Join(lines, "\n"))
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
	if options["num_predict"].(float64) <= 0 || options["stop"] == nil {
		t.Errorf("options %v: want a bound and the stop texts", options)
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
		{"error in the stream", lines(200, first, `{"error":"out of memory"}`), inference.ErrMalformed},
		{"model missing", lines(404, `{"error":"model 'm' not found"}`), inference.ErrUnavailable},
		{"prompt too long", lines(400, `{"error":"the input length exceeds the context length"}`), inference.ErrTooLong},
		{"bad request", lines(400, `{"error":"invalid options"}`), inference.ErrRefused},
		{"queue full", lines(503, `{"error":"server busy"}`), inference.ErrOverloaded},
		{"server error", lines(500, `{"error":"boom"}`), inference.ErrUnavailable},
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
