package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"xiaoyue/inference"
	"xiaoyue/inference/modeltest"
	"xiaoyue/kb"
	"xiaoyue/retrieval/pgvector"
)

// embeddingServer is an OpenAI-compatible server whose model embeds by pairs of characters, into so many
// dimensions, after a pause for every text.
func embeddingServer(t *testing.T, name string, dimension int, pace time.Duration) server {
	t.Helper()
	model := &modeltest.Bigrams{Label: name, Pace: pace}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodGet {
			fmt.Fprintf(w, `{"object":"list","data":[{"id":%q,"object":"model"}]}`, name)
			return
		}
		var asked struct {
			Input []string `json:"input"`
		}
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		vectors, err := model.Embed(r.Context(), asked.Input, inference.EmbedPassage)
		if err != nil {
			return // the caller left
		}
		type datum struct {
			Index     int       `json:"index"`
			Embedding []float32 `json:"embedding"`
		}
		var reply struct {
			Data []datum `json:"data"`
		}
		for i, v := range vectors {
			reply.Data = append(reply.Data, datum{i, v[:dimension]})
		}
		json.NewEncoder(w).Encode(reply)
	}))
	t.Cleanup(web.Close)
	return server{OpenAI: web.URL + "/v1", Model: name}
}

// postgres returns the PostgreSQL of the tests, with a schema of its own for the catalog and a name for
// that of the index.
func postgres(t *testing.T) (dsn, schema string) {
	t.Helper()
	dsn = os.Getenv("XIAOYUE_TEST_POSTGRES")
	if dsn == "" && os.Getenv("CI") != "" && !testing.Short() {
		t.Fatal("XIAOYUE_TEST_POSTGRES is not set: run the tests under .ci/with-postgres.sh")
	}
	if dsn == "" {
		t.Skip("XIAOYUE_TEST_POSTGRES is not set: the index in PostgreSQL is not tested")
	}
	schema = fmt.Sprintf("t%d", time.Now().UnixNano())
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec("drop schema if exists " + schema + " cascade"); err != nil {
			t.Error(err)
		}
		db.Close()
	})
	db.SetMaxOpenConns(1)
	for _, q := range []string{"select pg_advisory_lock(7)", "create extension if not exists vector", "select pg_advisory_unlock(7)"} {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	return dsn, schema
}

// indexOfServer is a configuration whose index is in PostgreSQL.
func indexOfServer(dsn, schema string) indexConfig {
	return indexConfig{Store: storePgvector, Pgvector: pgvectorConfig{Postgres: dsn, Schema: schema}}
}

// running runs what keeps an engine's index in step until the test ends or stop is called.
func running(t *testing.T, e *engine) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	wait.Go(func() { e.place.Run(ctx) })
	wait.Go(func() { e.keepIndexed(ctx, terminal{nil, io.Discard, io.Discard}) })
	stop = func() { cancel(); wait.Wait() }
	t.Cleanup(stop)
	return stop
}

// openedEngine opens an engine that may write.
func openedEngine(t *testing.T, conf config) *engine {
	t.Helper()
	e, _ := modelEngine(t, conf)
	return e
}

// TestAnotherModelBehindTheService changes the embedding model under load: every answer is right, and no
// question ever meets vectors of the other model. With the model before still at hand nothing is degraded.
func TestAnotherModelBehindTheService(t *testing.T) {
	for _, place := range []string{storeEmbedded, storePgvector} {
		for _, former := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, former model at hand %v", place, former), func(t *testing.T) {
				index := indexConfig{Store: storeEmbedded}
				if place == storePgvector {
					index = indexOfServer(postgres(t))
				}
				one, two := embeddingServer(t, "one", 256, 0), embeddingServer(t, "two", 128, 50*time.Millisecond)
				conf := modelFolderAt(t, servers{Embed: []server{one}}, index)
				conf.Servers = servers{Embed: []server{two}}
				if former {
					conf.Servers.Former = []server{one}
				}
				e, log := modelEngine(t, conf)
				changeUnderLoad(t, e, log, former)
			})
		}
	}
}

func changeUnderLoad(t *testing.T, e *engine, log *journal, former bool) {
	t.Helper()
	running(t, e)
	before, deadline := 0, time.Now().Add(20*time.Second)
	for {
		stamp, err := e.place.Current()
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("in use: %+v, %v\n%s", stamp, err, log)
		}
		answer, _ := mustAnswer(t, e, "a")
		changed := strings.HasPrefix(stamp.Embedder, "two@")
		degraded := slices.Contains(answer.Degraded, kb.PartEmbed)
		if len(answer.Degraded) > 0 && (!degraded || former || changed) {
			t.Fatalf("degraded %q with version %s in use", answer.Degraded, stamp.Embedder)
		}
		if changed {
			break
		}
		before++
	}
	if before == 0 {
		t.Error("the version was changed before the first question")
	}
}

// TestIndexMoves copies an index with its vectors to PostgreSQL and back while a server goes on with it.
func TestIndexMoves(t *testing.T) {
	index := indexOfServer(postgres(t))
	index.Store = storeEmbedded
	one := embeddingServer(t, "one", 256, 0)
	conf := modelFolderAt(t, servers{Embed: []server{one}}, index)
	e := openedEngine(t, conf)
	stop := running(t, e)
	out := &strings.Builder{}
	tty := terminal{nil, out, io.Discard}
	for range 2 { // the second time does nothing
		if err := conf.copyIndex(t.Context(), storePgvector, tty); err != nil {
			t.Fatalf("copy: %v\n%s", err, out)
		}
	}
	if !strings.Contains(out.String(), "100%") || !strings.Contains(out.String(), "index.store: pgvector") {
		t.Errorf("copying said %s", out)
	}
	mustAnswer(t, e, "a")
	stop()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	moved := conf
	moved.Index.Store = storePgvector
	e = openedEngine(t, moved)
	if answer, record := mustAnswer(t, e, "b"); len(answer.Degraded) > 0 || !strings.Contains(record.Stamp, "one@") {
		t.Errorf("after the move: degraded %q, stamp %s", answer.Degraded, record.Stamp)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if err := conf.listIndexes(t.Context(), tty); err != nil || strings.Count(out.String(), "使用中") != 2 {
		t.Errorf("list: %v\n%s", err, out)
	}
	if err := moved.copyIndex(t.Context(), storeEmbedded, tty); err != nil {
		t.Fatalf("copy back: %v", err)
	}
}

// TestIndexGone takes the server of the index away under load and brings it back: questions go on from the
// catalog and say so, and soon after it is back everything is as before.
func TestIndexGone(t *testing.T) {
	dsn, schema := postgres(t)
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	plug := newPlug(t, u.Host)
	u.Host = plug.address
	conf := modelFolderAt(t, servers{Embed: []server{embeddingServer(t, "one", 256, 0)}}, indexOfServer(u.String(), schema))
	e := openedEngine(t, conf)
	running(t, e)
	mustAnswer(t, e, "a")
	before := runtime.NumGoroutine()
	gone := 5 * time.Second
	if os.Getenv("XIAOYUE_FULL") != "" {
		gone = 30 * time.Second
	}
	plug.out()
	slowest := time.Duration(0)
	for until := time.Now().Add(gone); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		began := time.Now()
		turn := kb.Turn{Caller: kb.Caller{Tenant: kb.DefaultTenant}, Conversation: "a", Question: rentQuestion}
		answer, _, err := e.guide.Answer(t.Context(), turn, nil)
		if err != nil || !slices.Contains(answer.Degraded, kb.PartIndex) {
			t.Fatalf("without the index: %v, degraded %q, outcome %s", err, answer.Degraded, answer.Outcome)
		}
		slowest = max(slowest, time.Since(began))
	}
	if slowest > 4*time.Second {
		t.Errorf("a question waited %v for a dead server", slowest)
	}
	plug.in()
	straight := connects(t, dsn, schema)
	for back := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		turn := kb.Turn{Caller: kb.Caller{Tenant: kb.DefaultTenant}, Conversation: "a", Question: rentQuestion}
		answer, _, err := e.guide.Answer(t.Context(), turn, nil)
		if err == nil && len(answer.Degraded) == 0 {
			break
		}
		if time.Since(back) > 5*time.Second {
			t.Fatalf("5 s after a search sent straight to the server succeeds: %v, degraded %q", err, answer.Degraded)
		}
	}
	straight()
	time.Sleep(500 * time.Millisecond)
	if after := runtime.NumGoroutine(); after > before+15 {
		t.Errorf("%d goroutines, %d before the server went", after, before)
	}
}

// connects opens the store straight and returns what closes it.
func connects(t *testing.T, dsn, schema string) func() {
	t.Helper()
	s, err := pgvector.Open(t.Context(), pgvector.Options{DSN: dsn, Schema: schema})
	if err != nil {
		t.Fatal(err)
	}
	return func() { s.Close() }
}

// plug stands before a server and can be pulled out: what is connected breaks, what comes is refused.
type plug struct {
	t       *testing.T
	server  string
	address string

	mu       sync.Mutex // guards the rest
	listener net.Listener
	open     []net.Conn
}

func newPlug(t *testing.T, server string) *plug {
	p := &plug{t: t, server: server, address: reserve(t)}
	p.in()
	t.Cleanup(p.out)
	return p
}

func (p *plug) in() {
	p.t.Helper()
	listener, err := net.Listen("tcp", p.address)
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	p.listener = listener
	p.mu.Unlock()
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go p.carry(client)
		}
	}()
}

func (p *plug) carry(client net.Conn) {
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		client.Close()
		return
	}
	p.mu.Lock()
	p.open = append(p.open, client, server)
	p.mu.Unlock()
	go func() {
		io.Copy(server, client)
		server.Close()
	}()
	io.Copy(client, server)
	client.Close()
}

func (p *plug) out() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listener.Close()
	for _, c := range p.open {
		c.Close()
	}
	p.open = nil
}
