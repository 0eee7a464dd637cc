package web_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"xiaoyue/assistant/web"
	"xiaoyue/kb"
)

// The crowd: how many ask at once, and how many words each answer has.
const (
	crowd = 200
	words = 12
)

// oneModel is an answerer with one slow model behind it, which writes one word at a time for one
// asker at a time. It writes nothing until all have asked. A question that ends with … has no end.
type oneModel struct {
	asked atomic.Int32
	all   chan struct{}
	busy  chan struct{}
}

func (m *oneModel) Answer(ctx context.Context, turn kb.Turn, emit func(kb.Event) error) (kb.Answer, kb.Record, error) {
	if m.asked.Add(1) == crowd {
		close(m.all)
	}
	for _, word := range theWords(turn.Question) {
		if err := m.write(ctx); err != nil {
			return kb.Answer{}, kb.Record{}, err
		}
		if err := emit(kb.Event{Type: kb.EventDelta, Text: word}); err != nil {
			return kb.Answer{}, kb.Record{}, err
		}
	}
	if strings.HasSuffix(turn.Question, "…") {
		<-ctx.Done()
		return kb.Answer{}, kb.Record{}, ctx.Err()
	}
	a := kb.Answer{Outcome: kb.Answered, Text: strings.Join(theWords(turn.Question), ""), TraceID: turn.Conversation}
	return a, kb.Record{TraceID: a.TraceID, Turn: turn, Answer: a}, nil
}

// write waits for the model, and for the time that a word takes it.
func (m *oneModel) write(ctx context.Context) error {
	select {
	case <-m.all:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case m.busy <- struct{}{}:
		defer func() { <-m.busy }()
		runtime.Gosched()
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// theWords is the answer to a question: its own words and no other question's.
func theWords(question string) []string {
	all := make([]string, words)
	for i := range all {
		all[i] = fmt.Sprintf("%s·%d ", question, i)
	}
	return all
}

// TestCrowd has two hundred ask two replicas at once, by every way in, over connections that break and come
// back to either, some of whom stop their answers. Each hears all of its own words, once, in order, and no other's; afterwards nothing
// is left running, and memory stays bounded at the height of it.
func TestCrowd(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	calm := measure()
	model := &oneModel{all: make(chan struct{}), busy: make(chan struct{}, 1)}
	dir := t.TempDir()
	handlers, servers := [2]*web.Server{}, [2]*httptest.Server{}
	for i := range handlers {
		handlers[i], _ = newReplica(t, dir, model, nil)
		servers[i] = httptest.NewServer(handlers[i])
	}
	var wait sync.WaitGroup
	for i := range crowd {
		l := &listener{
			servers: servers, random: rand.New(rand.NewPCG(seed, uint64(i))),
			secret: fmt.Sprintf("the secret of listener %03d", i), question: fmt.Sprintf("问%03d", i),
			cancels: i%7 == 0 && i%5 < 3, breaks: i%2 == 0,
		}
		if l.cancels {
			l.question += "…"
		}
		way := []func(context.Context) error{l.bySocket, l.byEvents, l.bySocket, l.atOnce, l.asModel}[i%5]
		wait.Go(func() {
			if err := way(t.Context()); err != nil {
				t.Errorf("%s: %v", l.question, err)
			}
		})
	}
	<-model.all
	height := measure()
	wait.Wait()
	for i := range handlers {
		servers[i].Close()
		handlers[i].Close()
	}
	if perHead := (height.heap - calm.heap) / crowd; perHead > 256<<10 {
		t.Errorf("%d bytes a head at the height", perHead)
	}
	after := measure()
	for deadline := time.Now().Add(10 * time.Second); after.goroutines > calm.goroutines+10 && time.Now().Before(deadline); after = measure() {
		runtime.Gosched()
	}
	t.Logf("at the height %d goroutines and %d KiB a head; afterwards %d and %d KiB in all",
		(height.goroutines-calm.goroutines)/crowd, (height.heap-calm.heap)/crowd>>10, after.goroutines-calm.goroutines, (after.heap-calm.heap)>>10)
	if after.goroutines > calm.goroutines+10 || after.heap-calm.heap > 16<<20 {
		t.Errorf("left behind: %d goroutines, %d KiB", after.goroutines-calm.goroutines, (after.heap-calm.heap)>>10)
	}
}

// load is what the process holds.
type load struct{ goroutines, heap int }

func measure() load {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return load{runtime.NumGoroutine(), int(m.HeapAlloc)}
}
