package indextest

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/retrieval"
)

// place drives a store and fails the test where a call fails.
type place struct {
	retrieval.Store
	t *testing.T
}

func (p *place) create(s retrieval.Stamp) retrieval.Version {
	p.t.Helper()
	v, err := p.Create(p.t.Context(), s)
	if err != nil {
		p.t.Fatalf("create %s: %v", s.Embedder, err)
	}
	return v
}

func (p *place) open(s retrieval.Stamp) retrieval.Version {
	p.t.Helper()
	v, err := p.Open(p.t.Context(), s)
	if err != nil {
		p.t.Fatalf("open %s: %v", s.Embedder, err)
	}
	return v
}

func (p *place) use(s retrieval.Stamp) {
	p.t.Helper()
	if err := p.Use(p.t.Context(), s); err != nil {
		p.t.Fatalf("use %s: %v", s.Embedder, err)
	}
}

// put leaves passages in a version and closes it.
func (p *place) put(v retrieval.Version, ids ...string) {
	p.t.Helper()
	stats, err := v.Stats(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	for i, id := range ids {
		vector := make([]float32, stats.Stamp.Dimension)
		vector[i] = 1
		if err := v.Put(p.t.Context(), []retrieval.Entry{public(id, "w01q", vector)}); err != nil {
			p.t.Fatalf("put %s: %v", id, err)
		}
	}
	p.close(v)
}

func (p *place) close(v retrieval.Version) {
	p.t.Helper()
	if err := v.Close(); err != nil {
		p.t.Errorf("close: %v", err)
	}
}

// holds compares what a version finds by words and by vector with IDs, and its stamp.
func (p *place) holds(s retrieval.Stamp, want retrieval.Stamp, ids ...string) {
	p.t.Helper()
	v := p.open(s)
	defer p.close(v)
	stats, err := v.Stats(p.t.Context())
	if err != nil || stats.Stamp != want {
		p.t.Fatalf("stamp %+v, %v; want %+v", stats.Stamp, err, want)
	}
	req := retrieval.Request{Text: "w01q", Scope: everyone(), Limit: 100}
	if want.Dimension > 0 {
		req.Vector = axis(0, 0)[:want.Dimension]
	}
	found, err := v.Search(p.t.Context(), req)
	if err != nil {
		p.t.Fatal(err)
	}
	lists := [][]retrieval.Match{found.Lexical}
	if want.Dimension > 0 {
		lists = append(lists, found.Dense)
	}
	for _, matches := range lists {
		got := []string{}
		for _, m := range matches {
			got = append(got, m.ID)
		}
		slices.Sort(got)
		if d := cmp.Diff(append([]string{}, ids...), got); d != "" {
			p.t.Errorf("version %s (-want +got):\n%s", want.Embedder, d)
		}
	}
}

// versions compares the list of versions: the one in use first.
func (p *place) versions(inUse *retrieval.Stamp, others ...retrieval.Stamp) {
	p.t.Helper()
	all, err := p.Versions(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	got, want := map[retrieval.Stamp]bool{}, map[retrieval.Stamp]bool{}
	for i, v := range all {
		got[v.Stamp] = v.InUse
		if v.InUse && i > 0 {
			p.t.Errorf("the version in use is number %d of the list", i+1)
		}
		if v.Name == "" {
			p.t.Error("a version without a name")
		}
	}
	for _, s := range others {
		want[s] = false
	}
	if inUse != nil {
		want[*inUse] = true
	}
	if d := cmp.Diff(want, got); d != "" || len(all) != len(want) {
		p.t.Errorf("%d versions, want %d (-want +got):\n%s", len(all), len(want), d)
	}
}

// fails checks the sentinel of a failure.
func (p *place) fails(what string, err, want error) {
	p.t.Helper()
	if !errors.Is(err, want) {
		p.t.Errorf("%s: %v, want %v", what, err, want)
	}
}
