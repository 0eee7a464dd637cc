package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/inference"
)

func TestErrorBody(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		kind   error
		words  string
	}{
		{"object", 400, `{"error":{"message":"bad","type":"t","param":null,"code":400}}`, inference.ErrRefused, "bad"},
		{"string", 401, `{"error":"Unauthorized"}`, inference.ErrUnavailable, "Unauthorized"},
		{"detail", 404, `{"detail":"Not Found"}`, inference.ErrUnavailable, "Not Found"},
		{"detail in parts", 422, `{"detail":[{"msg":"x"}]}`, inference.ErrRefused, `[{"msg":"x"}]`},
		{"message", 429, `{"message":"slow down"}`, inference.ErrOverloaded, "slow down"},
		{"page of a gateway", 502, "<html>Bad Gateway</html>\n", inference.ErrUnavailable, "<html>Bad Gateway</html>"},
		{"nothing", 504, "", inference.ErrUnavailable, ""},
		{"by type", 400, `{"error":{"message":"no","type":"exceed_context_size_error"}}`, inference.ErrTooLong, "no"},
		{"by code", 400, `{"error":{"message":"no","code":"context_length_exceeded"}}`, inference.ErrTooLong, "no"},
		{"body too large", 413, "", inference.ErrTooLong, ""},
		{"overloaded first", 503, `{"error":"maximum context length"}`, inference.ErrOverloaded, "maximum context length"},
		{"schema", 500, `{"error":"invalid JSON schema in format"}`, inference.ErrRefused, "invalid JSON schema in format"},
		{"redirect", 302, "", inference.ErrMalformed, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ErrorBody(tt.status, []byte(tt.body))
			if want := fmt.Sprintf("HTTP %d: %s", tt.status, tt.words); got.Kind != tt.kind || got.Detail != want {
				t.Errorf("%v: %q, want %v: %q", got.Kind, got.Detail, tt.kind, want)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-7": 0, "soon": 0, "99999999": maxRetryAfter, "1e3": 0,
		"Tue, 24 Nov 2026 08:00:30 GMT": 30 * time.Second, "Tue, 24 Nov 2026 07:00:00 GMT": 0,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
}

func TestFault(t *testing.T) {
	past, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	if err := Fault(past, "m", errors.New("i/o timeout")); err != context.DeadlineExceeded {
		t.Errorf("behind the deadline: %v", err)
	}
	tests := []struct {
		name string
		err  error
		want *inference.Error
	}{
		{"network", io.ErrUnexpectedEOF, &inference.Error{Kind: inference.ErrUnavailable, Detail: "unexpected EOF"}},
		{"typed", fmt.Errorf("read: %w", Malformed("no")), &inference.Error{Kind: inference.ErrMalformed, Detail: "no"}},
		{"oversize", &http.MaxBytesError{Limit: 3}, &inference.Error{Kind: inference.ErrMalformed, Detail: "http: request body too large"}},
		{"chatty", errors.New(strings.Repeat("很", 200)), &inference.Error{Kind: inference.ErrUnavailable, Detail: strings.Repeat("很", 100) + "…"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.Model = "m"
			got, ok := errors.AsType[*inference.Error](Fault(t.Context(), "m", tt.err))
			if !ok || *got != *tt.want {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}

// Wherever the stream is cut into pieces, text and thinking are the same.
func TestThinking(t *testing.T) {
	tests := []struct{ name, said, text, thinking string }{
		{"none", "金额 <5000 元", "金额 <5000 元", ""},
		{"first", "<think>查第三条。</think>\n\n每月三百元。\n", "每月三百元。\n", "查第三条。"},
		{"empty", "<think>\n</think>\n 好", "好", "\n"},
		{"twice", "甲<think>1</think>乙<think>2</think>", "甲乙", "12"},
		{"near misses", "<thin><<think>a</thin</think>b<", "<thin><b<", "a</thin"},
		{"never ends", "<think>还在想</th", "", "还在想</th"},
		{"end alone", "a</think>b", "a</think>b", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for size := 1; size <= len(tt.said); size++ {
				var th Thinking
				var text, thinking strings.Builder
				for from := 0; from < len(tt.said); from += size {
					a, b := th.Split(tt.said[from:min(from+size, len(tt.said))])
					text.WriteString(a)
					thinking.WriteString(b)
				}
				a, b := th.Rest()
				if got := [2]string{text.String() + a, thinking.String() + b}; got != [2]string{tt.text, tt.thinking} {
					t.Fatalf("in pieces of %d: %q", size, got)
				}
			}
		})
	}
}

// ruler is a server whose vectors carry the length of the text, and that takes texts of twenty runes.
func ruler(asked *[][]string) func(context.Context, []string) ([][]float32, error) {
	return func(_ context.Context, texts []string) ([][]float32, error) {
		*asked = append(*asked, texts)
		var vectors [][]float32
		for _, text := range texts {
			n := len([]rune(text))
			if n > 20 {
				return nil, ErrorBody(http.StatusBadRequest, []byte(`{"error":"maximum context length"}`))
			}
			sin, cos := math.Sincos(float64(n) / 20)
			vectors = append(vectors, []float32{3 * float32(cos), 3 * float32(sin)})
		}
		return vectors, nil
	}
}

func TestEmbedBatchesAndCuts(t *testing.T) {
	var asked [][]string
	e := Embedding{Batch: 2, Dimension: 2, Request: ruler(&asked)}
	texts := []string{"一", "二二", strings.Repeat("长", 40), "四"}
	all, err := e.Embed(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		one, err := e.Embed(t.Context(), []string{text})
		if diff := cmp.Diff(all[i:i+1], one); diff != "" || err != nil {
			t.Errorf("%q alone: %v, difference:\n%s", text, err, diff)
		}
		if length := math.Hypot(float64(all[i][0]), float64(all[i][1])); math.Abs(length-1) > 1e-6 {
			t.Errorf("%q has length %g", text, length)
		}
	}
	if diff := cmp.Diff(texts[:2], asked[0]); diff != "" {
		t.Errorf("first batch:\n%s", diff)
	}
	if empty, err := e.Embed(t.Context(), nil); len(empty) != 0 || err != nil {
		t.Errorf("no texts: %v, %v", empty, err)
	}
}

func TestEmbedRefusesWhatIsNoVector(t *testing.T) {
	tests := []struct {
		name    string
		vectors [][]float32
	}{
		{"none", nil},
		{"too many", [][]float32{{1, 0}, {1, 0}}},
		{"wrong dimension", [][]float32{{1, 0, 0}}},
		{"zero", [][]float32{{0, 0}}},
		{"not a number", [][]float32{{float32(math.NaN()), 1}}},
		{"infinite", [][]float32{{float32(math.Inf(1)), 1}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := Embedding{Dimension: 2, Request: func(context.Context, []string) ([][]float32, error) { return tt.vectors, nil }}
			if got, err := e.Embed(t.Context(), []string{"x"}); !errors.Is(err, inference.ErrMalformed) {
				t.Errorf("got %v, error %v", got, err)
			}
		})
	}
}

func TestEmbedGivesUpCutting(t *testing.T) {
	asked := 0
	e := Embedding{MaxTokens: 512, Request: func(context.Context, []string) ([][]float32, error) {
		asked++
		return nil, &inference.Error{Kind: inference.ErrTooLong}
	}}
	if _, err := e.Embed(t.Context(), []string{strings.Repeat("长", 1e6)}); !errors.Is(err, inference.ErrTooLong) || asked > 30 {
		t.Errorf("after %d requests: %v", asked, err)
	}
}

// A server that never ends its answer holds nobody up.
func TestSettle(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	Settle(r, func() { r.Close() })
}
