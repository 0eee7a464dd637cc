package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"xiaoyue/inference"
	"xiaoyue/inference/modeltest"
	"xiaoyue/kb"
)

// ollamaServer is a real Ollama of the test's own, that can be killed and started again at its address.
type ollamaServer struct {
	t       *testing.T
	address string // HOST:PORT

	mu  sync.Mutex // a relay kills it, and the test's end
	cmd *exec.Cmd
}

// startOllama starts the Ollama that .ci/models.sh made ready, over the models of .ci/with-models.sh.
func startOllama(t *testing.T) *ollamaServer {
	t.Helper()
	if os.Getenv("XIAOYUE_TEST_OLLAMA_BIN") == "" {
		if os.Getenv("CI") != "" && !testing.Short() {
			t.Fatal("XIAOYUE_TEST_OLLAMA_BIN is not set: run the tests under .ci/with-models.sh")
		}
		t.Skip("no Ollama of the test's own; make test brings one")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &ollamaServer{t: t, address: listener.Addr().String()}
	listener.Close()
	s.start()
	t.Cleanup(s.kill)
	return s
}

func (s *ollamaServer) start() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cmd = exec.Command(os.Getenv("XIAOYUE_TEST_OLLAMA_BIN"), "serve")
	s.cmd.Env = append(os.Environ(), "OLLAMA_HOST="+s.address, "OLLAMA_MODELS="+os.Getenv("XIAOYUE_TEST_OLLAMA_MODELS"),
		"OLLAMA_NUM_PARALLEL=1", "HOME="+s.t.TempDir())
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		reply, err := http.Get("http://" + s.address + "/api/version")
		if err == nil {
			reply.Body.Close()
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("Ollama does not answer at %s: %v", s.address, err)
		}
	}
}

// kill ends the server as a crash would; its runner ends when the server's pipe does.
func (s *ollamaServer) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return
	}
	s.cmd.Process.Kill()
	s.cmd.Wait()
	s.cmd = nil
}

// relay stands between the engine and a server, so that a test can act in the middle of an answer. It
// calls cut, once, when the server has been asked for the words in sent, or has said those in said.
type relay struct {
	server     string
	sent, said string // one of them; the other is empty
	cut        func()
}

// listen serves connections until the test ends and returns the relay's address.
func (r relay) listen(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	r.cut = sync.OnceFunc(r.cut)
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go r.serve(client)
		}
	}()
	return listener.Addr().String()
}

func (r relay) serve(client net.Conn) {
	defer client.Close()
	upstream, err := net.Dial("tcp", r.server)
	if err != nil {
		return
	}
	defer upstream.Close()
	go r.pass(upstream, client, r.sent)
	r.pass(client, upstream, r.said)
}

// pass copies what one side says to the other.
func (r relay) pass(to io.Writer, from io.Reader, words string) {
	chunk := make([]byte, 4096)
	for {
		n, err := from.Read(chunk)
		if _, failed := to.Write(chunk[:n]); failed != nil || err != nil {
			return
		}
		if words != "" && bytes.Contains(chunk[:n], []byte(words)) {
			r.cut()
		}
	}
}

// journal is a log that a test reads while others write it.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// rentQuestion is answered from one sentence of rentRule.
const (
	rentQuestion = "硕士租房补贴每月多少？"
	rentRule     = "# 租房补贴办法\n\n第一条 在本市工作的硕士研究生，每月发放租房补贴900元。\n\n第二条 在本市工作的博士研究生，每月发放租房补贴1500元。\n"
)

// modelFolder makes a data folder with the rule in it, indexed by the servers of a test.
func modelFolder(t *testing.T, s servers) config {
	t.Helper()
	return modelFolderAt(t, s, indexConfig{Store: storeEmbedded})
}

func modelFolderAt(t *testing.T, s servers, index indexConfig) config {
	t.Helper()
	source := t.TempDir()
	if err := os.WriteFile(filepath.Join(source, "rule.md"), []byte(rentRule), 0o600); err != nil {
		t.Fatal(err)
	}
	conf := config{Data: filepath.Join(t.TempDir(), "data"), Models: t.TempDir(), Log: "error", Servers: s, Index: index}
	tty := terminal{nil, io.Discard, io.Discard}
	e, err := conf.open(t.Context(), access{write: true}, tty)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if _, err := e.ingest(t.Context(), tty, ingestJob{paths: []string{source}, source: "s", quiet: true}); err != nil {
		t.Fatal(err)
	}
	if err := e.drain(t.Context(), tty); err != nil {
		t.Fatal(err)
	}
	return conf
}

// modelEngine opens the folder with a log that the test reads.
func modelEngine(t *testing.T, conf config) (*engine, *journal) {
	t.Helper()
	log := &journal{}
	conf.Log = "info"
	e, err := conf.open(t.Context(), access{write: true}, terminal{nil, io.Discard, log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e, log
}

// mustAnswer asks the engine and wants the answer of the rule, whatever has failed.
func mustAnswer(t *testing.T, e *engine, asker string) (kb.Answer, kb.Record) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	turn := kb.Turn{Caller: kb.Caller{Tenant: kb.DefaultTenant}, Conversation: asker, Question: rentQuestion}
	answer, record, err := e.guide.Answer(ctx, turn, nil)
	if err != nil {
		t.Errorf("answer: %v", err)
		return answer, record
	}
	if answer.Outcome != kb.Answered || !strings.Contains(answer.Text, "900") || strings.Contains(answer.Text, "1500") || len(answer.Citations) == 0 {
		t.Errorf("outcome %s, %d citations, text %q; want the 900 of the rule, cited", answer.Outcome, len(answer.Citations), answer.Text)
	}
	return answer, record
}

// wantDegraded wants a part named as failed, and a line of the log that names the cause.
func wantDegraded(t *testing.T, answer kb.Answer, log *journal, part, cause string) {
	t.Helper()
	if !slices.Contains(answer.Degraded, part) {
		t.Errorf("degraded %q, want %s among it", answer.Degraded, part)
	}
	if !strings.Contains(log.String(), cause) {
		t.Errorf("the log does not name the cause %q:\n%s", cause, log)
	}
}

// TestModelServerKilled kills Ollama while it works on an answer: the evidence itself follows in the
// same turn.
func TestModelServerKilled(t *testing.T) {
	ollama := startOllama(t)
	between := relay{server: ollama.address, sent: "POST /api/chat", cut: ollama.kill}.listen(t)
	conf := modelFolder(t, servers{Chat: []server{{Ollama: "http://" + between, Model: os.Getenv("XIAOYUE_TEST_OLLAMA_CHAT")}}})
	e, log := modelEngine(t, conf)
	answer, record := mustAnswer(t, e, "a")
	wantDegraded(t, answer, log, kb.PartChat, "unavailable")
	if len(record.Calls) == 0 || record.Calls[0].Fault == "" {
		t.Errorf("the record does not say what became of the call: %+v", record.Calls)
	}
}

// TestModelServerStartedAgain kills Ollama in the middle of its words and starts it again.
func TestModelServerStartedAgain(t *testing.T) {
	ollama := startOllama(t)
	between := relay{server: ollama.address, said: `"done":false`, cut: ollama.kill}.listen(t)
	e, log := modelEngine(t, modelFolder(t, servers{
		Chat:       []server{{Ollama: "http://" + between, Model: os.Getenv("XIAOYUE_TEST_OLLAMA_CHAT")}},
		FirstToken: time.Minute, Stall: time.Minute, Total: 2 * time.Minute, // two cores, busy with other tests
	}))
	if err := probe(t.Context(), e.chat); !errors.Is(err, inference.ErrUnavailable) {
		t.Errorf("killed in the middle of its words: %v; want ErrUnavailable\n%s", err, log)
	}
	ollama.start()
	if err := probe(t.Context(), e.chat); err != nil {
		t.Errorf("started again: %v\n%s", err, log)
	}
}

// TestModelNotThere names a model that the server does not have.
func TestModelNotThere(t *testing.T) {
	ollama := startOllama(t)
	e, log := modelEngine(t, modelFolder(t, servers{Chat: []server{{Ollama: "http://" + ollama.address, Model: "nowhere:7b"}}}))
	answer, _ := mustAnswer(t, e, "a")
	wantDegraded(t, answer, log, kb.PartChat, "nowhere:7b")
}

// TestEmbedderUnplugged takes the embedding server away, asks, opens the folder without it, and plugs
// it in again.
func TestEmbedderUnplugged(t *testing.T) {
	ollama := startOllama(t)
	conf := modelFolder(t, servers{Embed: []server{{Ollama: "http://" + ollama.address, Model: os.Getenv("XIAOYUE_TEST_OLLAMA_EMBED")}}})
	e, log := modelEngine(t, conf)
	if answer, _ := mustAnswer(t, e, "a"); len(answer.Degraded) > 0 || answer.Mode != kb.ModeExtractive {
		t.Fatalf("with its embedder the answer is %s, degraded %q", answer.Mode, answer.Degraded)
	}
	ollama.kill()
	answer, _ := mustAnswer(t, e, "a")
	wantDegraded(t, answer, log, kb.PartEmbed, "unavailable")
	if answer.Mode != kb.ModeLexical {
		t.Errorf("without its embedder the answer is %s", answer.Mode)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}

	e, log = modelEngine(t, conf)
	answer, _ = mustAnswer(t, e, "a")
	wantDegraded(t, answer, log, kb.PartEmbed, "no embedding model")
	ollama.start()
	for deadline := time.Now().Add(time.Minute); answer.Mode != kb.ModeExtractive; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the embedder is back, and the answer stays %s, degraded %q\n%s", answer.Mode, answer.Degraded, log)
		}
		answer, _ = mustAnswer(t, e, "a")
	}
}

// scriptedServer is a server with a model that says the rule's own sentence, and faults on demand.
func scriptedServer(t *testing.T, pace time.Duration) (*modeltest.Server, server) {
	t.Helper()
	s := &modeltest.Server{Chat: &modeltest.Scripted{
		Label: "honest", Pace: pace,
		Reply: func(inference.ChatRequest) string {
			return "在本市工作的硕士研究生，每月发放租房补贴900元[1]。"
		},
	}}
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	return s, server{OpenAI: web.URL, Model: "honest"}
}

// TestScriptedFaults lets a server fail in the ways that a real one does not on demand: each time the
// evidence itself follows in the same turn, and the log names the cause.
func TestScriptedFaults(t *testing.T) {
	script, one := scriptedServer(t, 0)
	e, log := modelEngine(t, modelFolder(t, servers{Chat: []server{one}, FirstToken: 300 * time.Millisecond, Stall: 300 * time.Millisecond}))
	answer, _ := mustAnswer(t, e, "a")
	if answer.Mode != kb.ModeFull && answer.Mode != kb.ModeLexical || !answer.Generated || len(answer.Degraded) > 0 {
		t.Fatalf("a healthy server: mode %s, generated %v, degraded %q\n%s", answer.Mode, answer.Generated, answer.Degraded, log)
	}
	for _, tt := range []struct {
		name  string
		fault modeltest.Fault
		cause string
	}{
		{"stalled stream", modeltest.Fault{Tokens: 3, Then: modeltest.Stall}, "no token for 300ms"},
		{"slow first token", modeltest.Fault{Silence: time.Minute}, "no first token within 300ms"},
		{"early end", modeltest.Fault{Tokens: 3, Then: modeltest.EarlyEnd}, "unavailable"},
		{"page of a gateway", modeltest.Fault{Then: modeltest.Page}, "malformed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			script.Meet(tt.fault)
			answer, _ := mustAnswer(t, e, "a")
			wantDegraded(t, answer, log, kb.PartChat, tt.cause)
			if answer, _ := mustAnswer(t, e, "a"); len(answer.Degraded) > 0 {
				t.Errorf("the server is well again, and the answer is degraded: %q", answer.Degraded)
			}
		})
	}
}

// TestFullQueue asks more at once than a slow server and its queue take: everybody gets the answer, those
// turned away from the evidence itself.
func TestFullQueue(t *testing.T) {
	_, one := scriptedServer(t, 20*time.Millisecond)
	e, log := modelEngine(t, modelFolder(t, servers{Chat: []server{one}, Parallel: 1, Queue: 1}))
	const askers = 6
	answers := make([]kb.Answer, askers)
	var wait sync.WaitGroup
	for i := range askers {
		wait.Go(func() { answers[i], _ = mustAnswer(t, e, fmt.Sprint(i)) })
	}
	wait.Wait()
	written := 0
	for _, a := range answers {
		if a.Generated {
			written++
			continue
		}
		wantDegraded(t, a, log, kb.PartChat, "overloaded")
	}
	if written == 0 || written == askers {
		t.Errorf("%d of %d answers were written by the model; want some, and some turned away", written, askers)
	}
}
