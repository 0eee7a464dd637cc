package catalog

import (
	"slices"
	"testing"
	"unicode/utf8"
)

func TestReference(t *testing.T) {
	for _, c := range []struct{ ref, number, title string }{
		{"越人社发〔2025〕3号", "越人社发〔2025〕3号", ""},
		{"越人社发[2025]第03号", "越人社发〔2025〕3号", ""},
		{"越人社发（２０２５）３ 号", "越人社发〔2025〕3号", ""},
		{"《越州市租房补贴办法》（越建发〔2020〕7号）", "越建发〔2020〕7号", "越州市租房补贴办法"},
		{"《关于〈办法〉的通知》", "", "关于办法的通知"},
		{"《关于印发《越州市租房补贴办法》的通知》", "", "关于印发越州市租房补贴办法的通知"},
		{"越州市租房补贴办法（试行）", "", "越州市租房补贴办法试行"},
		{"越州市人民政府令第45号", "越州市人民政府令45号", ""},
		{"《通知》", "", ""},
		{"", "", ""},
	} {
		number, title := reference(c.ref)
		if number != c.number || title != c.title {
			t.Errorf("reference(%q) = %q, %q; want %q, %q", c.ref, number, title, c.number, c.title)
		}
	}
}

func TestTitlesOf(t *testing.T) {
	got := titlesOf("越州市人民政府关于印发《越州市租房补贴办法》的通知")
	want := []string{"关于印发越州市租房补贴办法的通知", "越州市人民政府关于印发越州市租房补贴办法的通知", "越州市租房补贴办法"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestClauseCovers(t *testing.T) {
	for _, c := range []struct {
		named, passage string
		want           bool
	}{
		{"第五条", "第五条", true}, {"第五条", "第五条第二款第（三）项", true}, {"第五条第(三)项", "第五条第（三）项", true},
		{"第五条", "第五条之一", false}, {"第五条", "第十五条", false}, {"第五条第二款", "第五条", false}, {"", "第五条", false},
	} {
		if got := clauseCovers(c.named, c.passage); got != c.want {
			t.Errorf("clauseCovers(%q, %q) = %v", c.named, c.passage, got)
		}
	}
}

func FuzzReference(f *testing.F) {
	f.Add("《越州市租房补贴办法》（越建发〔2020〕7号）")
	f.Add("《关于《〈")
	f.Fuzz(func(t *testing.T, s string) {
		number, title := reference(s)
		if again, _ := reference(number); number != "" && again != number {
			t.Errorf("number %q of %q reads again as %q", number, s, again)
		}
		for _, name := range append(titlesOf(s), title, number) {
			if utf8.ValidString(s) && !utf8.ValidString(name) {
				t.Errorf("%q of %q is not UTF-8", name, s)
			}
		}
	})
}
