package guide

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"xiaoyue/inference"
	"xiaoyue/ingest"
	"xiaoyue/kb"
	"xiaoyue/kb/catalog"
	"xiaoyue/kb/sample"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded"
	"xiaoyue/retrieval/indexer"
)

// archived is knowledge in a real catalog with a real index over it.
type archived struct {
	*catalog.Catalog
	regions  *kb.Regions
	index    *embedded.Index
	searcher retrieval.Searcher
	clock    time.Time
}

// openArchive returns an empty catalog and index.
func openArchive(t testing.TB, regions []kb.Region) *archived {
	t.Helper()
	a := &archived{clock: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	var err error
	if a.Catalog, err = catalog.Open(context.Background(), catalog.Options{Dir: t.TempDir(), Now: func() time.Time { return a.clock }}); err != nil {
		t.Fatal(err)
	}
	if a.index, err = embedded.Open(t.TempDir(), nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.index.Close(); err != nil {
			t.Error(err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	if a.regions, err = kb.NewRegions(regions...); err != nil {
		t.Fatal(err)
	}
	if a.searcher, err = retrieval.New(a.index, a, nil); err != nil {
		t.Fatal(err)
	}
	return a
}

// put stores a version of a document.
func (a *archived) put(t testing.TB, d kb.Document, text string) kb.Document {
	t.Helper()
	read, passages := ingest.FromText(d.ID, d.Title, text)
	for i := range passages {
		passages[i].Attributes = kb.Attributes{}
		passages[i].ID = ""
	}
	d.Text, d.Sections, d.Hash, d.Key, d.Source = read.Text, read.Sections, read.Hash, d.ID, "test"
	stored, _, err := a.PutDocument(context.Background(), d, passages)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

// build brings the index up to the catalog.
func (a *archived) build(t testing.TB) {
	t.Helper()
	ctx := context.Background()
	var entries []retrieval.Entry
	for p, err := range a.AllPassages(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, indexer.EntryOf(p))
	}
	if err := a.index.Put(ctx, entries); err != nil {
		t.Fatal(err)
	}
}

func (a *archived) guide(t testing.TB, home string, chat inference.ChatModel) *Guide {
	t.Helper()
	g, err := New(a.searcher, a, a.regions, &Options{Home: home, Chat: chat, Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return a.clock }})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// openSample returns the sample knowledge, read from its sources.
func openSample(t testing.TB) *archived {
	t.Helper()
	regions, err := sample.Regions()
	if err != nil {
		t.Fatal(err)
	}
	a := openArchive(t, regions)
	described, err := sample.Descriptions()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range described {
		if d.Secrecy != "" {
			continue
		}
		paths, err := filepath.Glob("../../kb/sample/sources/*/" + d.ID + ".md")
		if err != nil || len(paths) != 1 {
			continue
		}
		content, err := os.ReadFile(paths[0])
		if err != nil {
			t.Fatal(err)
		}
		a.put(t, kb.Document{ID: d.ID, Title: d.Title, Number: d.Number, Issuer: d.Issuer, IssuedOn: d.IssuedOn, Attributes: d.Attributes, Relations: d.Relations}, bodyOf(string(content)))
	}
	items, err := sample.Items()
	if err != nil {
		t.Fatal(err)
	}
	if err := a.PutItems(context.Background(), items); err != nil {
		t.Fatal(err)
	}
	a.build(t)
	return a
}

// bodyOf returns the text of a source of the sample without its front matter and marks of layout.
func bodyOf(source string) string {
	_, body, _ := strings.Cut(strings.TrimPrefix(source, "---\n"), "\n---\n")
	var lines []string
	for line := range strings.Lines(body) {
		line = strings.TrimSpace(line)
		if line != "===" && !strings.HasPrefix(line, "^ ") {
			lines = append(lines, strings.TrimLeft(line, "> "))
		}
	}
	return strings.Join(lines, "\n")
}

// asked is a question of the sample.
type asked struct {
	ID       string  `json:"id"`
	Question string  `json:"question"`
	AsOf     kb.Date `json:"as_of"`
	Region   string  `json:"region"`
	History  []kb.Exchange
	Expect   struct{ Outcome kb.Outcome }
}

func sampleQuestions(t testing.TB) []asked {
	t.Helper()
	var all []asked
	for line := range strings.Lines(strings.TrimSpace(string(sample.Questions()))) {
		var q asked
		if err := json.Unmarshal([]byte(line), &q); err != nil {
			t.Fatal(err)
		}
		all = append(all, q)
	}
	return all
}

func (q asked) turn() kb.Turn {
	return kb.Turn{Question: q.Question, AsOf: q.AsOf, Region: q.Region, History: q.History, Caller: kb.Caller{Tenant: kb.DefaultTenant}}
}
