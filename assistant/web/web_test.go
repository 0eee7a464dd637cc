package web_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

func TestRequests(t *testing.T) {
	tests := []struct {
		name, method, path, body string
		header                   map[string]string
		status                   int
		contains                 string
	}{
		{"answer", "POST", "/v1/ask", `{"question":"落户","region":"339902"}`, nil, 200, `"text":"落户"`},
		{"region of the turn", "POST", "/v1/ask", `{"question":"落户","region":"339902"}`, nil, 200, `"region":"339902"`},
		{"no question", "POST", "/v1/ask", `{"question":" "}`, nil, 400, "请输入问题"},
		{"misspelt field", "POST", "/v1/ask", `{"question":"a","asof":"2020-01-01"}`, nil, 400, "asof"},
		{"date that does not exist", "POST", "/v1/ask", `{"question":"a","as_of":"2025-02-30"}`, nil, 400, "2025-02-30"},
		{"unknown region", "POST", "/v1/ask", `{"question":"a","region":"1"}`, nil, 400, "unknown_region"},
		{"too long", "POST", "/v1/ask", `{"question":"` + strings.Repeat("长", 2001) + `"}`, nil, 400, "2000字"},
		{"too large", "POST", "/v1/ask", `{"question":"` + strings.Repeat("长", 40000) + `"}`, nil, 400, "invalid"},
		{"two values", "POST", "/v1/ask", `{"question":"a"}{}`, nil, 400, "JSON之后"},
		{"wrong token", "POST", "/v1/ask", `{"question":"a"}`, map[string]string{"Authorization": "Bearer x"}, 401, "令牌"},
		{"stranger's conversation", "POST", "/v1/ask", `{"question":"a","conversation":"1"}`, nil, 400, "invalid"},
		{"events", "POST", "/v1/ask", `{"question":"户"}`, map[string]string{"Accept": "text/event-stream"}, 200, "id: 2\nevent: delta\ndata: {"},
		{"search", "GET", "/v1/search?q=居住证", "", nil, 200, `"doc_id":"open"`},
		{"search without index", "GET", "/v1/search?q=坏", "", nil, 503, "检索服务"},
		{"search with a wild limit", "GET", "/v1/search?q=a&limit=99999", "", nil, 400, "limit"},
		{"item", "GET", "/v1/items/330001", "", nil, 200, "居住证申领"},
		{"missing item", "GET", "/v1/items/999", "", nil, 404, "not_found"},
		{"document", "GET", "/v1/documents/open", "", nil, 200, "第一条"},
		{"internal document for a citizen", "GET", "/v1/documents/inner", "", nil, 404, "not_found"},
		{"internal document for a clerk", "GET", "/v1/documents/inner", "", map[string]string{"Authorization": "Bearer " + token}, 200, "第一条"},
		{"document of no version", "GET", "/v1/documents/open?version=x", "", nil, 400, "version"},
		{"feedback without a mark", "POST", "/v1/feedback", `{"trace_id":"t"}`, nil, 400, "thumb"},
		{"setting", "GET", "/v1/setting", "", nil, 200, "镜湖区"},
		{"unknown route", "GET", "/v1/nothing", "", nil, 404, "openapi.json"},
		{"health", "GET", "/healthz", "", nil, 200, "ok"},
		{"ready", "GET", "/readyz", "", nil, 200, "parts"},
		{"metrics", "GET", "/metrics", "", nil, 200, `route="GET /v1/items/{code}",status="404"`},
		{"page", "GET", "/", "", nil, 200, "<xiaoyue-chat>"},
		{"widget for a configured origin", "GET", "/widget.js", "", map[string]string{"Origin": "https://www.example.org"}, 200, "customElements"},
		{"question from a foreign page", "POST", "/v1/ask", `{"question":"a"}`, map[string]string{"Origin": "https://evil.example"}, 403, "foreign_origin"},
		{"no socket", "GET", "/v1/chat", "", nil, 400, "upgrade"},
	}
	server := newServer(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			request := httptest.NewRequest(tt.method, tt.path, strings.NewReader(tt.body))
			for key, value := range tt.header {
				request.Header.Set(key, value)
			}
			w := httptest.NewRecorder()
			server.ServeHTTP(w, request)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.contains) {
				t.Errorf("got %d %.300s\nwant %d with %q", w.Code, w.Body, tt.status, tt.contains)
			}
		})
	}
}

func TestFeedbackIsKept(t *testing.T) {
	server := newServer(t)
	w := httptest.NewRecorder()
	server.ServeHTTP(w, httptest.NewRequest("POST", "/v1/ask", strings.NewReader(`{"question":"户"}`)))
	var answer kb.Answer
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	body := fmt.Sprintf(`{"trace_id":%q,"thumb":1,"level":5}`, answer.TraceID)
	w = httptest.NewRecorder()
	server.ServeHTTP(w, httptest.NewRequest("POST", "/v1/feedback", strings.NewReader(body)))
	if w.Code != http.StatusNoContent {
		t.Errorf("feedback: %d %s", w.Code, w.Body)
	}
}

func TestClerkFindsInternalTexts(t *testing.T) {
	server := newServer(t)
	find := func(header string) (ids []string) {
		request := httptest.NewRequest("GET", "/v1/search?q=x&region=339902", nil)
		request.Header.Set("Authorization", header)
		w := httptest.NewRecorder()
		server.ServeHTTP(w, request)
		var found struct{ Hits []retrieval.Row }
		if err := json.Unmarshal(w.Body.Bytes(), &found); err != nil {
			t.Fatal(err)
		}
		for _, hit := range found.Hits {
			ids = append(ids, hit.DocID)
		}
		slices.Sort(ids)
		return ids
	}
	if diff := cmp.Diff([]string{"open"}, find("")); diff != "" {
		t.Errorf("citizen (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"inner", "open"}, find("Bearer "+token)); diff != "" {
		t.Errorf("clerk (-want +got):\n%s", diff)
	}
}

func TestForeignPagesAreKeptOut(t *testing.T) {
	server := httptest.NewServer(newServer(t))
	defer server.Close()
	address := "ws" + strings.TrimPrefix(server.URL, "http") + "/v1/chat"
	for origin, welcome := range map[string]bool{"https://evil.example": false, "https://www.example.org": true, server.URL: true} {
		socket, response, err := websocket.DefaultDialer.DialContext(t.Context(), address, http.Header{"Origin": {origin}})
		if (err == nil) != welcome {
			t.Errorf("origin %s: welcome %t, error %v", origin, err == nil, err)
		}
		if err == nil {
			socket.Close()
		} else if response != nil && response.StatusCode != http.StatusForbidden {
			t.Errorf("origin %s: status %d", origin, response.StatusCode)
		}
	}
}

func TestSocketRefusesFloods(t *testing.T) {
	server := httptest.NewServer(newServer(t))
	defer server.Close()
	socket := dial(t, server)
	// The server may hang up before all of it is written.
	_ = socket.WriteMessage(websocket.TextMessage, []byte(`{"question":"`+strings.Repeat("长", 1<<16)+`"}`))
	if _, answer, err := socket.ReadMessage(); err == nil {
		t.Errorf("an oversize message was answered: %s", answer)
	}
}

func dial(t *testing.T, server *httptest.Server) *websocket.Conn {
	t.Helper()
	socket, _, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(server.URL, "http")+"/v1/chat", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	return socket
}

func TestCloseEndsSockets(t *testing.T) {
	handler := newServer(t)
	server := httptest.NewServer(handler)
	defer server.Close()
	socket := dial(t, server)
	if err := socket.WriteJSON(map[string]any{"v": 1, "type": "ask", "question": "慢"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := socket.ReadMessage(); err != nil { // start: an answer is running
		t.Fatal(err)
	}
	handler.Close()
	if _, _, err := socket.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseServiceRestart) {
		t.Errorf("socket after Close: %v, want service restart", err)
	}
	_, response, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(server.URL, "http")+"/v1/chat", nil)
	if err == nil || response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("dial after Close: %v", err)
	}
}

func TestSocketRefusesWhatIsNoText(t *testing.T) {
	server := httptest.NewServer(newServer(t))
	defer server.Close()
	for name, tt := range map[string]struct{ kind, code int }{
		"binary":    {websocket.BinaryMessage, websocket.CloseUnsupportedData},
		"not UTF-8": {websocket.TextMessage, websocket.CloseInvalidFramePayloadData},
	} {
		t.Run(name, func(t *testing.T) {
			socket := dial(t, server)
			if err := socket.WriteMessage(tt.kind, []byte("{\"v\":1,\"type\":\"\xff\"}")); err != nil {
				t.Fatal(err)
			}
			if _, _, err := socket.ReadMessage(); !websocket.IsCloseError(err, tt.code) {
				t.Errorf("got %v, want close code %d", err, tt.code)
			}
		})
	}
}

// TestOneSocketCannotStartEndlessAnswers asks once more than a socket may follow.
func TestOneSocketCannotStartEndlessAnswers(t *testing.T) {
	server := httptest.NewServer(newServer(t))
	defer server.Close()
	socket := dial(t, server)
	for range 5 {
		if err := socket.WriteJSON(map[string]any{"v": 1, "type": "ask", "question": "慢"}); err != nil {
			t.Fatal(err)
		}
	}
	kinds := map[kb.EventType]int{}
	for range 5 {
		var e kb.Event
		if err := socket.ReadJSON(&e); err != nil {
			t.Fatal(err)
		}
		kinds[e.Type]++
	}
	if diff := cmp.Diff(map[kb.EventType]int{kb.EventStart: 4, kb.EventError: 1}, kinds); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPagesAreRevalidated(t *testing.T) {
	server := newServer(t)
	first := httptest.NewRecorder()
	server.ServeHTTP(first, httptest.NewRequest("GET", "/widget.js", nil))
	again := httptest.NewRequest("GET", "/widget.js", nil)
	again.Header.Set("If-None-Match", first.Header().Get("ETag"))
	w := httptest.NewRecorder()
	server.ServeHTTP(w, again)
	if w.Code != http.StatusNotModified {
		t.Errorf("unchanged page: status %d, want 304", w.Code)
	}
}

// TestOpenAPINamesEveryRoute keeps openapi.json and routes.go together.
func TestOpenAPINamesEveryRoute(t *testing.T) {
	server := newServer(t)
	w := httptest.NewRecorder()
	server.ServeHTTP(w, httptest.NewRequest("GET", "/openapi.json", nil))
	var api struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &api); err != nil {
		t.Fatal(err)
	}
	var described []string
	for path, methods := range api.Paths {
		for method := range methods {
			described = append(described, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(described)
	if diff := cmp.Diff(routes(t), described); diff != "" {
		t.Errorf("routes.go and openapi.json differ (-routes +openapi):\n%s", diff)
	}
}

// routes reads the patterns from routes.go, without the pages and the catch-alls.
func routes(t *testing.T) (patterns []string) {
	t.Helper()
	source, err := os.Open("routes.go")
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	text, err := io.ReadAll(source)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		_, rest, ok := strings.Cut(line, `mux.Handle("`)
		pattern, _, _ := strings.Cut(rest, `"`)
		if ok && !strings.HasSuffix(pattern, "/") {
			patterns = append(patterns, pattern)
		}
	}
	slices.Sort(patterns)
	return patterns
}
