package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/kb"
)

var relationRules = []rule{
	{"a repeal by number works in either order and is undone", testRepeal},
	{"a repealed clause ends alone", testClause},
	{"an extension reaches the newest text of a title, whatever the order of arrival", testArrival},
	{"a cleanup list ends many texts", testCleanup},
	{"a text never acts on itself or on younger ones of a title", testTitle},
	{"relations are resolved both ways", testResolved},
}

// dated returns a one-line document with a number and the day from which it holds.
func dated(key, title, number, from string) (kb.Document, []kb.Passage) {
	d, passages := text(key, title, title+"正文。")
	d.Number, d.Validity.From = number, kb.MustDate(from)
	return d, passages
}

func acting(key, title, from string, relations ...kb.Relation) (kb.Document, []kb.Passage) {
	d, passages := dated(key, title, "", from)
	d.Relations = relations
	return d, passages
}

func (f *fixture) spans(t testing.TB, docID string) (spans []string) {
	t.Helper()
	for p, err := range f.PassagesOf(t.Context(), docID) {
		if err != nil {
			t.Fatal(err)
		}
		spans = append(spans, span(p.Validity))
	}
	return spans
}

func testRepeal(t *testing.T, f *fixture) {
	oldDoc, oldPassages := dated("old", "越州市租房补贴办法", "越建发〔2020〕7号", "2020-01-01")
	newDoc, newPassages := acting("new", "越州市住房补贴办法", "2024-07-01", kb.Relation{Kind: kb.Repeals, ToRef: "《租房办法》（越建发[2020]07号）"})
	for _, order := range []string{"old first", "new first"} {
		var old, repeal kb.Document
		if order == "old first" {
			old = f.put(t, oldDoc, oldPassages)
			f.drain(t)
			repeal = f.put(t, newDoc, newPassages)
		} else {
			repeal = f.put(t, newDoc, newPassages)
			f.drain(t)
			old = f.put(t, oldDoc, oldPassages)
		}
		equal(t, f.spans(t, old.ID), []string{"2020-01-01–2024-06-30 repealed"})
		if order == "old first" {
			equal(t, len(f.drain(t)), 2)
		}
		got, err := f.Document(t.Context(), tenant, old.ID, 0)
		if err != nil || span(got.Validity) != "2020-01-01–2024-06-30 repealed" {
			t.Errorf("%s: %s, %v", order, span(got.Validity), err)
		}
		f.drain(t)
		if err := f.Withdraw(t.Context(), tenant, "test", []string{"new"}); err != nil {
			t.Fatal(err)
		}
		equal(t, f.spans(t, old.ID), []string{"2020-01-01–"})
		equal(t, len(f.drain(t)), 2)
		_ = repeal
		if err := f.Withdraw(t.Context(), tenant, "test", []string{"old"}); err != nil {
			t.Fatal(err)
		}
	}
}

func testClause(t *testing.T, f *fixture) {
	d, passages := text("old", "越州市人才补贴办法", "总则。", "博士五万元。", "硕士三万元。", "附则。")
	d.Number, d.Validity.From = "越人社发〔2022〕3号", kb.MustDate("2022-01-01")
	passages[1].Clause, passages[2].Clause = "第二条第一款", "第二条之一"
	old := f.put(t, d, passages)
	a, p := acting("new", "关于修改人才补贴办法的决定", "2024-01-01",
		kb.Relation{Kind: kb.Repeals, ToRef: "越人社发〔2022〕3号", Clauses: []string{"第二条"}},
		kb.Relation{Kind: kb.Amends, ToRef: "越人社发〔2022〕3号", Clauses: []string{"第四条"}, Effective: kb.MustDate("2024-03-01")})
	f.put(t, a, p)
	equal(t, f.searchable(t, old.ID), []string{"总则。 2022-01-01–", "博士五万元。 2022-01-01–2023-12-31 repealed",
		"硕士三万元。 2022-01-01–", "附则。 2022-01-01–2024-02-29 amended"})
	whole, err := f.Document(t.Context(), tenant, old.ID, 0)
	if err != nil || span(whole.Validity) != "2022-01-01–" {
		t.Errorf("the whole text: %s, %v", span(whole.Validity), err)
	}
}

func testArrival(t *testing.T, f *fixture) {
	const title = "越州市见习补贴办法"
	type source struct {
		d kb.Document
		p []kb.Passage
	}
	var sources []source
	add := func(d kb.Document, p []kb.Passage) { sources = append(sources, source{d, p}) }
	add(dated("2017", title, "越人社〔2017〕1号", "2017-01-01"))
	add(dated("2020", title, "越人社〔2020〕1号", "2020-01-01"))
	sources[1].d.Validity.Until = kb.MustDate("2022-12-31")
	sources[1].d.Relations = []kb.Relation{{Kind: kb.Supersedes, ToRef: "越人社〔2017〕1号"}}
	add(acting("extension", "关于延长见习补贴办法有效期的通知", "2022-12-01",
		kb.Relation{Kind: kb.Extends, ToRef: "《" + title + "》", Until: kb.MustDate("2025-12-31")}))
	add(acting("repeal", "关于废止见习补贴办法的通知", "2024-05-01", kb.Relation{Kind: kb.Repeals, ToRef: "越人社〔2020〕1号"}))

	for i, order := range permutations(len(sources)) {
		owner := strings.Repeat("o", i+1) // a tenant of its own, which the others must not touch
		ids := map[string]string{}
		for _, n := range order {
			d := sources[n].d
			d.Tenant = owner
			ids[d.Key] = f.put(t, d, sources[n].p).ID
		}
		got := [][]string{f.spans(t, ids["2017"]), f.spans(t, ids["2020"])}
		want := [][]string{{"2017-01-01–2019-12-31 superseded"}, {"2020-01-01–2024-04-30 repealed"}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("arrival in order %v: -want +got:\n%s", order, diff)
		}
		if i > 0 {
			continue
		}
		if err := f.Withdraw(t.Context(), owner, "test", []string{"repeal"}); err != nil {
			t.Fatal(err)
		}
		equal(t, f.spans(t, ids["2020"]), []string{"2020-01-01–2025-12-31"})
	}
}

// permutations returns all orders of 0 … n-1.
func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var all [][]int
	for _, shorter := range permutations(n - 1) {
		for at := range n {
			all = append(all, slices.Insert(slices.Clone(shorter), at, n-1))
		}
	}
	return all
}

func testCleanup(t *testing.T, f *fixture) {
	var ids []string
	var relations []kb.Relation
	for _, n := range []string{"1", "2", "3"} {
		d, p := dated(n, "越州市第"+n+"号补贴办法", "越政发〔2019〕"+n+"号", "2019-01-01")
		ids = append(ids, f.put(t, d, p).ID)
		if n != "2" {
			relations = append(relations, kb.Relation{Kind: kb.CleanupList, ToRef: d.Number})
		}
	}
	a, p := acting("list", "关于公布失效文件目录的通知", "2023-01-01", relations...)
	f.put(t, a, p)
	equal(t, [][]string{f.spans(t, ids[0]), f.spans(t, ids[1]), f.spans(t, ids[2])},
		[][]string{{"2019-01-01–2022-12-31 repealed"}, {"2019-01-01–"}, {"2019-01-01–2022-12-31 repealed"}})
	// A new version of the list no longer names the first.
	a, p = acting("list", "关于公布失效文件目录的通知", "2023-01-01", relations[1])
	a.Hash = "corrected"
	f.put(t, a, p)
	equal(t, f.spans(t, ids[0]), []string{"2019-01-01–"})
}

func testTitle(t *testing.T, f *fixture) {
	const title = "越州市灵活就业补贴办法"
	for _, year := range []string{"2018", "2021", "2024"} {
		d, p := dated(year, "关于印发《"+title+"》的通知", "", year+"-01-01")
		if year == "2021" {
			d.Relations = []kb.Relation{{Kind: kb.Repeals, ToRef: "《" + title + "》"}}
		}
		d.ID = year
		f.put(t, d, p)
	}
	equal(t, [][]string{f.spans(t, "2018"), f.spans(t, "2021"), f.spans(t, "2024")},
		[][]string{{"2018-01-01–2020-12-31 repealed"}, {"2021-01-01–"}, {"2024-01-01–"}})
}

func testResolved(t *testing.T, f *fixture) {
	a, p := acting("a", "关于人才补贴的解读", "2025-01-01", kb.Relation{Kind: kb.Interprets, ToRef: "《越州市人才补贴办法》"})
	from := f.put(t, a, p)
	equal(t, from.Relations[0].To, "")
	d, p := dated("b", "越州市人才补贴办法", "", "2024-01-01")
	to := f.put(t, d, p)
	want := []kb.Relation{{Kind: kb.Interprets, From: from.ID, To: to.ID, ToRef: "《越州市人才补贴办法》"}}
	for _, id := range []string{from.ID, to.ID} {
		got, err := f.RelationsOf(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, got, want)
	}
	again, err := f.Document(t.Context(), tenant, from.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, again.Relations, want)
}
