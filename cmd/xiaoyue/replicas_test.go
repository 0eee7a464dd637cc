package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"xiaoyue/kb"
	"xiaoyue/kb/catalog"
)

// pair is two replicas on one PostgreSQL. Each has an embedding server of its own with the same model, so
// that it shows which of them works on the index.
type pair struct {
	t        *testing.T
	conf     config // of the first
	replicas [2]*replica
	models   [2]*embedding
}

func newPair(t *testing.T, pace time.Duration) *pair {
	t.Helper()
	p := &pair{t: t}
	dsn := freshDatabase(t)
	for i := range p.replicas {
		p.models[i] = newEmbedding(t, "one", 256, pace)
		conf := config{
			Data: filepath.Join(t.TempDir(), "data"), Log: "info", Servers: servers{Embed: []server{p.models[i].server}},
			Catalog: catalogConfig{Postgres: dsn}, Index: indexConfig{Store: storePgvector},
		}
		if i == 0 {
			p.conf = conf
		}
		p.replicas[i] = newReplica(t, conf)
	}
	return p
}

// ingest stores notices of a round in the catalog, and leaves the index to the replicas.
func (p *pair) ingest(round int) {
	p.t.Helper()
	source := p.t.TempDir()
	writeNotices(p.t, source, round)
	conf := p.conf
	conf.Data, conf.Models, conf.Log = p.t.TempDir(), p.t.TempDir(), "error"
	if err := conf.ingest(p.t.Context(), unread(), ingestJob{paths: []string{source}, source: fmt.Sprintf("s%d", round), quiet: true}); err != nil {
		p.t.Fatal(err)
	}
}

// waiting is how many jobs wait for the index.
func (p *pair) waiting() int {
	p.t.Helper()
	queue, err := p.conf.queue(p.conf.Index.Store)
	if err != nil {
		p.t.Fatal(err)
	}
	c, err := catalog.Open(p.t.Context(), catalog.Options{DSN: p.conf.Catalog.Postgres, Queue: queue, ReadOnly: true})
	if err != nil {
		p.t.Fatal(err)
	}
	defer c.Close()
	n, err := c.Jobs(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

// leader is the replica that has embedded passages; the other has none.
func (p *pair) leader() int {
	p.t.Helper()
	eventually(p.t, "one of the replicas works on the index", func() bool {
		return p.models[0].passages.Load()+p.models[1].passages.Load() > 0
	})
	at := 0
	if p.models[1].passages.Load() > 0 {
		at = 1
	}
	if n := p.models[1-at].passages.Load(); n > 0 {
		p.t.Fatalf("both replicas work on the index: the second has embedded %d passages", n)
	}
	return at
}

// finds waits until a replica finds a notice of a round.
func (p *pair) finds(at, round int) {
	p.t.Helper()
	eventually(p.t, fmt.Sprintf("replica %d finds round %d\n%s", at, round, p.replicas[at].log), func() bool {
		return slices.ContainsFunc(p.replicas[at].hits(fmt.Sprintf("第3号通知 第%d版", round)), func(title string) bool {
			return strings.Contains(title, "第3号通知")
		})
	})
}

// TestReplicasShareAnIndex fills the catalog beside two replicas, kills the one that works on the index in
// the middle of it and wants the other to take over, and never both at work at once.
func TestReplicasShareAnIndex(t *testing.T) {
	p := newPair(t, 20*time.Millisecond)
	p.ingest(0)
	for at := range p.replicas {
		p.finds(at, 0)
	}
	first := p.leader()
	p.ingest(1)
	done := p.models[first].passages.Load()
	eventually(t, "the leader is in the middle of its work", func() bool {
		return p.models[first].passages.Load() > done && p.models[first].running.Load() > 0
	})
	other := 1 - first
	if n := p.models[other].passages.Load(); n > 0 {
		t.Errorf("beside the leader the other has embedded %d passages", n)
	}
	p.replicas[first].end(syscall.SIGKILL)
	killed := time.Now()
	eventually(t, "the other takes over", func() bool { return p.models[other].first.Load() > 0 })
	began := time.Unix(0, p.models[other].first.Load())
	if began.Before(killed.Add(-time.Second)) || began.Sub(killed) > 15*time.Second {
		t.Errorf("the other began %v after the leader was killed", began.Sub(killed))
	}
	p.finds(other, 1)
	eventually(t, "no job waits", func() bool { return p.waiting() == 0 })
	wantEmbedded(t, p.conf.Catalog.Postgres, 2*notices)

	// The one that comes back follows, and takes over in its turn.
	p.replicas[first].start()
	p.finds(first, 1)
	done = p.models[first].passages.Load()
	p.ingest(2)
	p.finds(first, 2)
	if n := p.models[first].passages.Load(); n > done {
		t.Errorf("the one that came back works on the index beside the leader: %d passages", n-done)
	}
	p.replicas[other].end(syscall.SIGTERM)
	p.ingest(3)
	p.finds(first, 3)
	eventually(t, "no job waits", func() bool { return p.waiting() == 0 })
}

// wantEmbedded wants at least so many passages in the version in use, each with its vector.
func wantEmbedded(t *testing.T, dsn string, least int) {
	t.Helper()
	var key string
	query(t, dsn, &key, "select key from xiaoyue_index.in_use")
	passages, vectors := 0, 0
	eventually(t, "every passage has its vector", func() bool {
		query(t, dsn, &passages, "select count(*) from xiaoyue_index.passages_"+key)
		query(t, dsn, &vectors, "select count(*) from xiaoyue_index.vectors_"+key)
		return passages >= least && passages == vectors
	})
}

// TestLeaderLosesItsConnection cuts the connection that holds the right to work on the index: one of the
// replicas gets it, and the work is done once.
func TestLeaderLosesItsConnection(t *testing.T) {
	p := newPair(t, 20*time.Millisecond)
	p.ingest(0)
	p.leader()
	for range 3 {
		execute(t, p.conf.Catalog.Postgres, `select pg_terminate_backend(pid) from pg_locks
			where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())`)
		done := p.models[0].passages.Load() + p.models[1].passages.Load()
		eventually(t, "the work goes on", func() bool { return p.models[0].passages.Load()+p.models[1].passages.Load() > done || p.waiting() == 0 })
	}
	for at := range p.replicas {
		p.finds(at, 0)
	}
	eventually(t, "no job waits", func() bool { return p.waiting() == 0 })
	wantEmbedded(t, p.conf.Catalog.Postgres, notices)
}

// TestSecondReplicaOfAFolder starts serve on a data folder that another process serves, where catalog and
// index are on servers: it is a replica, and is let.
func TestSecondReplicaOfAFolder(t *testing.T) {
	dsn := freshDatabase(t)
	conf := config{Data: filepath.Join(t.TempDir(), "data"), Log: "error",
		Catalog: catalogConfig{Postgres: dsn}, Index: indexConfig{Store: storePgvector}}
	for range 2 {
		r := newReplica(t, conf)
		defer r.end(syscall.SIGTERM)
	}
	if _, err := os.Stat(filepath.Join(conf.Data, "index")); err == nil {
		t.Error("a replica made an index of its own in the data folder")
	}
}

// TestRollingRestart restarts two replicas in turn while citizens read answers as events. They come back at
// the other replica, where they were, and read every event once: no answer is lost and no word comes twice.
func TestRollingRestart(t *testing.T) {
	_, chat := scriptedServer(t, 50*time.Millisecond)
	dsn, source := freshDatabase(t), t.TempDir()
	if err := os.WriteFile(filepath.Join(source, "rule.md"), []byte(rentRule), 0o600); err != nil {
		t.Fatal(err)
	}
	conf := config{
		Data: filepath.Join(t.TempDir(), "data"), Models: t.TempDir(), Log: "error", Servers: servers{Chat: []server{chat}, Parallel: 16},
		Catalog: catalogConfig{Postgres: dsn}, Index: indexConfig{Store: storePgvector},
	}
	if err := conf.ingest(t.Context(), unread(), ingestJob{paths: []string{source}, source: "s", quiet: true}); err != nil {
		t.Fatal(err)
	}
	replicas := []*replica{newReplica(t, conf), newReplica(t, conf)}
	ctx, stop := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	var whole, resumed atomic.Int64
	for i := range 6 {
		wait.Go(func() {
			for ctx.Err() == nil {
				reader := &follower{replicas: replicas, at: i, client: fmt.Sprintf("a-secret-of-one-citizen-%d", i)}
				if err := reader.read(t.Context()); err != nil {
					t.Errorf("reader %d: %v", i, err)
					return
				}
				whole.Add(1)
				if reader.broken > 0 {
					resumed.Add(1)
				}
			}
		})
	}
	for _, r := range replicas {
		done := whole.Load()
		eventually(t, "answers from both replicas", func() bool { return whole.Load() > done+6 })
		r.end(syscall.SIGTERM)
		r.start()
	}
	stop()
	wait.Wait()
	t.Logf("%d whole answers, %d of them read from both replicas", whole.Load(), resumed.Load())
	if resumed.Load() == 0 {
		t.Error("no reader was sent from one replica to the other")
	}
}

// follower reads one answer as events, from whichever replica there is.
type follower struct {
	replicas []*replica
	at       int    // of the replica to ask next
	client   string // the citizen's secret
	events   []kb.Event
	broken   int // how often it was sent away in the middle
}

// read asks and reads until the answer is whole, and checks that it is.
func (f *follower) read(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for len(f.events) == 0 || !f.events[len(f.events)-1].Final() {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("%w with %d events", err, len(f.events))
		}
		before := len(f.events)
		f.hear(ctx)
		if n := len(f.events); n > 0 && !f.events[n-1].Final() {
			f.broken++
		}
		if len(f.events) == before {
			time.Sleep(20 * time.Millisecond)
		}
		f.at++
	}
	for i, e := range f.events {
		if e.Seq != i+1 {
			return fmt.Errorf("event %d has number %d", i+1, e.Seq)
		}
	}
	last := f.events[len(f.events)-1]
	if last.Answer == nil || last.Answer.Outcome != kb.Answered || !strings.Contains(last.Answer.Text, "900") {
		return fmt.Errorf("answer ended with %s %s %+v", last.Type, last.Text, last.Answer)
	}
	return nil
}

// hear reads what one replica tells, until it breaks off.
func (f *follower) hear(ctx context.Context) {
	address := f.replicas[f.at%len(f.replicas)].url
	method, body := http.MethodPost, fmt.Sprintf(`{"question":%q}`, rentQuestion)
	if n := len(f.events); n > 0 {
		method, body = http.MethodGet, ""
		address += fmt.Sprintf("/v1/conversations/%s/turns/%d?after=%d", f.events[0].Conversation, f.events[0].Turn, f.events[n-1].Seq)
	} else {
		address += "/v1/ask"
	}
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return
	}
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Xiaoyue-Client", f.client)
	reply, err := http.DefaultClient.Do(req)
	if err != nil {
		return
	}
	defer reply.Body.Close()
	for lines := bufio.NewScanner(reply.Body); lines.Scan(); {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		var event kb.Event
		if ok && json.Unmarshal([]byte(data), &event) == nil {
			f.events = append(f.events, event)
		}
	}
}
