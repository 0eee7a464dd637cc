package openai_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/inference"
	"xiaoyue/inference/openai"
)

func TestStreams(t *testing.T) {
	hello := whole{Text: "您好", Last: inference.Delta{Stop: inference.StopEnd, Usage: inference.Usage{Prompt: 5, Completion: 2}}}
	bare := whole{Text: "您好", Last: inference.Delta{Stop: inference.StopEnd}}
	thought := hello
	thought.Reasoning = "想"
	tests := []struct {
		name, stream string
		want         whole
	}{
		{"as it should be", events(first, end, count, done), hello},
		{"CRLF, comments, names, no spaces", ": ping\r\n\r\nevent: x\r\ndata:" + first + "\r\n\r\nid: 1\r\n" + events(end, count, done), hello},
		{"data in two lines", "data: {\"choices\":\ndata: [{\"delta\":{\"content\":\"您\"}}]}\n\n" + events(end, count, done), hello},
		{"usage on every event", events(first[:len(first)-1]+`,"usage":{"prompt_tokens":5,"completion_tokens":1}}`, end, count, done), hello},
		{"no last line end", strings.TrimSpace(events(first, end, count, done)), hello},
		{"broken behind the end", events(first, end) + "data: {\"cho", bare},
		{"no mark of the end", events(first, end), bare},
		{"thinking in a field", events(`{"choices":[{"delta":{"reasoning":"想"}}]}`, first, end, count, done), thought},
		{"thinking in the older field", events(`{"choices":[{"delta":{"reasoning_content":"想"}}]}`, first, end, count, done), thought},
		{"thinking in both", events(`{"choices":[{"delta":{"reasoning":"想","reasoning_content":"想"}}]}`, first, end, count, done), thought},
		{"thinking in the text", events(`{"choices":[{"delta":{"content":"<thi"}}]}`, `{"choices":[{"delta":{"content":"nk>想</think>\n"}}]}`,
			first, end, count, done), thought},
		{"error that is none", events(`{"error":null,"choices":[]}`, first, end, count, done), hello},
		{"a stop text as last word", events(first, `{"choices":[{"delta":{"content":"<"},"finish_reason":"length"}]}`, done),
			whole{Text: "您<", Last: inference.Delta{Text: "<", Stop: inference.StopLength}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := drain(t.Context(), chat(t, says(tt.stream)))
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("error %v, difference (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestStreamFaults(t *testing.T) {
	long := strings.Repeat("x", 2<<20)
	tests := []struct {
		name  string
		reply http.HandlerFunc
		want  error
	}{
		{"early end", says(events(first)), inference.ErrUnavailable},
		{"nothing at all", says(""), inference.ErrUnavailable},
		{"end without a reason", says(events(first, done)), inference.ErrUnavailable},
		{"half a line", says(events(first) + `data: {"choices":[{"del`), inference.ErrMalformed},
		{"broken connection", breaks(events(first)), inference.ErrUnavailable},
		{"error as an event", says(events(first, `{"error":{"message":"boom","code":500}}`)), inference.ErrUnavailable},
		{"overload as an event", says(events(first, `{"error":{"message":"busy","code":503}}`)), inference.ErrOverloaded},
		{"too long as an event", says(events(`{"error":{"message":"maximum context length is 9","code":400}}`)), inference.ErrTooLong},
		{"error in words", says("error: {\"error\":\"boom\"}\n\n"), inference.ErrUnavailable},
		{"filtered", says(events(`{"choices":[{"delta":{},"finish_reason":"content_filter"}]}`, done)), inference.ErrRefused},
		{"aborted", says(events(first, `{"choices":[{"delta":{},"finish_reason":"abort"}]}`, done)), inference.ErrUnavailable},
		{"line without an end", says("data: " + long), inference.ErrMalformed},
		{"event without an end", says(strings.Repeat("data: "+long[:1000]+"\n", 2000)), inference.ErrMalformed},
		{"page of a gateway", answers(200, "text/html; charset=utf-8", "<html>log in</html>"), inference.ErrMalformed},
		{"no stream", answers(200, "application/json", `{"choices":[{"message":{"content":"hi"}}]}`), inference.ErrMalformed},
		{"no media type", answers(200, "", events(end, done)), inference.ErrMalformed},
		{"redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/login", http.StatusTemporaryRedirect)
		}, inference.ErrMalformed},
		{"crash", answers(500, "application/json", `{"error":{"message":"boom"}}`), inference.ErrUnavailable},
		{"gateway", answers(502, "text/html", "<html>Bad Gateway</html>"), inference.ErrUnavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := drain(t.Context(), chat(t, tt.reply)); !errors.Is(err, tt.want) {
				t.Errorf("got %+v, error %v, want %v", got, err, tt.want)
			}
		})
	}
}

// breaks sends part of a stream and tears the connection.
func breaks(stream string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		says(stream)(w, r)
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
}

func TestServerGone(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	c, err := openai.New("http://"+listener.Addr().String(), "m", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := drain(t.Context(), c); !errors.Is(err, inference.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestRetryAfter(t *testing.T) {
	for header, want := range map[string][2]time.Duration{
		"7": {7 * time.Second, 7 * time.Second},
		time.Now().Add(time.Minute).UTC().Format(http.TimeFormat): {50 * time.Second, time.Minute},
	} {
		_, err := drain(t.Context(), chat(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", header)
			answers(429, "application/json", `{"error":{"message":"slow down"}}`)(w, r)
		}))
		fault, ok := errors.AsType[*inference.Error](err)
		if !ok || fault.Kind != inference.ErrOverloaded || fault.RetryAfter < want[0] || fault.RetryAfter > want[1] {
			t.Errorf("%s: %+v", header, err)
		}
	}
}

// A server that says 200 and part of an answer, and then no more.
func TestStall(t *testing.T) {
	c := chat(t, func(w http.ResponseWriter, r *http.Request) {
		says(events(first))(w, r)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	t.Run("deadline", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, err := drain(ctx, c); err != context.DeadlineExceeded {
			t.Errorf("got %v", err)
		}
	})
	t.Run("cancel", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var last error
		for _, err := range c.Chat(ctx, inference.ChatRequest{}) {
			cancel()
			last = err
		}
		if last != context.Canceled {
			t.Errorf("got %v", last)
		}
	})
}

func TestDeadlineBeforeTheHeaders(t *testing.T) {
	c := chat(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := drain(ctx, c); err != context.DeadlineExceeded {
		t.Errorf("got %v", err)
	}
}

func TestLeavingTheLoopEndsTheRequest(t *testing.T) {
	ended := make(chan struct{})
	c := chat(t, func(w http.ResponseWriter, r *http.Request) {
		says(events(first, first))(w, r)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(ended)
	})
	for range c.Chat(t.Context(), inference.ChatRequest{}) {
		break
	}
	<-ended
}

// loopback answers every request of a client in memory, so that time can be false.
type loopback struct {
	reply func(*http.Request) (*http.Response, error)
}

func (l loopback) RoundTrip(r *http.Request) (*http.Response, error) { return l.reply(r) }

// A first token that takes an hour is waited for, if the context says so; a server that keeps the
// connection open behind the end holds nobody up.
func TestSlowFirstTokenAndSlowEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := openai.New("http://server", "m", &openai.Options{Client: &http.Client{Transport: loopback{func(r *http.Request) (*http.Response, error) {
			near, far := net.Pipe()
			go func() {
				time.Sleep(time.Hour)
				_, _ = far.Write([]byte(events(first, end, count, done)))
				<-r.Context().Done()
				far.Close()
			}()
			return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: near}, nil
		}}}})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		got, err := drain(t.Context(), c)
		if took := time.Since(began); err != nil || got.Text != "您好" || took > time.Hour+time.Second {
			t.Errorf("%+v, error %v, after %v", got, err, took)
		}
		synctest.Wait()
	})
}

// One connection serves request after request; one that the server has closed meanwhile is not the
// caller's trouble.
func TestConnections(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var opened, served atomic.Int32
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			opened.Add(1)
			go answerTwice(conn, &served)
		}
	}()
	c, err := openai.New("http://"+listener.Addr().String(), "m", nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		if _, err := drain(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if opened.Load() != 2 || served.Load() != 4 {
		t.Errorf("%d connections for %d answers, want 2 for 4", opened.Load(), served.Load())
	}
}

// answerTwice answers two requests of a connection and closes it upon the third.
func answerTwice(conn net.Conn, served *atomic.Int32) {
	defer conn.Close()
	requests, answer := bufio.NewReader(conn), events(first, end, count, done)
	for n := 0; ; n++ {
		r, err := http.ReadRequest(requests)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil || n == 2 {
			return
		}
		served.Add(1)
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: %d\r\n\r\n%s", len(answer), answer)
	}
}
