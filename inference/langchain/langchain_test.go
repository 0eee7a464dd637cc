package langchain_test

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
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/ollama"
	"github.com/tmc/langchaingo/llms/openai"

	"xiaoyue/inference"
	"xiaoyue/inference/langchain"
)

// clients are the real clients of langchaingo before a scripted server.
var clients = []struct {
	name   string
	open   func(address, model string, wire *langchain.Wire) (llms.Model, error)
	good   []string // what a server sends
	failed string   // what it sends when it fails in the middle
}{
	{
		name: "openai",
		open: func(address, model string, wire *langchain.Wire) (llms.Model, error) {
			return openai.New(openai.WithBaseURL(address), openai.WithToken("k"), openai.WithModel(model), openai.WithHTTPClient(wire))
		},
		good: []string{
			`data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}` + "\n\n",
			`data: {"choices":[{"index":0,"delta":{"reasoning_content":"想"}}]}` + "\n\n",
			`data: {"choices":[{"index":0,"delta":{"content":"每年"}}]}` + "\n\n",
			`data: {"choices":[{"index":0,"delta":{"content":"一万元"},"finish_reason":"stop"}]}` + "\n\n",
			`data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}` + "\n\n",
			"data: [DONE]\n\n",
		},
		failed: `data: {"error":{"message":"engine died","code":500}}` + "\n\ndata: [DONE]\n\n",
	},
	{
		name: "ollama",
		open: func(address, model string, wire *langchain.Wire) (llms.Model, error) {
			return ollama.New(ollama.WithServerURL(address), ollama.WithModel(model), ollama.WithHTTPClient(&http.Client{Transport: wire}))
		},
		good: []string{
			`{"message":{"role":"assistant","content":"每年"}}` + "\n",
			`{"message":{"role":"assistant","content":"一万元"}}` + "\n",
			`{"message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":7,"eval_count":3}` + "\n",
		},
		failed: `{"error":"engine died"}` + "\n",
	},
}

// listen reads an answer to its end.
func listen(ctx context.Context, m inference.ChatModel, req inference.ChatRequest) (text, reasoning string, last inference.Delta, err error) {
	if req.Messages == nil {
		req.Messages = []inference.Message{{Role: inference.System, Text: "你是小越"}, {Role: inference.User, Text: "补贴多少"}}
	}
	for d, fault := range m.Chat(ctx, req) {
		text, reasoning, last, err = text+d.Text, reasoning+d.Reasoning, d, fault
	}
	return text, reasoning, last, err
}

// serve opens each client before a server and runs the test with it.
func serve(t *testing.T, handle func(client int, w http.ResponseWriter, r *http.Request), test func(t *testing.T, client int, m *langchain.Model)) {
	for i, client := range clients {
		t.Run(client.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handle(i, w, r) }))
			defer server.Close()
			model, err := client.open(server.URL, "m", &langchain.Wire{Model: "m"})
			if err != nil {
				t.Fatal(err)
			}
			test(t, i, langchain.New(model, "m", nil))
		})
	}
}

func send(w http.ResponseWriter, pieces ...string) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	for _, p := range pieces {
		io.WriteString(w, p)
		w.(http.Flusher).Flush()
	}
}

func TestAnswer(t *testing.T) {
	sent := make(chan map[string]any, 1)
	serve(t, func(client int, w http.ResponseWriter, r *http.Request) {
		var body map[string]any
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		sent <- body
		send(w, clients[client].good...)
	}, func(t *testing.T, client int, m *langchain.Model) {
		text, reasoning, last, err := listen(t.Context(), m, inference.ChatRequest{MaxTokens: 9, Schema: json.RawMessage(`{"type":"object"}`)})
		want := inference.Delta{Stop: inference.StopEnd, Usage: inference.Usage{Prompt: 7, Completion: 3}}
		if diff := cmp.Diff(want, last); err != nil || diff != "" || text != "每年一万元" {
			t.Errorf("text %q, error %v, last (-want +got)\n%s", text, err, diff)
		}
		if want := []string{"想", ""}[client]; reasoning != want {
			t.Errorf("reasoning %q, want %q", reasoning, want)
		}
		body := <-sent
		roles := ""
		for _, m := range body["messages"].([]any) {
			roles += m.(map[string]any)["role"].(string) + " "
		}
		if roles != "system user " || !strings.Contains(fmt.Sprint(body), "json") {
			t.Errorf("roles %q, body %v", roles, body)
		}
	})
}

// The faults that v0.1.14 reports as success, or without their type.
func TestFaultsKeepTheirType(t *testing.T) {
	tests := []struct {
		name  string
		serve func(client int, w http.ResponseWriter)
		kind  error
		after time.Duration
		text  string
	}{
		{name: "cut", kind: inference.ErrUnavailable, text: "每年一万元", serve: func(i int, w http.ResponseWriter) {
			send(w, clients[i].good[:len(clients[i].good)/2+1]...)
			panic(http.ErrAbortHandler)
		}},
		{name: "ends early", kind: inference.ErrUnavailable, text: "每年", serve: func(i int, w http.ResponseWriter) {
			send(w, clients[i].good[:3-2*i]...)
		}},
		{name: "half a line", kind: nil, text: "", serve: func(i int, w http.ResponseWriter) { send(w, clients[i].good[0][:20]) }},
		{name: "error in the middle", kind: inference.ErrUnavailable, text: "每年", serve: func(i int, w http.ResponseWriter) {
			send(w, append(clients[i].good[:3-2*i:3-2*i], clients[i].failed)...)
		}},
		{name: "no such model", kind: inference.ErrUnavailable, serve: status(404, `{"error":{"message":"model not found"}}`)},
		{name: "too many", kind: inference.ErrOverloaded, after: 7 * time.Second, serve: status(429, "slow down")},
		{name: "queue full", kind: inference.ErrOverloaded, after: 7 * time.Second, serve: status(503, `{"error":{"message":"busy"}}`)},
		{name: "too long", kind: inference.ErrTooLong, after: 7 * time.Second, serve: status(400, `{"error":{"message":"maximum context length is 2048"}}`)},
		{name: "bad request", kind: inference.ErrRefused, after: 7 * time.Second, serve: status(400, `{"error":{"message":"no"}}`)},
		{name: "broken", kind: inference.ErrUnavailable, after: 7 * time.Second, serve: status(500, "")},
		{name: "page of a gateway", kind: inference.ErrMalformed, serve: func(_ int, w http.ResponseWriter) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			send(w, "<html>welcome</html>")
		}},
		{name: "not JSON", kind: nil, serve: func(_ int, w http.ResponseWriter) { send(w, "data: {]\n\n{]\n") }},
		{name: "endless line", kind: nil, serve: func(_ int, w http.ResponseWriter) {
			send(w, "data: "+strings.Repeat("x", 1<<20))
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			serve(t, func(client int, w http.ResponseWriter, _ *http.Request) { test.serve(client, w) },
				func(t *testing.T, _ int, m *langchain.Model) {
					text, _, last, err := listen(t.Context(), m, inference.ChatRequest{})
					var fault *inference.Error
					if !errors.As(err, &fault) || test.kind != nil && !errors.Is(err, test.kind) || last.Stop != "" {
						t.Fatalf("error %v, last %+v; want %v", err, last, test.kind)
					}
					if text != test.text {
						t.Errorf("text %q, want %q", text, test.text)
					}
					if fault.Kind == inference.ErrOverloaded && fault.RetryAfter != test.after {
						t.Errorf("retry after %v, want %v", fault.RetryAfter, test.after)
					}
				})
		})
	}
}

func status(code int, body string) func(int, http.ResponseWriter) {
	return func(_ int, w http.ResponseWriter) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(code)
		io.WriteString(w, body)
	}
}

func TestNoServer(t *testing.T) {
	serve(t, nil, func(t *testing.T, client int, _ *langchain.Model) {
		model, err := clients[client].open("http://127.0.0.1:1", "m", &langchain.Wire{Model: "m"})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, _, err := listen(t.Context(), langchain.New(model, "m", nil), inference.ChatRequest{}); !errors.Is(err, inference.ErrUnavailable) {
			t.Errorf("error %v", err)
		}
	})
}

// A canceled call, one past its deadline and one whose reader leaves all end as they should, and the
// server is told.
func TestCallsEnd(t *testing.T) {
	gone := make(chan struct{}, 2*len(clients)) // more than are ever left unread
	hang := func(client int, w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		send(w, clients[client].good[:3-2*client]...)
		<-r.Context().Done()
		gone <- struct{}{}
	}
	t.Run("canceled", func(t *testing.T) {
		serve(t, hang, func(t *testing.T, _ int, m *langchain.Model) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var err error
			for _, err = range m.Chat(ctx, inference.ChatRequest{}) {
				cancel()
			}
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
			<-gone
		})
	})
	t.Run("deadline", func(t *testing.T) {
		serve(t, hang, func(t *testing.T, _ int, m *langchain.Model) {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			text, _, _, err := listen(ctx, m, inference.ChatRequest{})
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %v", err)
			}
			if text != "" { // or the deadline was first
				<-gone
			}
		})
	})
	t.Run("left", func(t *testing.T) {
		serve(t, hang, func(t *testing.T, _ int, m *langchain.Model) {
			for d, err := range m.Chat(t.Context(), inference.ChatRequest{}) {
				if err != nil || d.Text+d.Reasoning == "" {
					t.Errorf("%+v, %v", d, err)
				}
				break
			}
			<-gone
		})
	})
}

// spoken is a model of langchaingo without a server.
type spoken func(opts llms.CallOptions) (*llms.ContentResponse, error)

func (s spoken) GenerateContent(_ context.Context, _ []llms.MessageContent, options ...llms.CallOption) (*llms.ContentResponse, error) {
	var o llms.CallOptions
	for _, set := range options {
		set(&o)
	}
	return s(o)
}

func (s spoken) Call(context.Context, string, ...llms.CallOption) (string, error) {
	return "", errors.ErrUnsupported
}

func TestAnyModel(t *testing.T) {
	say := func(pieces []string, choice *llms.ContentChoice, err error) spoken {
		return func(o llms.CallOptions) (*llms.ContentResponse, error) {
			for _, p := range pieces {
				if err := o.StreamingFunc(context.Background(), []byte(p)); err != nil {
					return nil, fmt.Errorf("streaming func: %w", err)
				}
			}
			if choice == nil {
				return nil, err
			}
			return &llms.ContentResponse{Choices: []*llms.ContentChoice{choice}}, err
		}
	}
	used := map[string]any{"InputTokens": 5, "OutputTokens": int64(2)}
	tests := []struct {
		name  string
		model spoken
		text  string
		last  inference.Delta
		kind  error
	}{
		{name: "in one piece", model: say(nil, &llms.ContentChoice{Content: "全文"}, nil), text: "全文",
			last: inference.Delta{Text: "全文", Stop: inference.StopEnd}},
		{name: "thinking in the text", model: say([]string{"<thi", "nk>想", "</think>\n甲", "<"}, &llms.ContentChoice{StopReason: "stop"}, nil),
			text: "甲<", last: inference.Delta{Text: "<", Stop: inference.StopEnd}},
		{name: "other spellings", model: say([]string{"甲", "乙"}, &llms.ContentChoice{Content: "甲乙", StopReason: "max_tokens", GenerationInfo: used}, nil),
			text: "甲乙", last: inference.Delta{Stop: inference.StopLength, Usage: inference.Usage{Prompt: 5, Completion: 2}}},
		{name: "no reason, as many tokens as allowed", model: say([]string{"甲乙"}, &llms.ContentChoice{Content: "甲乙", GenerationInfo: used}, nil),
			text: "甲乙", last: inference.Delta{Stop: inference.StopLength, Usage: inference.Usage{Prompt: 5, Completion: 2}}},
		{name: "no reason, nothing counted", model: say([]string{"甲"}, &llms.ContentChoice{Content: "甲"}, nil), text: "甲", kind: inference.ErrUnavailable},
		{name: "empty success", model: say([]string{"甲"}, &llms.ContentChoice{}, nil), text: "甲", kind: inference.ErrUnavailable},
		{name: "nothing", model: say(nil, nil, nil), kind: inference.ErrMalformed},
		{name: "withheld", model: say(nil, &llms.ContentChoice{StopReason: "content_filter"}, nil), kind: inference.ErrRefused},
		{name: "coded", model: say(nil, nil, llms.NewError(llms.ErrCodeRateLimit, "p", "wait")), kind: inference.ErrOverloaded},
		{name: "in words", model: say(nil, nil, errors.New("API returned unexpected status code: 400: maximum context length")), kind: inference.ErrTooLong},
		{name: "endless", model: say([]string{strings.Repeat("x", 1<<20), "y"}, nil, nil), text: strings.Repeat("x", 1<<20), kind: inference.ErrMalformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text, _, last, err := listen(t.Context(), langchain.New(test.model, "m", nil), inference.ChatRequest{MaxTokens: 2})
			if !errors.Is(err, test.kind) || text != test.text {
				t.Errorf("text %.20q, error %v; want %.20q, %v", text, err, test.text, test.kind)
			}
			if diff := cmp.Diff(test.last, last); diff != "" {
				t.Errorf("last (-want +got)\n%s", diff)
			}
		})
	}
}
