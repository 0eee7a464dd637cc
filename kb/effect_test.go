package kb

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEffect(t *testing.T) {
	d := MustDate
	stated := Validity{From: d("2020-01-01"), Until: d("2024-12-31")}
	open := Validity{From: d("2020-01-01")}
	repealed := Validity{From: d("2020-01-01"), Until: d("2023-06-30"), Ended: StatusRepealed}
	for _, c := range []struct {
		name  string
		act   Relation
		given Validity
		until Date
		ended Status
	}{
		{"repealed from its day on", Relation{Kind: Repeals, Effective: d("2023-07-01")}, open, d("2023-06-30"), StatusRepealed},
		{"undated: from the acting text's day on", Relation{Kind: Supersedes}, open, d("2021-12-31"), StatusSuperseded},
		{"ended before", Relation{Kind: CleanupList, Effective: d("2025-07-01")}, stated, d("2024-12-31"), ""},
		{"suspended", Relation{Kind: Suspends, Effective: d("2023-07-01")}, stated, d("2023-06-30"), StatusSuspended},
		{"extended", Relation{Kind: Extends, Until: d("2026-12-31")}, stated, d("2026-12-31"), ""},
		{"extended without end", Relation{Kind: Extends}, stated, Date{}, ""},
		{"never shortened by an extension", Relation{Kind: Extends, Until: d("2022-12-31")}, stated, d("2024-12-31"), ""},
		{"not revived by an extension", Relation{Kind: Extends, Until: d("2026-12-31")}, repealed, d("2023-06-30"), StatusRepealed},
		{"interpreted", Relation{Kind: Interprets, Effective: d("2023-07-01")}, stated, d("2024-12-31"), ""},
		{"only a clause repealed", Relation{Kind: Repeals, Clauses: []string{"第五条"}, Effective: d("2023-07-01")}, stated, d("2024-12-31"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := Validity{From: c.given.From, Until: c.until, Ended: c.ended}
			if diff := cmp.Diff(want, c.act.Effect(c.given, d("2022-01-01")), cmp.AllowUnexported(Date{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestStatusOn(t *testing.T) {
	repealed := Validity{From: MustDate("2020-01-01"), Until: MustDate("2023-06-30"), Ended: StatusRepealed}
	for day, want := range map[string]Status{
		"2019-12-31": StatusNotYet, "2020-01-01": StatusInForce, "2023-06-30": StatusInForce, "2023-07-01": StatusRepealed,
	} {
		if got := repealed.On(MustDate(day)); got != want {
			t.Errorf("%s: %s, want %s", day, got, want)
		}
	}
	if (Validity{Until: MustDate("2023-06-30")}).On(MustDate("2023-07-01")) != StatusExpired {
		t.Error("a stated end that nothing cut short is not an expiry")
	}
}

func TestDates(t *testing.T) {
	for _, bad := range []string{"2025-02-30", "2025-2-1", "0000-01-01", "20250301", "明天"} {
		if d, err := ParseDate(bad); err == nil {
			t.Errorf("%s is read as %s", bad, d)
		}
	}
	leap := MustDate("2024-02-29")
	if got := leap.Add(1, 0, -1).String(); got != "2025-02-28" {
		t.Errorf("a year from 2024-02-29 ends on %s", got)
	}
	if got := DateOf(leap.Time().UTC()); got != leap {
		t.Errorf("midnight in Shanghai is on %s, want %s", got, leap)
	}
}

func TestNewRegionsRefuses(t *testing.T) {
	root := Region{Code: Nation, Name: "中国"}
	for name, regions := range map[string][]Region{
		"unknown parent": {{Code: "1", Name: "甲", Parent: "2"}},
		"cycle":          {{Code: "1", Name: "甲", Parent: "2"}, {Code: "2", Name: "乙", Parent: "1"}},
		"twice":          {root, root},
		"no name":        {{Code: "1"}},
		"empty alias":    {{Code: "1", Name: "甲", Aliases: []string{""}}},
	} {
		if _, err := NewRegions(regions...); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
