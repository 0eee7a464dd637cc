package catalog_test

import (
	"testing"

	"xiaoyue/kb"
)

var itemRules = []rule{
	{"items have versions, days and scopes", testItems},
	{"a bad item stores none", testBadItem},
	{"regions stay sound", testRegions},
}

func item(code, name string) kb.ServiceItem {
	return kb.ServiceItem{
		Code: code, Name: name, Department: "越州市人力资源和社会保障局", Fee: "不收费",
		PromisedDays: &kb.Days{Number: 5, Unit: kb.WorkingDays},
		Materials:    []kb.Material{{Name: "身份证", Required: "必要", Form: "原件", Copies: 1}},
		Attributes:   kb.Attributes{Tenant: tenant, Access: kb.AccessPublic, Region: "339900"},
	}
}

func testItems(t *testing.T, f *fixture) {
	first, other := item("A1", "就业登记"), item("A2", "失业登记")
	first.Validity.From = kb.MustDate("2020-01-01")
	other.Access = kb.AccessInternal
	if err := f.PutItems(t.Context(), []kb.ServiceItem{first, other}); err != nil {
		t.Fatal(err)
	}
	revision, _ := f.ItemsRevision(t.Context())
	if err := f.PutItems(t.Context(), []kb.ServiceItem{first, other}); err != nil {
		t.Fatal(err)
	}
	same, _ := f.ItemsRevision(t.Context())
	equal(t, same, revision)

	second := item("A1", "就业登记（新）")
	second.Validity.From = kb.MustDate("2025-01-01")
	if err := f.PutItems(t.Context(), []kb.ServiceItem{second}); err != nil {
		t.Fatal(err)
	}
	after, _ := f.ItemsRevision(t.Context())
	if after <= revision {
		t.Errorf("revision %d after a change, %d before", after, revision)
	}
	got, err := f.Item(t.Context(), tenant, "A1")
	if err != nil {
		t.Fatal(err)
	}
	second.Version = 2
	equal(t, got, second)

	public := []kb.Access{kb.AccessPublic}
	for asOf, want := range map[string][]string{
		"2019-06-01": nil, "2024-12-31": {"就业登记 2020-01-01–2024-12-31 superseded"}, "2025-01-01": {"就业登记（新） 2025-01-01–"}} {
		items, err := f.Items(t.Context(), kb.Scope{Tenant: tenant, Access: public, Regions: []string{"339902", "339900"}, AsOf: kb.MustDate(asOf)})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, it := range items {
			names = append(names, it.Name+" "+span(it.Validity))
		}
		equal(t, names, want)
	}
	if err := f.WithdrawItems(t.Context(), tenant, []string{"A1", "none"}); err != nil {
		t.Fatal(err)
	}
	_, err = f.Item(t.Context(), tenant, "A1")
	wantError(t, err, kb.ErrNotFound)
}

func testBadItem(t *testing.T, f *fixture) {
	bad := item("B2", "就业登记")
	bad.Department = ""
	wantError(t, f.PutItems(t.Context(), []kb.ServiceItem{item("B1", "就业登记"), bad}), kb.ErrInvalid)
	_, err := f.Item(t.Context(), tenant, "B1")
	wantError(t, err, kb.ErrNotFound)
}

func testRegions(t *testing.T, f *fixture) {
	nation := kb.Region{Code: kb.Nation, Name: "中华人民共和国", Kind: kb.RegionNation}
	city := kb.Region{Code: "339900", Name: "越州市", Parent: kb.Nation, Kind: kb.RegionCity, Aliases: []string{"越州"}}
	if err := f.PutRegions(t.Context(), []kb.Region{nation, city}); err != nil {
		t.Fatal(err)
	}
	orphan := kb.Region{Code: "339902", Name: "镜湖区", Parent: "1", Kind: kb.RegionDistrict}
	wantError(t, f.PutRegions(t.Context(), []kb.Region{orphan}), kb.ErrInvalid)
	table, err := f.Regions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, table.All(), []kb.Region{nation, city})
}
