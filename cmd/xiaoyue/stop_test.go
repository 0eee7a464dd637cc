package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"xiaoyue/inference"
	"xiaoyue/inference/modeltest"
)

// stoppable is a serve in a process of its own whose model says nothing before it may.
type stoppable struct {
	*replica
	model   *modeltest.Server
	release func()
}

func newStoppable(t *testing.T) stoppable {
	t.Helper()
	may := make(chan struct{})
	s := stoppable{release: sync.OnceFunc(func() { close(may) })}
	s.model = &modeltest.Server{Chat: &modeltest.Scripted{Label: "honest", Reply: func(inference.ChatRequest) string {
		<-may
		return "在本市工作的硕士研究生，每月发放租房补贴900元[1]。"
	}}}
	web := httptest.NewServer(s.model)
	t.Cleanup(web.Close)
	t.Cleanup(s.release)
	s.replica = newReplica(t, modelFolder(t, servers{
		Chat: []server{{OpenAI: web.URL, Model: "honest"}}, FirstToken: time.Minute, Stall: time.Minute,
	}))
	return s
}

// stream asks for events, reads the first one, and returns the rest and the turn's address.
func (s stoppable) stream(t *testing.T) (events *http.Response, turn string) {
	t.Helper()
	events = s.request(t, http.MethodPost, "/v1/ask", `{"question":"`+rentQuestion+`"}`)
	begin := make([]byte, 0, 4096)
	for !bytes.HasSuffix(begin, []byte("\n\n")) {
		var b [1]byte
		if _, err := events.Body.Read(b[:]); err != nil {
			t.Fatalf("after %q: %v", begin, err)
		}
		begin = append(begin, b[0])
	}
	id := regexp.MustCompile(`"conversation":"([^"]+)"`).FindSubmatch(begin)
	if id == nil {
		t.Fatalf("the first event is %q", begin)
	}
	return events, "/v1/conversations/" + string(id[1]) + "/turns/1"
}

func (s stoppable) request(t *testing.T, method, path, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Xiaoyue-Client", "a-secret-of-one-citizen-1")
	got, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { got.Body.Close() })
	return got
}

// terminate tells the process to stop and waits until it says that it does.
func (s stoppable) terminate(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the server drains", func() bool {
		got, err := http.Get(s.url + "/readyz")
		if err != nil {
			return false
		}
		defer got.Body.Close()
		text, err := io.ReadAll(got.Body)
		return err == nil && got.StatusCode == http.StatusServiceUnavailable && bytes.Contains(text, []byte("正在停止"))
	})
}

// wait waits until the process has ended, and returns how.
func (s stoppable) wait() error {
	err := s.cmd.Wait()
	s.cmd = nil
	return err
}

func body(t *testing.T, from *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(from.Body)
	if err != nil {
		t.Errorf("after %q: %v", text, err)
	}
	return string(text)
}

// TestStopLetsAnswersEnd tells a server to stop while it answers a plain request and a stream of events: the one gets
// its answer whole, the other is sent away and gets the rest from the server that comes after.
func TestStopLetsAnswersEnd(t *testing.T) {
	s := newStoppable(t)
	events, turn := s.stream(t)
	plain := make(chan reply, 1)
	go func() { plain <- askOver(t.Context(), http.DefaultClient, s.url, rentQuestion) }()
	eventually(t, "both answers are asked for", func() bool { return s.model.Running() == 2 })

	s.terminate(t)
	if text := body(t, events); !strings.HasSuffix(text, "\n\n") || !strings.Contains(text, "retry: ") || strings.Contains(text, "event: done") {
		t.Errorf("the stream of events goes on with %q", text)
	}
	if r := askOver(t.Context(), http.DefaultClient, s.url, rentQuestion); r.status != http.StatusServiceUnavailable {
		t.Errorf("a new question: %v", r)
	}
	s.release()
	if r := <-plain; r.err != nil || r.status != http.StatusOK || !r.answer.Generated || !strings.Contains(r.answer.Text, "900元") {
		t.Errorf("the running answer: %v", r)
	}
	if err := s.wait(); err != nil {
		t.Errorf("the process ends with %v\n%s", err, s.log)
	}
	s.start()
	text := body(t, s.request(t, http.MethodGet, turn+"?after=1", ""))
	if strings.Contains(text, "id: 1\n") || !strings.Contains(text, "event: done") || !strings.Contains(text, "900元") {
		t.Errorf("the rest of the stream: %q", text)
	}
}

// TestSecondSignalEndsAtOnce tells a server twice to stop while an answer runs. The one that comes after ends the
// turn.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	s := newStoppable(t)
	_, turn := s.stream(t)
	eventually(t, "the answer is asked for", func() bool { return s.model.Running() == 1 })
	s.terminate(t)
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	err := s.wait()
	end, ok := errors.AsType[*exec.ExitError](err)
	if !ok || end.ExitCode() != exitFailure || time.Since(begun) > 10*time.Second {
		t.Errorf("after %v the process ends with %v", time.Since(begun), err)
	}
	s.start()
	text := body(t, s.request(t, http.MethodGet, turn+"?after=1", ""))
	if strings.Count(text, "event: ") != 1 || !strings.Contains(text, `"code":"interrupted"`) {
		t.Errorf("the rest of the turn: %q", text)
	}
}

// TestStopWaitsForNoSlowClient tells a server to stop while a client dawdles over its question: the process ends well
// all the same.
func TestStopWaitsForNoSlowClient(t *testing.T) {
	s := newStoppable(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const begin = "POST /v1/ask HTTP/1.1\r\nHost: xiaoyue\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n"
	if _, err := io.WriteString(conn, begin); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(conn).ReadString('\n'); !strings.Contains(line, " 100 ") {
		t.Fatalf("the question is not waited for: %q, %v", line, err)
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if err := s.wait(); err != nil || time.Since(begun) > shutdownTimeout+10*time.Second {
		t.Errorf("after %v the process ends with %v\n%s", time.Since(begun), err, s.log)
	}
}
