package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"xiaoyue/kb"
)

// Questions on the sample: one is answered from the card of an item without a search, the other
// from a rule alone.
const (
	cardQuestion = "居住证办理需要什么材料？"
	ruleQuestion = "鉴湖区的租房补贴是多少？"
)

// slowest is the longest that a question may take while the place of the index dies: the deadline of one
// search, and small change on a busy machine.
const slowest = 3*time.Second + 2*time.Second

// unread is a terminal that nobody reads.
func unread() terminal { return terminal{strings.NewReader(""), io.Discard, io.Discard} }

// sampleAt makes a data folder of the sample whose index is in a PostgreSQL.
func sampleAt(t *testing.T, dsn string) config {
	t.Helper()
	return sampleIn(t, indexConfig{Store: storePgvector, Pgvector: pgvectorConfig{Postgres: dsn}})
}

// sampleIn makes a data folder of the sample.
func sampleIn(t *testing.T, index indexConfig) config {
	t.Helper()
	conf := config{
		Data: filepath.Join(t.TempDir(), "data"), Models: t.TempDir(), Log: "error",
		Servers: servers{Embed: []server{newEmbedding(t, "one", 256, 0).server}},
		Index:   index,
	}
	e, err := conf.open(t.Context(), access{write: true}, unread())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	err = e.loadSample(t.Context(), unread())
	if err == nil {
		err = e.drain(t.Context(), unread())
	}
	if err != nil && !away(err) { // without the server the catalog alone is filled
		t.Fatal(err)
	}
	return conf
}

// serveHere serves in this process until the test ends or stop is called, and returns the address.
func serveHere(t *testing.T, conf config) (address string, stop func()) {
	t.Helper()
	conf.Listen = reserve(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	out := &said{lines: make(chan string, 16)}
	go func() { ended <- conf.serve(ctx, terminal{strings.NewReader(""), out, io.Discard}, nil) }()
	stop = func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("serve ended with %v", err)
		}
		ended <- nil
	}
	t.Cleanup(stop)
	out.wait(t, "就绪")
	return "http://" + conf.Listen, stop
}

// mortal is a server of the index that a test holds, so that it answers nobody, kills and starts again.
type mortal interface {
	signal(syscall.Signal)
	kill()
	start()
	straight(context.Context) error // a search past everything of ours that remembers
	connections() int               // to the server; -1: it does not tell
}

// TestIndexServerDies holds the server of the index, then kills it, and starts it again, while citizens ask
// over HTTP: every answer comes in time and says what it rests on, soon after the server's return
// everything is as before, and nothing is left over.
func TestIndexServerDies(t *testing.T) {
	d := ownDatabase(t)
	d.start()
	held, dead := 2*time.Second, 4*time.Second
	if os.Getenv("XIAOYUE_FULL") != "" {
		held, dead = 10*time.Second, 20*time.Second
	}
	dies(t, d, sampleAt(t, d.dsn()), held, dead)
}

func dies(t *testing.T, server mortal, conf config, held, dead time.Duration) {
	t.Helper()
	address, _ := serveHere(t, conf)
	full := fullService(t, address)
	var goneSince, without atomic.Int64 // goneSince in Unix nanoseconds; 0: the server is there
	ask := func() *crowd {
		return newCrowd(t, address, []string{cardQuestion, ruleQuestion, cardQuestion, ruleQuestion}, func(q string, r reply) {
			gone := goneSince.Load()
			honest(t, q, r, gone > 0 && r.asked.UnixNano() > gone)
			if r.lacks(kb.PartIndex) {
				without.Add(1)
			}
		})
	}
	warm := ask()
	eventually(t, "a warm service", func() bool { return warm.replies.Load() > 40 })
	warm.stop()
	before, conns := runtime.NumGoroutine(), server.connections()

	askers := ask()
	server.signal(syscall.SIGSTOP)
	time.Sleep(slowest) // questions on their way may still be answered from the index
	goneSince.Store(time.Now().UnixNano())
	time.Sleep(held)
	server.kill()
	time.Sleep(dead)
	goneSince.Store(0)
	server.start()
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		fault := server.straight(t.Context())
		if fault == nil {
			break
		}
		if time.Since(began) > 3*patience {
			t.Fatalf("the server does not come back: %v", fault)
		}
	}
	back := time.Now()
	eventually(t, "full service", full)
	took := time.Since(back)
	if took > 5*time.Second {
		t.Errorf("full service %v after a search sent straight to the server, want at most 5s", took)
	}
	askers.stop()
	if without.Load() == 0 {
		t.Error("no answer was given without the index")
	}
	t.Logf("%d answers, %d without the index; full service %v after the server answered a search", askers.replies.Load(), without.Load(), took)
	http.DefaultClient.CloseIdleConnections()
	eventually(t, "no goroutine left over", func() bool { return runtime.NumGoroutine() <= before+2 })
	if after := server.connections(); after > max(conns, 16) {
		t.Errorf("%d connections to the server, %d before", after, conns)
	}
}

// fullService reports whether questions are answered from the index again, and checks that they are now.
func fullService(t *testing.T, address string) func() bool {
	t.Helper()
	full := func() bool {
		r := askOver(t.Context(), http.DefaultClient, address, ruleQuestion)
		return r.err == nil && r.status == http.StatusOK && r.answer.Outcome == kb.Answered && len(r.answer.Degraded) == 0
	}
	eventually(t, "full service at the beginning", full)
	return full
}

// honest wants an answer from what is there, in time, that says what is missing.
func honest(t *testing.T, question string, r reply, gone bool) {
	t.Helper()
	lacks := r.lacks(kb.PartIndex)
	switch {
	case r.err != nil || r.status != http.StatusOK || r.took > slowest:
		t.Errorf("%s: %v; want an answer within %v", question, r, slowest)
	case gone && !lacks && question == ruleQuestion:
		t.Errorf("%s: without the index: %v; want that said", question, r)
	case r.answer.Mode == kb.ModeCards && !lacks, lacks && r.answer.Mode != kb.ModeCards && r.answer.Mode != kb.ModeLexical:
		t.Errorf("%s: %v; want the mode of what the answer rests on", question, r)
	case question == ruleQuestion && r.answer.Mode == kb.ModeCards && (r.answer.Outcome != kb.Unavailable || len(r.answer.Citations) > 0):
		t.Errorf("%s: without the index: %v; want unavailable", question, r)
	case (question == cardQuestion || r.answer.Mode != kb.ModeCards) && r.answer.Outcome != kb.Answered:
		t.Errorf("%s: %v; want answered", question, r)
	}
}

// TestServeBeforeIndexServer starts serve while the server of the index is away: it answers from the
// catalog, makes the index once the server is there, and takes it up without a restart.
func TestServeBeforeIndexServer(t *testing.T) {
	d := ownDatabase(t)
	d.start()
	d.kill()
	conf := sampleAt(t, d.dsn()) // the catalog alone: nobody has seen the server yet
	began := time.Now()
	address, stop := serveHere(t, conf)
	if took := time.Since(began); took > lookTimeout+slowest {
		t.Errorf("serve came up after %v", took)
	}
	for _, question := range []string{cardQuestion, ruleQuestion} {
		honest(t, question, askOver(t.Context(), http.DefaultClient, address, question), true)
	}
	d.start()
	fullService(t, address)
	stop()
	d.kill() // and once more, over an index that is there
	address, _ = serveHere(t, conf)
	honest(t, ruleQuestion, askOver(t.Context(), http.DefaultClient, address, ruleQuestion), true)
	d.start()
	fullService(t, address)
}
