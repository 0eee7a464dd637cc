package catalog_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/kb"
	"xiaoyue/kb/catalog"
)

// rule is one promise of the catalog; every dialect keeps all of them.
type rule struct {
	name string
	test func(t *testing.T, f *fixture)
}

// fixture is a fresh catalog with a clock that moves on by a minute with every look.
type fixture struct {
	*catalog.Catalog
	options catalog.Options
	clock   atomic.Int64
}

const tenant = kb.DefaultTenant

func (f *fixture) now() time.Time {
	return time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(f.clock.Add(1)) * time.Minute)
}

func openFixture(t testing.TB, o catalog.Options) *fixture {
	t.Helper()
	f := &fixture{}
	o.Now = f.now
	c, err := catalog.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	f.Catalog, f.options = c, o
	return f
}

func TestRules(t *testing.T) {
	rules := allRules()
	t.Run("sqlite", func(t *testing.T) {
		for _, r := range rules {
			t.Run(r.name, func(t *testing.T) {
				t.Parallel()
				r.test(t, openFixture(t, catalog.Options{Dir: t.TempDir()}))
			})
		}
	})
	t.Run("postgres", func(t *testing.T) {
		dsn := os.Getenv("XIAOYUE_TEST_POSTGRES")
		if dsn == "" && os.Getenv("CI") != "" && !testing.Short() {
			t.Fatal("XIAOYUE_TEST_POSTGRES is not set: run the tests under .ci/with-postgres.sh")
		}
		if dsn == "" {
			t.Skip("XIAOYUE_TEST_POSTGRES is not set: the catalog is not tested on PostgreSQL")
		}
		for _, r := range rules {
			t.Run(r.name, func(t *testing.T) { r.test(t, openFixture(t, catalog.Options{DSN: freshSchema(t, dsn)})) })
		}
	})
}

func allRules() []rule {
	var rules []rule
	for _, some := range [][]rule{documentRules, relationRules, itemRules, turnRules, runningRules, jobRules, dumpRules} {
		rules = append(rules, some...)
	}
	return rules
}

// text makes a document whose lines are its passages, each under a clause 第N条.
func text(key, title string, lines ...string) (kb.Document, []kb.Passage) {
	d := kb.Document{
		Source: "test", Key: key, Title: title, Text: strings.Join(lines, "\n"),
		Attributes: kb.Attributes{Tenant: tenant, Access: kb.AccessPublic, Region: "339900"},
	}
	d.Hash = d.Text
	start := 0
	var passages []kb.Passage
	for i, line := range lines {
		clause := "第" + string([]rune("一二三四五六七八九")[i]) + "条"
		passages = append(passages, kb.Passage{Kind: kb.PassageClause, Clause: clause, Text: line, Start: start})
		start += len(line) + 1
	}
	return d, passages
}

func (f *fixture) put(t testing.TB, d kb.Document, passages []kb.Passage) kb.Document {
	t.Helper()
	stored, changed, err := f.PutDocument(t.Context(), d, passages)
	if err != nil || !changed {
		t.Fatalf("PutDocument(%s): changed %v, %v", d.Key, changed, err)
	}
	return stored
}

// searchable returns "clause text from–until ended" of what an index must hold of a document.
func (f *fixture) searchable(t testing.TB, docID string) []string {
	t.Helper()
	var lines []string
	for p, err := range f.PassagesOf(t.Context(), docID) {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.TrimSpace(p.Text+" "+span(p.Validity)))
	}
	return lines
}

func span(v kb.Validity) string {
	return strings.TrimSpace(v.From.String() + "–" + v.Until.String() + " " + string(v.Ended))
}

func equal(t testing.TB, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b kb.Date) bool { return a == b })); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func wantError(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}

// drain works off the queue and returns the document IDs of its jobs.
func (f *fixture) drain(t testing.TB) (ids []string) {
	t.Helper()
	for {
		j, ok, err := f.ReceiveJob(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return ids
		}
		ids = append(ids, j.DocID)
		if err := f.DeleteJob(context.Background(), j); err != nil {
			t.Fatal(err)
		}
	}
}
