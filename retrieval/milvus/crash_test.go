package milvus

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"xiaoyue/retrieval"
)

// TestKilled kills the server while passages are put and deleted and the version in use is swapped, starts it
// again, and looks for every write that was acknowledged, through the client that was there before. What was
// under way is delivered again, as jobs are, and then all is as a model says. XIAOYUE_ROUNDS says how often;
// a start takes half a minute.
func TestKilled(t *testing.T) {
	t.Parallel()
	server := ownServer(t)
	s := openStore(t, Options{Address: server.address(), Words: newFolders(t), Timeout: 3 * time.Second})
	a, b := testStamp(8), testStamp(16)
	for _, stamp := range []retrieval.Stamp{a, b} {
		v, err := s.Create(t.Context(), stamp)
		if err != nil {
			t.Fatal(err)
		}
		defer v.Close()
	}
	if err := s.Use(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	v, err := s.Open(t.Context(), retrieval.Stamp{})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	rounds, _ := strconv.Atoi(os.Getenv("XIAOYUE_ROUNDS"))
	h := &history{t: t, store: s, version: v, rand: rand.New(rand.NewPCG(5, 5)), stamps: []retrieval.Stamp{a, b}}
	for round := range max(1, rounds) {
		h.work(func() { server.kill() })
		h.fast()
		server.start()
		took := server.until(2*time.Minute, "a search succeeds", func(ctx context.Context) error {
			_, err := v.Search(ctx, question(8))
			if err != nil && !errors.Is(err, retrieval.ErrDown) {
				t.Errorf("search while the server starts: %v, want %v", err, retrieval.ErrDown)
			}
			return err
		})
		h.check()
		t.Logf("round %d: %d passages, %d operations acknowledged; searched %s after health", round+1, len(h.held()), h.acknowledged, took.Round(100*time.Millisecond))
	}
}

// history is what was done to a version.
type history struct {
	t       *testing.T
	store   *Store
	version retrieval.Version
	stamps  []retrieval.Stamp
	rand    *rand.Rand

	mu           sync.Mutex
	workers      [3]worker
	acknowledged int
}

// worker owns its passages; value 0 means deleted.
type worker struct {
	values  map[string]int
	pending map[string]int // under way when the server was killed
	inUse   int            // place in stamps, and of the swap under way
	next    int
}

// work lets workers write until the server was killed in the middle of it.
func (h *history) work(kill func()) {
	h.t.Helper()
	var wait sync.WaitGroup
	for i := range h.workers {
		r := rand.New(rand.NewPCG(uint64(i), h.rand.Uint64()))
		wait.Go(func() { h.write(i, r) })
	}
	time.Sleep(time.Second + time.Duration(h.rand.IntN(1000))*time.Millisecond) // any moment will do
	kill()
	wait.Wait()
}

func (h *history) write(n int, r *rand.Rand) {
	w := &h.workers[n]
	if w.values == nil {
		w.values = map[string]int{}
	}
	for step := 0; ; step++ {
		var err error
		if n == 2 {
			w.next = 1 - w.inUse
			if err = h.store.Use(h.t.Context(), h.stamps[w.next]); err == nil {
				w.inUse = w.next
			}
		} else {
			err = h.change(n, w, r)
		}
		if err != nil {
			if !errors.Is(err, retrieval.ErrDown) {
				h.t.Errorf("worker %d: %v, want %v", n, err, retrieval.ErrDown)
			}
			return
		}
		h.mu.Lock()
		h.acknowledged++
		h.mu.Unlock()
	}
}

// change puts or deletes a few passages.
func (h *history) change(n int, w *worker, r *rand.Rand) error {
	w.pending = map[string]int{}
	remove := r.IntN(3) == 0
	for range 1 + r.IntN(60) {
		id := fmt.Sprintf("%d-%03d", n, r.IntN(300))
		if w.pending[id] = 1 + r.IntN(7); remove {
			w.pending[id] = 0
		}
	}
	if err := apply(h.t.Context(), h.version, w.pending); err != nil {
		return err
	}
	for id, value := range w.pending {
		w.values[id] = value
	}
	w.pending = nil
	return nil
}

// apply writes values; those of one call are all deletions or none is.
func apply(ctx context.Context, v retrieval.Version, values map[string]int) error {
	var entries []retrieval.Entry
	var gone []string
	for id, value := range values {
		if value == 0 {
			gone = append(gone, id)
			continue
		}
		entries = append(entries, passage(id, fmt.Sprintf("查询 v%d", value), direction(value)))
	}
	if len(gone) > 0 {
		return v.Delete(ctx, gone)
	}
	return v.Put(ctx, entries)
}

func direction(value int) []float32 {
	v := make([]float32, 8)
	v[value] = 1
	return v
}

// fast checks that a call to a dead server ends at once and says why.
func (h *history) fast() {
	h.t.Helper()
	began := time.Now()
	_, err := h.version.Search(h.t.Context(), question(8))
	if took := time.Since(began); !errors.Is(err, retrieval.ErrDown) || took > 2*time.Second {
		h.t.Errorf("search without server: %v after %s, want %v at once", err, took, retrieval.ErrDown)
	}
}

// check looks for what was acknowledged, delivers again what was not, and looks again.
func (h *history) check() {
	h.t.Helper()
	swap := &h.workers[2]
	_, m, err := h.store.inUse(h.t.Context())
	if at := slices.Index(h.stamps, m.Stamp); err != nil || at != swap.inUse && at != swap.next {
		h.t.Fatalf("in use is %v, %v; want %v", m.Stamp, err, h.stamps[swap.inUse])
	} else {
		swap.inUse = at
	}
	h.compare(true)
	for i := range h.workers {
		w := &h.workers[i]
		if len(w.pending) == 0 {
			continue
		}
		if err := apply(h.t.Context(), h.version, w.pending); err != nil {
			h.t.Fatalf("delivered again: %v", err)
		}
		for id, value := range w.pending {
			w.values[id] = value
		}
		w.pending = nil
	}
	h.compare(false)
	held := h.held()
	stats, err := h.version.Stats(h.t.Context())
	if err != nil || stats.Passages != len(held) || stats.Vectors != len(held) {
		h.t.Errorf("%+v, %v; want %d passages", stats, err, len(held))
	}
	if _, words, err := h.version.Frequencies(h.t.Context(), nil); err != nil || words != len(held) {
		h.t.Errorf("%d passages with words, %v; want %d", words, err, len(held))
	}
}

// held are the passages that should be there.
func (h *history) held() (ids []string) {
	for i := range h.workers {
		for id, value := range h.workers[i].values {
			if value != 0 {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// compare reads every passage; those under way may be as before or as after.
func (h *history) compare(underWay bool) {
	h.t.Helper()
	for i := range h.workers {
		w := &h.workers[i]
		ids := make([]string, 0, len(w.values))
		for id := range w.values {
			ids = append(ids, id)
		}
		got, err := h.version.Vectors(h.t.Context(), ids)
		if err != nil {
			h.t.Fatal(err)
		}
		for j, id := range ids {
			value := slices.Index(got[j], 1) // -1: not there
			after, doubtful := w.pending[id]
			if value == max(w.values[id], 0) || value == -1 && w.values[id] == 0 ||
				underWay && doubtful && (value == after || value == -1 && after == 0) {
				continue
			}
			h.t.Errorf("%s has value %d, acknowledged was %d", id, value, w.values[id])
		}
	}
}
