package web_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"xiaoyue/assistant/chat"
	"xiaoyue/kb"
)

// slowly says a rune for each token.
type slowly struct{ tokens chan struct{} }

func (s slowly) Answer(ctx context.Context, turn kb.Turn, emit func(kb.Event) error) (kb.Answer, kb.Record, error) {
	for _, r := range turn.Question {
		select {
		case <-s.tokens:
		case <-ctx.Done():
			return kb.Answer{}, kb.Record{}, ctx.Err()
		}
		if err := emit(kb.Event{Type: kb.EventDelta, Text: string(r)}); err != nil {
			return kb.Answer{}, kb.Record{}, err
		}
	}
	return kb.Answer{Outcome: kb.Answered, Text: turn.Question}, kb.Record{}, nil
}

// pair is two replicas on one data folder. The first one answers for tokens.
type pair struct {
	tokens chan struct{}
	a, b   *httptest.Server
	drain  func()              // of the web server a
	chat   *chat.Conversations // of a
}

func newPair(t *testing.T) pair {
	t.Helper()
	p, dir := pair{tokens: make(chan struct{}, 8)}, t.TempDir()
	first, conversations := newReplica(t, dir, slowly{p.tokens}, nil)
	second, _ := newReplica(t, dir, parrot{}, nil)
	p.a, p.b, p.drain, p.chat = httptest.NewServer(first), httptest.NewServer(second), first.Drain, conversations
	t.Cleanup(func() {
		first.Close()
		second.Close()
		conversations.Close()
		p.a.Close()
		p.b.Close()
	})
	return p
}

func say(t *testing.T, socket *websocket.Conn, message map[string]any) {
	t.Helper()
	message["v"], message["client"] = 1, "a-secret-of-one-citizen-1"
	if err := socket.WriteJSON(message); err != nil {
		t.Fatal(err)
	}
}

// hear reads so many events as "seq type text code".
func hear(t *testing.T, socket *websocket.Conn, n int) (lines []string, last kb.Event) {
	t.Helper()
	for range n {
		last = kb.Event{}
		if err := socket.ReadJSON(&last); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.TrimSpace(strings.Join([]string{string(last.Type), last.Text, last.Code}, " ")))
		if last.Seq == 0 {
			t.Errorf("event outside of the turn: %s %s", last.Code, last.Text)
		}
	}
	return lines, last
}

func TestSocketGoesOnAtAnotherReplica(t *testing.T) {
	p := newPair(t)
	first := dial(t, p.a)
	say(t, first, map[string]any{"type": "ask", "question": "居住证"})
	p.tokens <- struct{}{}
	before, last := hear(t, first, 2)
	first.Close()
	second := dial(t, p.b)
	say(t, second, map[string]any{"type": "resume", "conversation": last.Conversation, "turn": 1, "seq": 2})
	p.tokens <- struct{}{}
	p.tokens <- struct{}{}
	after, _ := hear(t, second, 3)
	want := []string{"start", "delta 居", "delta 住", "delta 证", "done"}
	if diff := cmp.Diff(want, append(before, after...)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSocketCancelsAtAnotherReplica(t *testing.T) {
	p := newPair(t)
	first, second := dial(t, p.a), dial(t, p.b)
	say(t, first, map[string]any{"type": "ask", "question": "居住证"})
	_, last := hear(t, first, 1)
	say(t, second, map[string]any{"type": "cancel", "conversation": last.Conversation, "turn": 1})
	lines, _ := hear(t, first, 1)
	if diff := cmp.Diff([]string{"error 已停止回答。 cancelled"}, lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func status(t *testing.T, server *httptest.Server, method, path, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// TestDrain has a server drain while a socket, a stream of events, a plain request and a streaming completion wait
// for answers: the first two are sent away and go on at the other replica, the others end where they are.
func TestDrain(t *testing.T) {
	p := newPair(t)
	socket := dial(t, p.a)
	say(t, socket, map[string]any{"type": "ask", "question": "甲"})
	_, of := hear(t, socket, 1)
	stream := post(t, p.a, "/v1/ask", "text/event-stream", `{"question":"乙"}`)
	plain, chunks := make(chan string, 1), make(chan string, 1)
	go func() { plain <- readAll(post(t, p.a, "/v1/ask", "", `{"question":"丙"}`)) }()
	go func() {
		chunks <- readAll(post(t, p.a, "/v1/chat/completions", "", `{"model":"xiaoyue","stream":true,"messages":[{"role":"user","content":"丁"}]}`))
	}()
	waitForRunning(t, p, 4)

	p.drain()
	if code, body := status(t, p.a, "GET", "/readyz", ""); code != http.StatusServiceUnavailable || !strings.Contains(body, "正在停止") {
		t.Errorf("readyz: %d %s", code, body)
	}
	if code, _ := status(t, p.a, "GET", "/healthz", ""); code != http.StatusOK {
		t.Errorf("healthz: %d", code)
	}
	if _, _, err := socket.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseServiceRestart) {
		t.Errorf("socket: %v", err)
	}
	if body := readAll(stream); !strings.Contains(body, "event: start") || !strings.Contains(body, "\nretry: ") {
		t.Errorf("stream of events: %q", body)
	}
	drained := make(chan error, 1)
	go func() { drained <- p.chat.Drain(t.Context()) }()
	resumed := dial(t, p.b)
	say(t, resumed, map[string]any{"type": "resume", "conversation": of.Conversation, "turn": 1, "seq": 1})
	for range 4 {
		p.tokens <- struct{}{}
	}
	if err := <-drained; err != nil {
		t.Error(err)
	}
	lines, _ := hear(t, resumed, 2)
	if diff := cmp.Diff([]string{"delta 甲", "done"}, lines); diff != "" {
		t.Errorf("resumed (-want +got):\n%s", diff)
	}
	if body := <-plain; !strings.Contains(body, `"text":"丙"`) {
		t.Errorf("plain request: %s", body)
	}
	if body := <-chunks; !strings.Contains(body, "丁") || !strings.Contains(body, "[DONE]") {
		t.Errorf("completion: %s", body)
	}
	if code, body := status(t, p.a, "POST", "/v1/ask", `{"question":"戊"}`); code != http.StatusServiceUnavailable || !strings.Contains(body, "restarting") {
		t.Errorf("a new question: %d %s", code, body)
	}
}

func post(t *testing.T, server *httptest.Server, path, accept, body string) *http.Response {
	request, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return nil
	}
	request.Header.Set("Accept", accept)
	response, err := server.Client().Do(request)
	if err != nil {
		t.Error(err)
		return nil
	}
	return response
}

// readAll returns the body, or what went wrong with it.
func readAll(r *http.Response) string {
	if r == nil {
		return "no response"
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return string(text) + err.Error()
	}
	return string(text)
}

// waitForRunning waits until so many answers run.
func waitForRunning(t *testing.T, p pair, n int) {
	t.Helper()
	for begun := time.Now(); time.Since(begun) < 10*time.Second; time.Sleep(10 * time.Millisecond) {
		if p.chat.Here() == n {
			return
		}
	}
	t.Fatalf("%d answers run, want %d", p.chat.Here(), n)
}

func TestPlainResumeAtAnotherReplica(t *testing.T) {
	p := newPair(t)
	response := post(t, p.a, "/v1/ask", "text/event-stream", `{"question":"居住证"}`)
	var first kb.Event
	for data := range datas(response.Body) {
		if err := json.Unmarshal(data, &first); err != nil {
			t.Fatal(err)
		}
		break
	}
	response.Body.Close()
	for range 3 {
		p.tokens <- struct{}{}
	}
	code, body := status(t, p.b, "GET", "/v1/conversations/"+first.Conversation+"/turns/1", "")
	if code != http.StatusOK || !strings.Contains(body, `"text":"居住证"`) {
		t.Errorf("%d %s", code, body)
	}
}
