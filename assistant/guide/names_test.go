package guide

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"testing"

	"xiaoyue/kb"
)

// TestRealNames asks for real items by their names, many alike but for a word. None may be taken for
// another; asking back is right where two bear one name.
func TestRealNames(t *testing.T) {
	f, err := os.Open("../../../shared/data/service_items/names.jsonl")
	if err != nil {
		t.Skipf("measurement data is absent: %v", err)
	}
	defer f.Close()
	k := &knowledge{docs: map[string]kb.Document{}, passages: map[string]kb.Passage{}}
	attributes := kb.Attributes{Tenant: kb.DefaultTenant, Access: kb.AccessPublic, Region: "880000"}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		i := kb.ServiceItem{Attributes: attributes, Materials: []kb.Material{{Name: "申请表", Required: "必要"}}}
		var names struct{ Name, Department, Code string }
		if err := json.Unmarshal(lines.Bytes(), &names); err != nil {
			t.Fatal(err)
		}
		i.Name, i.Department, i.Code = names.Name, names.Department, names.Code
		k.items = append(k.items, i)
	}
	if k.regions, err = kb.NewRegions(kb.Region{Code: "880000", Name: "云州市", Kind: kb.RegionCity}); err != nil {
		t.Fatal(err)
	}
	k.index(t)
	g := k.guide(t, k.searcher, nil)
	right, asked := 0, 0
	sample := k.items[:300]
	for _, i := range sample {
		a, _, err := g.Answer(context.Background(), kb.Turn{Question: "办理" + i.Name + "要什么材料？", AsOf: kb.MustDate("2025-01-01")}, nil)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case a.Item != nil && a.Item.Name == i.Name:
			right++
		case a.Outcome == kb.NeedsClarification:
			asked++
		default:
			t.Errorf("%s: outcome %s, item %+v", i.Name, a.Outcome, a.Item)
		}
	}
	t.Logf("of %d names %d found, %d asked back", len(sample), right, asked)
	if right*100 < 90*len(sample) {
		t.Errorf("only %d of %d names found", right, len(sample))
	}
}

func TestNameCache(t *testing.T) {
	var c nameCache
	old, young := &names{}, &names{}
	c.keep(1, "a", old)
	if c.find(1, "a") != old || c.find(2, "a") != nil || c.find(1, "b") != nil {
		t.Error("names of one revision and scope are not found, or those of another are")
	}
	c.keep(2, "a", young)
	c.keep(1, "b", old)
	if c.find(2, "a") != young || c.find(1, "b") != nil {
		t.Error("names of an older revision were kept")
	}
	for i := range maxScopes + 1 {
		c.keep(2, string(rune('a'+i)), young)
	}
	if len(c.byScope) > maxScopes {
		t.Errorf("%d scopes are kept", len(c.byScope))
	}
}
