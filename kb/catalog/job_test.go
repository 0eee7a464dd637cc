package catalog_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/kb"
	"xiaoyue/kb/catalog"
)

var jobRules = []rule{
	{"a job is hidden while worked on and gone when done", testJob},
	{"writers and readers at once", testConcurrent},
	{"every registered queue gets every job", testQueues},
	{"one process works off a queue", testLead},
	{"one process is the only one to do something", testSole},
	{"pages of passages", testPages},
}

func testJob(t *testing.T, f *fixture) {
	d, passages := text("a", "办法", "一")
	stored := f.put(t, d, passages)
	j, ok, err := f.ReceiveJob(t.Context())
	if err != nil || !ok || j.DocID != stored.ID || j.Version != 1 || j.Tenant != tenant {
		t.Fatalf("job %+v, %v, %v", j, ok, err)
	}
	if _, ok, _ := f.ReceiveJob(t.Context()); ok {
		t.Error("a hidden job was delivered again")
	}
	if err := f.ExtendJob(t.Context(), j, 0); err != nil {
		t.Fatal(err)
	}
	again, ok, err := f.ReceiveJob(t.Context())
	if err != nil || !ok || again != j {
		t.Fatalf("after release: %+v, %v, %v", again, ok, err)
	}
	if err := f.ExtendJob(t.Context(), j, time.Hour); err != nil {
		t.Fatal(err)
	}
	for range 2 { // deleting twice is no error
		if err := f.DeleteJob(t.Context(), j); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := f.Jobs(t.Context()); n != 0 || err != nil {
		t.Errorf("%d jobs, %v", n, err)
	}
}

func testConcurrent(t *testing.T, f *fixture) {
	const writers, each = 4, 8
	var all sync.WaitGroup
	var received sync.Map
	for w := range writers {
		all.Go(func() {
			for i := range each {
				d, passages := text(fmt.Sprintf("%d-%d", w, i), "办法", "一", "二")
				if _, changed, err := f.PutDocument(t.Context(), d, passages); err != nil || !changed {
					t.Errorf("put: %v, %v", changed, err)
				}
			}
		})
		all.Go(func() {
			for i := range each {
				if _, err := f.NextTurn(t.Context(), kb.Caller{Tenant: tenant}, "c"); err != nil {
					t.Error(err)
				}
				for p, err := range f.AllPassages(t.Context()) {
					if err != nil || p.Text == "" {
						t.Errorf("read %d: %+v, %v", i, p, err)
					}
				}
				if j, ok, err := f.ReceiveJob(t.Context()); err != nil {
					t.Error(err)
				} else if _, twice := received.LoadOrStore(j.ID, true); ok && twice {
					t.Errorf("job %s delivered twice", j.ID)
				}
			}
		})
	}
	all.Wait()
	stats, err := f.Stats(t.Context())
	if err != nil || stats.Documents != writers*each || stats.Passages != 2*writers*each || stats.Jobs != writers*each {
		t.Errorf("%+v, %v", stats, err)
	}
	if turn, err := f.NextTurn(t.Context(), kb.Caller{Tenant: tenant}, "c"); turn != writers*each+1 || err != nil {
		t.Errorf("turn %d, %v", turn, err)
	}
	if err := f.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// testQueues moves an index from one queue to another, as a move to another store does.
func testQueues(t *testing.T, f *fixture) {
	put := func(key string) {
		d, passages := text(key, "办法", "一")
		f.put(t, d, passages)
	}
	put("a")
	o := f.options
	o.Queue = "index-pgvector"
	other := openFixture(t, o)
	for _, want := range []bool{true, false} {
		if isNew, err := other.Subscribe(t.Context()); isNew != want || err != nil {
			t.Fatalf("subscribe: new %v, %v; want %v", isNew, err, want)
		}
	}
	note := catalog.NoteState + "index:fill"
	for _, name := range []string{note, catalog.NoteState + "index-pgvector:fill"} {
		if err := f.SetState(t.Context(), name, "filled"); err != nil {
			t.Fatal(err)
		}
	}
	put("b")
	waiting, err := f.Queues(t.Context())
	if diff := cmp.Diff(map[string]int{"index": 2, "index-pgvector": 1}, waiting); diff != "" || err != nil {
		t.Errorf("waiting jobs (-want +got), %v:\n%s", err, diff)
	}
	if stats, err := other.Stats(t.Context()); stats.Jobs != 1 || err != nil {
		t.Errorf("the catalog with the new queue counts %d jobs, %v; want 1", stats.Jobs, err)
	}
	if j, ok, err := other.ReceiveJob(t.Context()); !ok || err != nil {
		t.Errorf("job of the new queue: %+v, %v, %v", j, ok, err)
	}
	if err := other.Unsubscribe(t.Context(), "index-pgvector"); !errors.Is(err, kb.ErrInvalid) {
		t.Errorf("unsubscribe own queue: %v", err)
	}
	if err := other.Unsubscribe(t.Context(), "index"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.State(t.Context(), note); !errors.Is(err, kb.ErrNotFound) {
		t.Errorf("note about the index that was left: %v", err)
	}
	if _, err := f.State(t.Context(), catalog.NoteState+"index-pgvector:fill"); err != nil {
		t.Errorf("note about the other index: %v", err)
	}
	put("c")
	waiting, err = f.Queues(t.Context())
	if diff := cmp.Diff(map[string]int{"index-pgvector": 2}, waiting); diff != "" || err != nil {
		t.Errorf("after leaving (-want +got), %v:\n%s", err, diff)
	}
}

// testLead takes the right to a queue as two processes do.
func testLead(t *testing.T, f *fixture) {
	other := openFixture(t, f.options)
	first, err := f.Lead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Held(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := other.Lead(t.Context()); !errors.Is(err, kb.ErrLocked) {
		t.Errorf("a second leader: %v, want %v", err, kb.ErrLocked)
	}
	if led, err := other.Led(t.Context()); !led || err != nil {
		t.Errorf("led %v, %v; want the first leader seen", led, err)
	}
	d, passages := text("a", "办法", "一")
	f.put(t, d, passages)
	job, ok, err := f.ReceiveJob(t.Context())
	if err != nil || !ok {
		t.Fatalf("job %+v, %v, %v", job, ok, err)
	}
	o := f.options
	o.Queue = "elsewhere"
	elsewhere, err := openFixture(t, o).Lead(t.Context())
	if err != nil {
		t.Errorf("the leader of another queue: %v", err)
	}
	for range 2 {
		if err := errors.Join(first.Close(), elsewhere.Close()); err != nil {
			t.Errorf("give it up: %v", err)
		}
	}
	if led, err := other.Led(t.Context()); led || err != nil {
		t.Errorf("led %v, %v; want nobody", led, err)
	}
	second, err := other.Lead(t.Context())
	if err != nil {
		t.Fatalf("after the first gave it up: %v", err)
	}
	defer second.Close()
	if err := second.Held(t.Context()); err != nil {
		t.Error(err)
	}
	if again, ok, err := other.ReceiveJob(t.Context()); !ok || again != job || err != nil {
		t.Errorf("what the first was working on: %+v, %v, %v; want %+v at once", again, ok, err, job)
	}
}

// testSole takes a right that does not ask which queue is worked off.
func testSole(t *testing.T, f *fixture) {
	o := f.options
	o.Queue = "elsewhere"
	other := openFixture(t, o)
	first, err := f.Sole(t.Context(), "serve")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Sole(t.Context(), "serve"); !errors.Is(err, kb.ErrLocked) {
		t.Errorf("a second one with another queue: %v, want %v", err, kb.ErrLocked)
	}
	for _, take := range []func() (*catalog.Lead, error){
		func() (*catalog.Lead, error) { return f.Lead(t.Context()) },
		func() (*catalog.Lead, error) { return other.Lead(t.Context()) },
		func() (*catalog.Lead, error) { return other.Sole(t.Context(), "else") },
	} {
		l, err := take()
		if err != nil {
			t.Fatalf("another right: %v", err)
		}
		defer l.Close()
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := other.Sole(t.Context(), "serve")
	if err != nil {
		t.Fatalf("after the first gave it up: %v", err)
	}
	second.Close()
}

func testPages(t *testing.T, f *fixture) {
	for _, key := range []string{"a", "b", "c"} {
		d, passages := text(key, "办法"+key, "一"+key, "二"+key, "三"+key)
		f.put(t, d, passages)
	}
	d, passages := text("b", "办法b", "一b", "四b")
	f.put(t, d, passages)
	want := []string{}
	for p, err := range f.AllPassages(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, p.ID)
	}
	for _, limit := range []int{1, 4, 8, 100} {
		got, mark := []string{}, ""
		for first := true; first || mark != ""; first = false {
			page, next, err := f.PassagesAfter(t.Context(), mark, limit)
			if err != nil || len(page) > limit {
				t.Fatalf("page of %d: %v", len(page), err)
			}
			for _, p := range page {
				got = append(got, p.ID)
			}
			mark = next
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pages of %d (-all +pages):\n%s", limit, diff)
		}
	}
	if _, _, err := f.PassagesAfter(t.Context(), "{", 1); !errors.Is(err, kb.ErrInvalid) {
		t.Errorf("a broken mark: %v", err)
	}
	retired, err := f.RetiredAfter(t.Context(), "", 1)
	if err != nil || len(retired) != 1 {
		t.Fatalf("retired: %v, %v", retired, err)
	}
	more, err := f.RetiredAfter(t.Context(), retired[0], 10)
	if err != nil || len(more) != 1 {
		t.Errorf("retired after %s: %v, %v; want one more", retired[0], more, err)
	}
}
