package guide

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"xiaoyue/inference"
	"xiaoyue/ingest"
	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded"
	"xiaoyue/retrieval/indexer"
)

// knowledge is the knowledge of a test, in memory, with a real index over it.
type knowledge struct {
	docs     map[string]kb.Document
	passages map[string]kb.Passage
	items    []kb.ServiceItem
	regions  *kb.Regions
	searcher retrieval.Searcher
}

func (k *knowledge) Passages(_ context.Context, ids []string) ([]kb.Passage, error) {
	var found []kb.Passage
	for _, id := range ids {
		if p, ok := k.passages[id]; ok {
			found = append(found, p)
		}
	}
	return found, nil
}

func (k *knowledge) Document(_ context.Context, _, id string, _ int) (kb.Document, error) {
	d, ok := k.docs[id]
	if !ok {
		return d, kb.ErrNotFound
	}
	return d, nil
}

func (k *knowledge) Items(_ context.Context, s kb.Scope) ([]kb.ServiceItem, error) {
	return slices.DeleteFunc(slices.Clone(k.items), func(i kb.ServiceItem) bool { return !s.Admits(i.Attributes) }), nil
}

func (k *knowledge) ItemsRevision(context.Context) (int64, error) { return 1, nil }

func (k *knowledge) RelationsOf(_ context.Context, id string) ([]kb.Relation, error) {
	var found []kb.Relation
	for _, d := range k.docs {
		for _, r := range d.Relations {
			if r.From == id || r.To == id {
				found = append(found, r)
			}
		}
	}
	return found, nil
}

// header is the first line of a document of the archive.
type header struct {
	Title      string        `json:"title"`
	Number     string        `json:"number"`
	Region     string        `json:"region"`
	Access     kb.Access     `json:"access"`
	Audience   []string      `json:"audience"`
	ValidFrom  kb.Date       `json:"valid_from"`
	ValidUntil kb.Date       `json:"valid_until"`
	Ended      kb.Status     `json:"ended"`
	Relations  []kb.Relation `json:"relations"`
}

// loadKnowledge reads testdata/knowledge.txtar.
func loadKnowledge(t testing.TB) *knowledge {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/knowledge.txtar")
	if err != nil {
		t.Fatal(err)
	}
	k := &knowledge{docs: map[string]kb.Document{}, passages: map[string]kb.Passage{}}
	var regions []kb.Region
	for _, f := range archive.Files {
		switch {
		case f.Name == "regions.jsonl":
			regions = decodeLines[kb.Region](t, f.Data)
		case f.Name == "items.jsonl":
			k.items = decodeLines[kb.ServiceItem](t, f.Data)
		default:
			k.add(t, strings.TrimSuffix(strings.TrimPrefix(f.Name, "docs/"), ".txt"), string(f.Data))
		}
	}
	for i := range k.items {
		k.items[i].Tenant, k.items[i].Access = kb.DefaultTenant, kb.AccessPublic
	}
	if k.regions, err = kb.NewRegions(regions...); err != nil {
		t.Fatal(err)
	}
	k.index(t)
	return k
}

func decodeLines[T any](t testing.TB, data []byte) []T {
	t.Helper()
	var all []T
	for line := range strings.Lines(strings.TrimSpace(string(data))) {
		var v T
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		all = append(all, v)
	}
	return all
}

func (k *knowledge) add(t testing.TB, id, content string) {
	t.Helper()
	first, text, _ := strings.Cut(content, "\n")
	var h header
	if err := json.Unmarshal([]byte(first), &h); err != nil {
		t.Fatalf("document %s: %v", id, err)
	}
	if h.Access == "" {
		h.Access = kb.AccessPublic
	}
	doc, passages := ingest.FromText(id, h.Title, text)
	doc.Number, doc.Relations = h.Number, h.Relations
	doc.Attributes = kb.Attributes{Tenant: kb.DefaultTenant, Access: h.Access, Region: h.Region, Audience: h.Audience,
		Validity: kb.Validity{From: h.ValidFrom, Until: h.ValidUntil, Ended: h.Ended}}
	k.docs[id] = doc
	for _, p := range passages {
		p.Attributes = doc.Attributes
		k.passages[p.ID] = p
	}
}

// index puts all passages into a lexical index and a pipeline over it.
func (k *knowledge) index(t testing.TB) {
	t.Helper()
	x, err := embedded.Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	var entries []retrieval.Entry
	for _, p := range k.passages {
		entries = append(entries, indexer.EntryOf(p))
	}
	if err := x.Put(context.Background(), entries); err != nil {
		t.Fatal(err)
	}
	if k.searcher, err = retrieval.New(x, k, nil); err != nil {
		t.Fatal(err)
	}
}

// guide returns a Guide over the knowledge; home is the city.
func (k *knowledge) guide(t testing.TB, searcher retrieval.Searcher, chat inference.ChatModel) *Guide {
	t.Helper()
	g, err := New(searcher, k, k.regions, &Options{Home: "880000", Chat: chat, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return g
}
