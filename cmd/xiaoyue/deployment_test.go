package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"xiaoyue/inference"
	"xiaoyue/inference/modeltest"
	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// patience is how long a test waits for what other processes do on a busy machine.
const patience = time.Minute

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// replica is a serve in a process of its own.
type replica struct {
	t    *testing.T
	url  string
	log  *journal
	file string // its configuration
	cmd  *exec.Cmd
}

// newReplica writes the configuration of a replica and starts it.
func newReplica(t *testing.T, conf config) *replica {
	t.Helper()
	conf.Listen = reserve(t)
	raw, err := yaml.Marshal(conf)
	if err != nil {
		t.Fatal(err)
	}
	r := &replica{t: t, url: "http://" + conf.Listen, log: &journal{}, file: filepath.Join(t.TempDir(), "config.yaml")}
	if err := os.WriteFile(r.file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	r.start()
	t.Cleanup(func() { r.end(syscall.SIGKILL) })
	return r
}

// start starts the process and waits until it serves.
func (r *replica) start() {
	r.t.Helper()
	r.cmd = exec.Command(os.Args[0], "serve", "--config", r.file, "--models", r.t.TempDir())
	r.cmd.Env = append(os.Environ(), asProgram+"=1")
	r.cmd.Stdout, r.cmd.Stderr = r.log, r.log
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	began := time.Now()
	for time.Since(began) < patience {
		reply, err := http.Get(r.url + "/healthz")
		if err == nil {
			reply.Body.Close()
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	r.t.Fatalf("serve does not come up:\n%s", r.log)
}

// end ends the process with a signal and waits for it. Asked to end, it ends well.
func (r *replica) end(s syscall.Signal) {
	if r.cmd == nil {
		return
	}
	_ = r.cmd.Process.Signal(s)
	if err := r.cmd.Wait(); err != nil && s == syscall.SIGTERM {
		r.t.Errorf("serve that was asked to end: %v\n%s", err, r.log)
	}
	r.cmd = nil
}

// reply is what a citizen gets for a question.
type reply struct {
	answer kb.Answer
	status int
	err    error // of the connection
	took   time.Duration
	asked  time.Time
}

func (r reply) lacks(part string) bool { return slices.Contains(r.answer.Degraded, part) }

func (r reply) String() string {
	return fmt.Sprintf("status %d, %v after %v: %s, mode %s, degraded %q, %.60q", r.status, r.err, r.took,
		r.answer.Outcome, r.answer.Mode, r.answer.Degraded, r.answer.Text)
}

// askOver asks over HTTP.
func askOver(ctx context.Context, client *http.Client, address, question string) (r reply) {
	r.asked = time.Now()
	defer func() { r.took = time.Since(r.asked) }()
	body, _ := json.Marshal(map[string]string{"question": question}) // of two strings: cannot fail
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/v1/ask", bytes.NewReader(body))
	if err != nil {
		r.err = err
		return r
	}
	req.Header.Set("Content-Type", "application/json")
	got, err := client.Do(req)
	if err != nil {
		r.err = err
		return r
	}
	defer got.Body.Close()
	r.status = got.StatusCode
	r.err = json.NewDecoder(got.Body).Decode(&r.answer)
	return r
}

// crowd asks over HTTP without a pause until it is stopped.
type crowd struct {
	client  *http.Client
	cancel  context.CancelFunc
	wait    sync.WaitGroup
	replies atomic.Int64
}

// newCrowd lets each question be asked by one asker, and everything that is answered judged by judge,
// which is called concurrently.
func newCrowd(t *testing.T, address string, questions []string, judge func(question string, r reply)) *crowd {
	ctx, cancel := context.WithCancel(t.Context())
	c := &crowd{client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: len(questions)}}, cancel: cancel}
	for _, question := range questions {
		c.wait.Go(func() {
			for ctx.Err() == nil {
				r := askOver(ctx, c.client, address, question)
				if ctx.Err() == nil {
					judge(question, r)
					c.replies.Add(1)
				}
				time.Sleep(20 * time.Millisecond) // a crowd on two cores, not a flood
			}
		})
	}
	t.Cleanup(c.stop)
	return c
}

func (c *crowd) stop() {
	c.cancel()
	c.wait.Wait()
	c.client.CloseIdleConnections()
}

// hits searches a replica and returns the titles that it finds.
func (r *replica) hits(question string) (titles []string) {
	reply, err := http.Get(r.url + "/v1/search?q=" + url.QueryEscape(question))
	if err != nil {
		return nil
	}
	defer reply.Body.Close()
	var found struct{ Hits []retrieval.Row }
	if json.NewDecoder(io.LimitReader(reply.Body, 1<<20)).Decode(&found) != nil {
		return nil
	}
	for _, h := range found.Hits {
		titles = append(titles, h.Title)
	}
	return titles
}

// embedding is a server with an embedding model that tells the vectors of passages, which the index is
// made of, from those of questions.
type embedding struct {
	server
	passages atomic.Int64 // embedded so far
	running  atomic.Int64 // requests for passages now
	first    atomic.Int64 // time of the first passage, in Unix nanoseconds
}

// newEmbedding serves a model of that name with so many dimensions, which takes its time for passages.
func newEmbedding(t *testing.T, name string, dimension int, pace time.Duration) *embedding {
	t.Helper()
	e := &embedding{}
	script := &modeltest.Server{Embedder: watched{narrow{&modeltest.Bigrams{Label: name}, dimension}, e, pace}}
	web := httptest.NewServer(script)
	t.Cleanup(web.Close)
	e.server = server{OpenAI: web.URL + "/v1", Model: name}
	return e
}

// narrow cuts vectors to a dimension.
type narrow struct {
	inference.Embedder
	dimension int
}

// Info implements inference.Embedder.
func (n narrow) Info() inference.EmbedderInfo {
	info := n.Embedder.Info()
	info.Dimension = n.dimension
	return info
}

// Embed implements inference.Embedder.
func (n narrow) Embed(ctx context.Context, texts []string, kind inference.EmbedKind) ([][]float32, error) {
	vectors, err := n.Embedder.Embed(ctx, texts, kind)
	for i := range vectors {
		vectors[i] = vectors[i][:n.dimension]
	}
	return vectors, err
}

// watched counts the texts that are passages of notices.
type watched struct {
	inference.Embedder
	seen *embedding
	pace time.Duration
}

// Embed implements inference.Embedder.
func (w watched) Embed(ctx context.Context, texts []string, kind inference.EmbedKind) ([][]float32, error) {
	if slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, "有关单位应当执行") }) {
		w.seen.first.CompareAndSwap(0, time.Now().UnixNano())
		w.seen.running.Add(1)
		defer w.seen.running.Add(-1)
		defer w.seen.passages.Add(int64(len(texts)))
		select {
		case <-time.After(w.pace * time.Duration(len(texts))):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return w.Embedder.Embed(ctx, texts, kind)
}
