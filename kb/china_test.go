package kb

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func china(t testing.TB) *Regions {
	t.Helper()
	all, err := China()
	if err != nil {
		t.Fatal(err)
	}
	table, err := NewRegions(all...)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestChina(t *testing.T) {
	table := china(t)
	if n := len(table.All()); n < 450 {
		t.Errorf("%d regions", n)
	}
	for code, name := range map[string]string{"330600": "绍兴市", "330602": "越城区", "330603": "柯桥区", "330604": "上虞区",
		"330624": "新昌县", "330681": "诸暨市", "330683": "嵊州市"} {
		if r, ok := table.Lookup(code); !ok || r.Name != name {
			t.Errorf("%s: got %q, want %s", code, r.Name, name)
		}
	}
	chain, err := table.Chain("330602")
	if diff := cmp.Diff([]string{"330602", "330600", "330000", Nation}, chain); err != nil || diff != "" {
		t.Errorf("chain of 越城区 (-want +got):\n%s%v", diff, err)
	}
}

func TestFindRegions(t *testing.T) {
	table := china(t)
	tests := []struct {
		text string
		want []string
	}{
		{"绍兴市越城区人力社保局", []string{"330600", "330602"}},
		{"在绍兴和杭州之间，诸暨的补贴", []string{"330600", "330100", "330681"}},
		{"浙江省人民政府", []string{"330000"}},
		{"吉林市和吉林", []string{"220200", "220000"}},
		{"没有地名", nil},
		{"坏\xff绍兴", []string{"330600"}},
	}
	for _, tt := range tests {
		var got []string
		for _, m := range table.Find(tt.text) {
			got = append(got, m.Region.Code)
			if !strings.HasPrefix(tt.text[m.Start:m.End], m.Region.Name[:6]) {
				t.Errorf("%s: %s at %d-%d", tt.text, m.Region.Name, m.Start, m.End)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.text, diff)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	table := china(b)
	text := strings.Repeat("绍兴市人力资源和社会保障局关于印发《绍兴市高校毕业生生活补贴实施办法》的通知，各区、县（市）人民政府。", 50)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		table.Find(text)
	}
}
