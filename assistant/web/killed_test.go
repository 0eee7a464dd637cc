package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestKilledReplica kills the one of two servers that answers. What its readers have not heard yet they hear from the
// other, over a socket, a stream of events and a plain request alike: that the answer was interrupted, once. The
// citizen's place is free again.
func TestKilledReplica(t *testing.T) {
	t.Parallel() // it mostly waits for a lease to run out
	dir, tokens := t.TempDir(), make(chan struct{}, 8)
	first, conversations, store := newMortal(t, dir, slowly{tokens}, 0, nil)
	second, _, _ := newMortal(t, dir, parrot{}, 0, nil)
	a, b := httptest.NewServer(first), httptest.NewServer(second)
	t.Cleanup(func() {
		first.Close()
		second.Close()
		conversations.Close()
		a.Close()
		b.Close()
	})
	socket := dial(t, a)
	say(t, socket, map[string]any{"type": "ask", "question": "居住证"})
	tokens <- struct{}{}
	_, last := hear(t, socket, 2)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	killed := time.Now()
	socket.Close()

	path := "/v1/conversations/" + last.Conversation + "/turns/1"
	stream, plain := make(chan string, 1), make(chan string, 1)
	go func() { stream <- readAll(own(t, b, path+"?after=2", "text/event-stream")) }()
	go func() { plain <- readAll(own(t, b, path, "")) }()
	resumed := dial(t, b)
	say(t, resumed, map[string]any{"type": "resume", "conversation": last.Conversation, "turn": 1, "seq": 2})
	lines, end := hear(t, resumed, 1)
	if diff := cmp.Diff([]string{"error 回答中断了，请再问一次。 interrupted"}, lines); diff != "" || end.Seq != 3 {
		t.Errorf("socket hears event %d (-want +got):\n%s", end.Seq, diff)
	}
	if took := time.Since(killed); took > time.Minute {
		t.Errorf("interrupted after %v", took)
	}
	if text := <-stream; strings.Count(text, "event: ") != 1 || !strings.Contains(text, "id: 3\n") || !strings.Contains(text, `"code":"interrupted"`) {
		t.Errorf("stream of events: %q", text)
	}
	if text := <-plain; !strings.Contains(text, `"code":"interrupted"`) {
		t.Errorf("plain request: %s", text)
	}
	say(t, resumed, map[string]any{"type": "ask", "conversation": last.Conversation, "question": "好"})
	lines, end = hear(t, resumed, 3)
	if diff := cmp.Diff([]string{"start", "delta 好", "done"}, lines); diff != "" || end.Turn != 2 {
		t.Errorf("the next turn is %d (-want +got):\n%s", end.Turn, diff)
	}
}

// own requests something of the citizen of say.
func own(t *testing.T, server *httptest.Server, path, accept string) *http.Response {
	request, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+path, nil)
	if err != nil {
		t.Error(err)
		return nil
	}
	request.Header.Set("Accept", accept)
	request.Header.Set("Xiaoyue-Client", "a-secret-of-one-citizen-1")
	response, err := server.Client().Do(request)
	if err != nil {
		t.Error(err)
		return nil
	}
	return response
}
