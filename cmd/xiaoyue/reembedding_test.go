package main

import (
	"math"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"xiaoyue/inference"
	"xiaoyue/inference/modeltest"
	"xiaoyue/kb"
	"xiaoyue/kb/catalog"
	"xiaoyue/retrieval"
)

// noticeQuestion is answered from one notice of writeNotices.
const noticeQuestion = "第3号通知的编号是多少？"

// TestKilledReembedding changes the embedding model of a running service, kills it in the middle of the
// work and starts it again: it goes on where it was, answers all the time from one model or the other,
// changes over once, and no vector is of the wrong model.
func TestKilledReembedding(t *testing.T) {
	for _, place := range []string{storeEmbedded, storePgvector} {
		t.Run(place, func(t *testing.T) {
			conf := config{Data: filepath.Join(t.TempDir(), "data"), Models: t.TempDir(), Log: "error", Index: indexConfig{Store: place}}
			if place == storePgvector {
				conf.Index.Pgvector.Postgres = freshDatabase(t)
			}
			one, two := newEmbedding(t, "one", 256, 0), newEmbedding(t, "two", 128, 40*time.Millisecond)
			conf.Servers = servers{Embed: []server{one.server}}
			source := t.TempDir()
			writeNotices(t, source, 0)
			if err := conf.ingest(t.Context(), unread(), ingestJob{paths: []string{source}, source: "s", quiet: true}); err != nil {
				t.Fatal(err)
			}
			passages := one.passages.Load()

			conf.Servers = servers{Embed: []server{two.server}, Former: []server{one.server}}
			r := newReplica(t, conf)
			models := &sequence{t: t, data: conf.Data}
			for round := range 3 {
				askers := newCrowd(t, r.url, []string{noticeQuestion, noticeQuestion}, models.take)
				if round == 2 {
					eventually(t, "the new version in use", models.changed)
					askers.stop()
					break
				}
				done := two.passages.Load()
				eventually(t, "some passages embedded anew", func() bool { return two.passages.Load() > done })
				askers.stop()
				r.end(syscall.SIGKILL)
				r.start()
			}
			if models.before == 0 {
				t.Error("no answer came from the model before")
			}
			if again := two.passages.Load() - passages; again > 2*16 {
				t.Errorf("%d passages were embedded twice, want at most a batch for each of two kills", again)
			}
			r.end(syscall.SIGTERM)
			conf.Servers = servers{}
			wantOwnVectors(t, conf)
		})
	}
}

// sequence checks the order of models that answers come from.
type sequence struct {
	t    *testing.T
	data string // folder of the catalog

	mu            sync.Mutex // guards the rest
	before, after int
}

// take judges an answer by its record. What it was asked for before the change may come after it.
func (s *sequence) take(_ string, r reply) {
	if r.err != nil || r.status != 200 || r.answer.Outcome != kb.Answered || len(r.answer.Degraded) > 0 || r.answer.Mode != kb.ModeExtractive {
		s.t.Errorf("while the index is made anew: %v; want an answer of both searches", r)
		return
	}
	c, err := catalog.Open(s.t.Context(), catalog.Options{Dir: s.data, ReadOnly: true})
	if err != nil {
		s.t.Errorf("records: %v", err)
		return
	}
	defer c.Close()
	record, err := c.Record(s.t.Context(), kb.DefaultTenant, r.answer.TraceID)
	if err != nil {
		s.t.Errorf("record of %s: %v", r.answer.TraceID, err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case strings.Contains(record.Stamp, "two@"):
		s.after++
	case !strings.Contains(record.Stamp, "one@"):
		s.t.Errorf("answered from %q", record.Stamp)
	case s.after > 2: // of two askers
		s.t.Errorf("the model before answers after the new one")
	default:
		s.before++
	}
}

func (s *sequence) changed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.after > 10
}

// wantOwnVectors wants every passage in every version with the vector that the version's model makes of it.
func wantOwnVectors(t *testing.T, conf config) {
	t.Helper()
	e, err := conf.open(t.Context(), access{}, unread())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	list, err := e.place.Versions(t.Context())
	if err != nil || len(list) != 2 || !strings.HasPrefix(list[0].Stamp.Embedder, "two@") {
		t.Fatalf("versions %+v, %v; want that of the new model in use, and the one before", list, err)
	}
	var all []kb.Passage
	for p, err := range e.catalog.AllPassages(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	for _, info := range list {
		v, err := e.place.Open(t.Context(), info.Stamp)
		if err != nil {
			t.Fatal(err)
		}
		defer v.Close()
		for _, p := range all {
			wantVector(t, v, info.Stamp, p)
		}
	}
}

func wantVector(t *testing.T, v retrieval.Version, stamp retrieval.Stamp, p kb.Passage) {
	t.Helper()
	model := narrow{&modeltest.Bigrams{}, stamp.Dimension}
	want, err := model.Embed(t.Context(), []string{p.IndexText()}, inference.EmbedPassage)
	if err != nil {
		t.Fatal(err)
	}
	got, err := v.Vectors(t.Context(), []string{p.ID})
	if err != nil {
		t.Fatal(err)
	}
	if c := cosineOf(got[0], want[0]); !(c > .99) {
		t.Errorf("passage %s in version %s: cosine %.3f with the vector of its model", p.ID, stamp.Embedder, c)
	}
}

// cosineOf is 0 for vectors of different dimensions.
func cosineOf(a, b []float32) float64 {
	if len(a) != len(b) {
		return 0
	}
	var ab, aa, bb float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	return ab / math.Sqrt(aa*bb)
}
