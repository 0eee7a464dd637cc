package catalog_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"xiaoyue/kb"
	"xiaoyue/kb/catalog"
)

var documentRules = []rule{
	{"a document comes back as it was put", testRoundTrip},
	{"the same hash changes nothing", testSameHash},
	{"a later version leaves the old one askable by date", testLaterVersion},
	{"a correction retires what it replaced", testCorrection},
	{"a withdrawn document is gone until it comes again", testWithdraw},
	{"bad documents are refused whole", testRefused},
	{"lists are paged inside the scope", testDocuments},
	{"two clocks: what was known on a day", testKnown},
	{"passages come in the order asked", testPassages},
}

func testRoundTrip(t *testing.T, f *fixture) {
	d, passages := text("a.docx", "越州市人才补贴办法", "硕士每人三万元。", "本办法自2025年1月1日起施行。")
	d.Number, d.Issuer, d.Topics = "越人社发〔2025〕3号", "越州市人力资源和社会保障局", []string{"人才"}
	d.IssuedOn, d.Validity = kb.MustDate("2024-12-20"), kb.Validity{From: kb.MustDate("2025-01-01"), Confidence: 1, Transitional: true}
	d.Audience = []string{"高校毕业生", "用人单位"}
	d.Sections = []kb.Section{{Level: 1, Number: "第一条", Text: "硕士每人三万元。"}}
	d.Relations = []kb.Relation{{Kind: kb.BasedOn, ToRef: "《中华人民共和国就业促进法》", Quote: "依据"}}
	stored := f.put(t, d, passages)
	want := d
	want.ID, want.Version, want.RecordedAt = stored.ID, 1, stored.RecordedAt
	want.Relations = []kb.Relation{{Kind: kb.BasedOn, From: stored.ID, ToRef: "《中华人民共和国就业促进法》", Quote: "依据"}}
	equal(t, stored, want)
	if stored.ID == "" || stored.RecordedAt.IsZero() {
		t.Errorf("ID %q, recorded at %v", stored.ID, stored.RecordedAt)
	}
	for version := range 2 {
		got, err := f.Document(t.Context(), tenant, stored.ID, version)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, got, want)
	}
	byNumber, err := f.DocumentByNumber(t.Context(), tenant, "越人社发[2025] 3 号")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, byNumber.ID, stored.ID)
	_, err = f.Document(t.Context(), "another", stored.ID, 1)
	wantError(t, err, kb.ErrNotFound)
}

func testSameHash(t *testing.T, f *fixture) {
	d, passages := text("a.txt", "办法", "一", "二")
	first := f.put(t, d, passages)
	f.drain(t)
	before, _ := f.Revision(t.Context())
	again, changed, err := f.PutDocument(t.Context(), d, passages)
	if err != nil || changed {
		t.Fatalf("changed %v, %v", changed, err)
	}
	equal(t, again, first)
	after, _ := f.Revision(t.Context())
	equal(t, after, before)
	equal(t, f.drain(t), []string(nil))
	for hash, want := range map[string]bool{d.Hash: true, "other": false} {
		if got, err := f.Unchanged(t.Context(), tenant, "test", "a.txt", hash); err != nil || got != want {
			t.Errorf("Unchanged(%q) = %v, %v", hash, got, err)
		}
	}
}

func testLaterVersion(t *testing.T, f *fixture) {
	d, passages := text("a.txt", "越州市人才补贴办法", "总则。", "硕士二万元。")
	d.Validity.From = kb.MustDate("2020-01-01")
	first := f.put(t, d, passages)
	d, passages = text("a.txt", "越州市人才补贴办法", "总则。", "硕士三万元。")
	d.Validity.From = kb.MustDate("2025-01-01")
	second := f.put(t, d, passages)
	if second.ID != first.ID || second.Version != 2 {
		t.Fatalf("second is %s version %d", second.ID, second.Version)
	}
	equal(t, f.searchable(t, first.ID), []string{
		"硕士二万元。 2020-01-01–2024-12-31 superseded", "总则。 2020-01-01–", "硕士三万元。 2025-01-01–"})
	old, err := f.Document(t.Context(), tenant, first.ID, 1)
	if err != nil || old.RetiredAt.IsZero() || span(old.Validity) != "2020-01-01–2024-12-31 superseded" {
		t.Errorf("old version: %v, retired %v, %v", span(old.Validity), old.RetiredAt, err)
	}
	retired, err := f.RetiredPassages(t.Context(), first.ID)
	if err != nil || len(retired) != 0 {
		t.Errorf("retired %v, %v", retired, err)
	}
}

func testCorrection(t *testing.T, f *fixture) {
	d, passages := text("a.txt", "办法", "总则。", "硕士二万元。")
	first := f.put(t, d, passages)
	var ids []string
	for p := range f.PassagesOf(t.Context(), first.ID) {
		ids = append(ids, p.ID)
	}
	d, passages = text("a.txt", "办法", "总则。", "硕士三万元。")
	f.put(t, d, passages)
	equal(t, f.searchable(t, first.ID), []string{"总则。 –", "硕士三万元。 –"})
	retired, err := f.RetiredPassages(t.Context(), first.ID)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, retired, ids[1:])
	found, err := f.Passages(t.Context(), ids)
	if err != nil || len(found) != 1 || found[0].ID != ids[0] || found[0].Version != 2 {
		t.Errorf("Passages: %v, %v", found, err)
	}
	replayed, err := f.Passage(t.Context(), tenant, ids[1], 1)
	if err != nil || replayed.Text != "硕士二万元。" {
		t.Errorf("Passage for replay: %v, %v", replayed, err)
	}
}

func testWithdraw(t *testing.T, f *fixture) {
	d, passages := text("a.txt", "办法", "一", "二")
	stored := f.put(t, d, passages)
	if err := f.Withdraw(t.Context(), tenant, "test", []string{"a.txt", "unknown"}); err != nil {
		t.Fatal(err)
	}
	equal(t, f.searchable(t, stored.ID), []string(nil))
	_, err := f.Document(t.Context(), tenant, stored.ID, 0)
	wantError(t, err, kb.ErrNotFound)
	if old, err := f.Document(t.Context(), tenant, stored.ID, 1); err != nil || old.RetiredAt.IsZero() {
		t.Errorf("withdrawn version: %v, %v", old.RetiredAt, err)
	}
	keys, _ := f.Keys(t.Context(), tenant, "test")
	equal(t, keys, []string(nil))
	again := f.put(t, d, passages)
	if again.ID != stored.ID || again.Version != 2 {
		t.Errorf("came again as %s version %d", again.ID, again.Version)
	}
	equal(t, f.searchable(t, stored.ID), []string{"一 –", "二 –"})
}

func testRefused(t *testing.T, f *fixture) {
	good, _ := text("good.txt", "办法", "一")
	good.ID = "taken"
	f.put(t, good, []kb.Passage{{ID: "p1", Text: "一"}})
	f.drain(t)
	for name, change := range map[string]func(*kb.Document, *kb.Passage){
		"no tenant":            func(d *kb.Document, _ *kb.Passage) { d.Tenant = "" },
		"no access":            func(d *kb.Document, _ *kb.Passage) { d.Access = "" },
		"NUL":                  func(d *kb.Document, _ *kb.Passage) { d.Text += "\x00" },
		"not UTF-8":            func(d *kb.Document, _ *kb.Passage) { d.Title = "\xff" },
		"passage elsewhere":    func(_ *kb.Document, p *kb.Passage) { p.Start = 1 },
		"negative start":       func(_ *kb.Document, p *kb.Passage) { p.Start = -1 },
		"ID of another":        func(d *kb.Document, _ *kb.Passage) { d.ID = "taken" },
		"passage of another":   func(_ *kb.Document, p *kb.Passage) { p.ID = "p1" },
		"audience with a line": func(d *kb.Document, _ *kb.Passage) { d.Audience = []string{"a\nb"} },
	} {
		d, passages := text("bad.txt", "办法", "二", "三")
		change(&d, &passages[1])
		_, _, err := f.PutDocument(t.Context(), d, passages)
		if !errors.Is(err, kb.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	equal(t, f.drain(t), []string(nil))
	stats, err := f.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, stats, catalog.Stats{Documents: 1, Versions: 1, Passages: 1})
}

func testDocuments(t *testing.T, f *fixture) {
	for i, change := range []func(*kb.Document){
		func(*kb.Document) {},
		func(d *kb.Document) { d.Access = kb.AccessInternal },
		func(d *kb.Document) { d.Region = "339902" },
		func(d *kb.Document) { d.Audience = []string{"企业", "it's"} },
		func(d *kb.Document) { d.Zone = "高新区" },
		func(d *kb.Document) { d.Validity.Until = kb.MustDate("2020-12-31") },
		func(d *kb.Document) { d.Tenant = "another" },
		func(d *kb.Document) { d.Region = "" },
	} {
		key := string(rune('a' + i))
		d, passages := text(key, "办法", "一")
		change(&d)
		f.put(t, d, passages)
	}
	public := []kb.Access{kb.AccessPublic}
	for want, scope := range map[string]kb.Scope{
		"acdefh":  {Tenant: tenant, Access: public},
		"bg":      {Tenant: tenant, Access: []kb.Access{kb.AccessInternal}},
		"adefh":   {Tenant: tenant, Access: public, Regions: []string{"339900", "330000"}},
		"acdfh":   {Tenant: tenant, Access: public, Zone: "综保区"},
		"acefh":   {Tenant: tenant, Access: public, Audience: "个人"},
		"acdefh ": {Tenant: tenant, Access: public, Audience: "it's"},
		"acdeh":   {Tenant: tenant, Access: public, AsOf: kb.MustDate("2021-01-01")},
		"":        {Tenant: tenant},
	} {
		want = strings.ReplaceAll(strings.TrimSpace(want), "g", "")
		got, mark := "", ""
		for {
			page, next, err := f.Documents(t.Context(), catalog.DocumentQuery{Scope: scope, After: mark, Limit: 2})
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range page {
				got += d.Key
				if !scope.Admits(d.Attributes) {
					t.Errorf("%+v does not admit %s", scope, d.Key)
				}
			}
			if mark = next; mark == "" {
				break
			}
		}
		equal(t, got, want)
	}
	_, _, err := f.Documents(t.Context(), catalog.DocumentQuery{Scope: kb.Scope{Tenant: tenant}, After: "' or 1=1"})
	wantError(t, err, kb.ErrInvalid)
}

func testKnown(t *testing.T, f *fixture) {
	before := f.now()
	old, passages := text("old.txt", "越州市租房补贴办法", "每月500元。")
	old.Number, old.Validity.From = "越建〔2020〕1号", kb.MustDate("2020-01-01")
	stored := f.put(t, old, passages)
	first := f.now()
	repeal, passages := text("new.txt", "关于废止租房补贴的通知", "废止越建〔2020〕1号。")
	repeal.Validity.From = kb.MustDate("2024-07-01")
	repeal.Relations = []kb.Relation{{Kind: kb.Repeals, ToRef: "越建〔2020〕1号"}}
	f.put(t, repeal, passages)
	second := f.now()
	if err := f.Withdraw(t.Context(), tenant, "test", []string{"new.txt"}); err != nil {
		t.Fatal(err)
	}
	_, err := f.Standing(t.Context(), tenant, stored.ID, before)
	wantError(t, err, kb.ErrNotFound)
	for _, at := range []struct {
		time      time.Time
		effective string
	}{{first, "2020-01-01–"}, {second, "2020-01-01–2024-06-30 repealed"}, {time.Time{}, "2020-01-01–"}} {
		s, err := f.Standing(t.Context(), tenant, stored.ID, at.time)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, []string{span(s.Stated), span(s.Effective)}, []string{"2020-01-01–", at.effective})
	}
	page, _, err := f.Documents(t.Context(), catalog.DocumentQuery{
		Scope: kb.Scope{Tenant: tenant, Access: []kb.Access{kb.AccessPublic}}, KnownAt: second})
	if err != nil || len(page) != 2 {
		t.Errorf("known after the second: %d documents, %v", len(page), err)
	}
}

func testPassages(t *testing.T, f *fixture) {
	var lines []string
	for range 9 {
		lines = append(lines, "同样的话")
	}
	d, passages := text("a.txt", "办法", lines...)
	for i := range passages {
		passages[i].Clause = ""
	}
	stored := f.put(t, d, passages)
	var ids []string
	for p, err := range f.AllPassages(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, p.ID)
	}
	if len(ids) != 9 {
		t.Fatalf("%d passages", len(ids))
	}
	asked := []string{ids[7], "unknown", ids[0], ids[3]}
	got, err := f.Passages(t.Context(), asked)
	if err != nil || len(got) != 3 {
		t.Fatalf("Passages: %v, %v", got, err)
	}
	equal(t, []int{got[0].Ordinal, got[1].Ordinal, got[2].Ordinal}, []int{7, 0, 3})
	want := passages[7]
	want.ID, want.DocID, want.Version, want.Ordinal, want.Title, want.Attributes = ids[7], stored.ID, 1, 7, "办法", d.Attributes
	equal(t, got[0], want)
}
