package web_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"xiaoyue/assistant/web"
	"xiaoyue/kb"
)

// Secrets of two widgets.
const (
	alice = "alice-0123456789abcdefghij"
	bob   = "bob-0123456789abcdefghij00"
)

// call sends one request in the name of a client and returns status and body.
func call(t *testing.T, server http.Handler, method, path, client, body string) (int, string) {
	t.Helper()
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	request.Header.Set("Accept", "text/event-stream")
	if client != "" {
		request.Header.Set("Xiaoyue-Client", client)
	}
	w := httptest.NewRecorder()
	server.ServeHTTP(w, request)
	return w.Code, w.Body.String()
}

// conversationIn reads which conversation a stream belongs to.
func conversationIn(t *testing.T, stream string) string {
	t.Helper()
	_, data, _ := strings.Cut(stream, "data: ")
	data, _, _ = strings.Cut(data, "\n")
	var e kb.Event
	if err := json.Unmarshal([]byte(data), &e); err != nil || e.Conversation == "" {
		t.Fatalf("no event in %q: %v", stream, err)
	}
	return e.Conversation
}

func TestConversationsBelongToTheirClient(t *testing.T) {
	server := newServer(t)
	_, first := call(t, server, "POST", "/v1/ask", alice, `{"question":"落户"}`)
	id := conversationIn(t, first)
	turn := "/v1/conversations/" + id + "/turns/1"
	rest := first[strings.Index(first, "id: 3"):]
	tests := []struct {
		name, method, path, client, body string
		status                           int
		contains                         string
	}{
		{"the rest", "GET", turn + "?after=2", alice, "", 200, rest},
		{"nothing is left", "GET", turn + "?after=4", alice, "", 204, ""},
		{"another's", "GET", turn, bob, "", 404, "not_found"},
		{"nobody's", "GET", turn, "", "", 404, "not_found"},
		{"a turn that was not", "GET", "/v1/conversations/" + id + "/turns/2", alice, "", 404, "not_found"},
		{"a turn that cannot be", "GET", "/v1/conversations/" + id + "/turns/x", alice, "", 400, "轮次"},
		{"a place that cannot be", "GET", turn + "?after=-1", alice, "", 400, "after"},
		{"going on as another", "POST", "/v1/ask", bob, `{"question":"户","conversation":"` + id + `"}`, 404, "not_found"},
		{"going on", "POST", "/v1/ask", alice, `{"question":"户","conversation":"` + id + `"}`, 200, `"turn":2`},
		{"stopping what has ended", "POST", turn + "/cancel", alice, "", 204, ""},
		{"a name that can be guessed", "POST", "/v1/ask", "alice", `{"question":"户"}`, 400, "22"},
		{"erasing as nobody", "DELETE", "/v1/conversations", "", "", 400, "标识"},
		{"erasing as another", "DELETE", "/v1/conversations", bob, "", 200, `{"erased":0}`},
		{"still there", "GET", turn, alice, "", 200, first},
		{"erasing", "DELETE", "/v1/conversations", alice, "", 200, `{"erased":`},
		{"gone", "GET", turn, alice, "", 404, "not_found"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, body := call(t, server, tt.method, tt.path, tt.client, tt.body)
			if status != tt.status || !strings.Contains(body, tt.contains) {
				t.Errorf("got %d %s\nwant %d with %s", status, body, tt.status, tt.contains)
			}
		})
	}
}

func TestSocketsResumeTheirOwnOnly(t *testing.T) {
	server := httptest.NewServer(newServer(t))
	defer server.Close()
	socket := dial(t, server)
	say := func(message map[string]any) kb.Event {
		message["v"] = 1
		if err := socket.WriteJSON(message); err != nil {
			t.Fatal(err)
		}
		var e kb.Event
		if err := socket.ReadJSON(&e); err != nil {
			t.Fatal(err)
		}
		return e
	}
	start := say(map[string]any{"type": "ask", "client": alice, "question": "慢"})
	resume := map[string]any{"type": "resume", "client": bob, "conversation": start.Conversation, "turn": 1}
	if e := say(resume); e.Code != "not_found" {
		t.Errorf("bob resumes: %+v", e)
	}
	if err := socket.WriteJSON(map[string]any{"v": 1, "type": "cancel", "client": bob, "conversation": start.Conversation, "turn": 1}); err != nil {
		t.Fatal(err)
	}
	if e := say(map[string]any{"type": "sing"}); e.Code != "invalid" { // not cancelled by bob
		t.Errorf("after bob's cancel: %+v", e)
	}
	if e := say(map[string]any{"type": "cancel", "client": alice, "conversation": start.Conversation, "turn": 1}); e.Code != "cancelled" {
		t.Errorf("alice's cancel: %+v", e)
	}
}

// TestStreamBeatsAndSurvivesItsReader waits for signs of life, leaves, comes back for the rest.
func TestStreamBeatsAndSurvivesItsReader(t *testing.T) {
	s := scripted{started: make(chan struct{}), stopped: make(chan struct{}), released: make(chan struct{})}
	server := httptest.NewServer(newServerOf(t, s, &web.Options{Heartbeat: time.Millisecond}))
	defer server.Close()
	open := func(method, path, body string) (*bufio.Scanner, func()) {
		request, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept", "text/event-stream")
		request.Header.Set("Xiaoyue-Client", alice)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		return bufio.NewScanner(response.Body), func() { response.Body.Close() }
	}
	lines, hangUp := open("POST", "/v1/ask", `{"question":"等"}`)
	var start kb.Event
	for beats := 0; (beats < 3 || start.Seq == 0) && lines.Scan(); {
		if lines.Text() == ": " {
			beats++
		} else if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			if err := json.Unmarshal([]byte(data), &start); err != nil {
				t.Fatal(err)
			}
		}
	}
	hangUp()
	close(s.released)
	lines, hangUp = open("GET", fmt.Sprintf("/v1/conversations/%s/turns/1?after=%d", start.Conversation, start.Seq), "")
	defer hangUp()
	var kinds []string
	for lines.Scan() {
		if kind, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			kinds = append(kinds, kind)
		}
	}
	if diff := cmp.Diff([]string{"delta", "done"}, kinds); diff != "" {
		t.Errorf("after coming back (-want +got):\n%s", diff)
	}
}

func TestBusyServerSaysWhenToComeBack(t *testing.T) {
	server := newServer(t)
	w := httptest.NewRecorder()
	server.ServeHTTP(w, httptest.NewRequest("POST", "/v1/ask", strings.NewReader(`{"question":"坏"}`)))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "30" {
		t.Errorf("a part is down: %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	real := httptest.NewServer(server)
	defer real.Close()
	for range 2 {
		socket := dial(t, real)
		for range 4 { // answers of one subject that never end
			ask := map[string]any{"v": 1, "type": "ask", "client": alice, "question": "慢"}
			if err := socket.WriteJSON(ask); err != nil {
				t.Fatal(err)
			}
			if _, _, err := socket.ReadMessage(); err != nil {
				t.Fatal(err)
			}
		}
	}
	request := httptest.NewRequest("POST", "/v1/ask", strings.NewReader(`{"question":"户"}`))
	request.Header.Set("Xiaoyue-Client", alice)
	w = httptest.NewRecorder()
	server.ServeHTTP(w, request)
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "5" || !strings.Contains(w.Body.String(), "too_many") {
		t.Errorf("one question too many: %d, Retry-After %q, %s", w.Code, w.Header().Get("Retry-After"), w.Body)
	}
	if status, body := call(t, server, "POST", "/v1/ask", bob, `{"question":"户"}`); status != 200 {
		t.Errorf("somebody else: %d %s", status, body)
	}
}

// TestAddressesShareFairly fills the places of one address and asks from it again and from elsewhere.
func TestAddressesShareFairly(t *testing.T) {
	ask := func(server http.Handler, remote, forwarded, question string) int {
		request := httptest.NewRequest("POST", "/v1/ask", strings.NewReader(`{"question":"`+question+`"}`))
		request.RemoteAddr = remote
		request.Header.Set("X-Forwarded-For", forwarded)
		w := httptest.NewRecorder()
		server.ServeHTTP(w, request)
		return w.Code
	}
	server := newServerOf(t, parrot{}, &web.Options{Proxies: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}})
	real := httptest.NewServer(server)
	defer real.Close()
	for range 32 { // half of all places, by a client that forges what it forwards
		header := http.Header{"X-Forwarded-For": {"192.0.2.66, 192.0.2.7"}}
		socket, _, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(real.URL, "http")+"/v1/chat", header)
		if err != nil {
			t.Fatal(err)
		}
		defer socket.Close()
		for range 4 {
			if err := socket.WriteJSON(map[string]any{"v": 1, "type": "ask", "question": "慢"}); err != nil {
				t.Fatal(err)
			}
			if _, _, err := socket.ReadMessage(); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, tt := range map[string]struct {
		remote, forwarded string
		status            int
	}{
		"the same, directly":            {"192.0.2.7:9", "", 429},
		"the same, forging":             {"192.0.2.7:9", "203.0.113.9", 429},
		"the same, through a proxy":     {"198.51.100.3:9", "10.0.0.1, 192.0.2.7", 429},
		"another, through a proxy":      {"198.51.100.3:9", "192.0.2.7, 192.0.2.8", 200},
		"another, directly":             {"192.0.2.8:9", "192.0.2.7", 200},
		"a proxy that does not say":     {"198.51.100.3:9", "", 200},
		"the same, through a local one": {"[::1]:9", "192.0.2.7", 429},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ask(server, tt.remote, tt.forwarded, "户"); got != tt.status {
				t.Errorf("status %d, want %d", got, tt.status)
			}
		})
	}
}

func TestMetricsCountAnAnswerOnce(t *testing.T) {
	server := newServer(t)
	_, stream := call(t, server, "POST", "/v1/ask", alice, `{"question":"落户"}`)
	call(t, server, "GET", "/v1/conversations/"+conversationIn(t, stream)+"/turns/1", alice, "")
	call(t, server, "POST", "/v1/ask", alice, `{"question":"断"}`)
	server.Close()
	wanted := []string{
		`xiaoyue_answers_total{mode="full",outcome="answered"} 1`,
		`xiaoyue_answers_failed_total{code="unavailable"} 1`,
		`xiaoyue_sentences_total{verdict="kept"} 1`,
		`xiaoyue_model_call_seconds_count{model="parrot",purpose="answer",result="whole"} 1`,
		`xiaoyue_model_tokens_total{kind="completion",model="parrot"} 2`,
	}
	// An answer is counted when its last event was sent, which who reads it may notice first.
	var text string
	lacks := func(want string) bool { return !strings.Contains(text, want+"\n") }
	for deadline := time.Now().Add(10 * time.Second); ; {
		if _, text = call(t, server, "GET", "/metrics", "", ""); !slices.ContainsFunc(wanted, lacks) || time.Now().After(deadline) {
			break
		}
		runtime.Gosched()
	}
	for _, want := range wanted {
		if lacks(want) {
			t.Errorf("metrics lack %s", want)
		}
	}
}
