package layout

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/ingest"
)

// sheet builds a page of A4.
type sheet struct{ Page }

func newSheet(number int) *sheet {
	return &sheet{Page{Number: number, Size: Box{Right: 595, Top: 842}}}
}

// set puts a line of Chinese at its place.
func (s *sheet) set(x, y, size float64, text string) *sheet {
	for _, r := range text {
		if r != ' ' {
			s.Glyphs = append(s.Glyphs, Glyph{Box{x, y, x + size, y + size}, r})
		}
		x += size
	}
	return s
}

// body sets a line of 16 points between margins that hold 28 characters.
func (s *sheet) body(row, indent int, text string) *sheet {
	return s.set(73.5+16*float64(indent), 700-28*float64(row), 16, text)
}

const full = "符合条件的高校毕业生可以申请生活补贴并按月计算按季发放到账"

func composed(t *testing.T, sheets ...*sheet) []string {
	t.Helper()
	pages := make([]*Page, len(sheets))
	for i, s := range sheets {
		pages[i] = &s.Page
	}
	out := ingest.NewCollector(ingest.Limits{})
	if err := Compose(pages, out); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range out.Blocks {
		l := fmt.Sprint(b.Page, " ", b.Text)
		if b.Kind == ingest.BlockTable {
			l = fmt.Sprint(b.Page, " ", b.Rows)
		}
		if b.Centered {
			l += " c"
		}
		if b.Right {
			l += " r"
		}
		got = append(got, l)
	}
	return got
}

func cut(s string, n int) string { return string([]rune(s)[:n]) }

func TestCompose(t *testing.T) {
	for _, c := range []struct {
		name  string
		pages []*sheet
		want  []string
	}{
		{"indent, short line and number begin paragraphs",
			[]*sheet{newSheet(1).body(0, 0, "各区：").body(1, 2, cut(full, 26)).body(2, 0, full[:3*27]+"。").body(3, 0, "二、后续").body(4, 2, cut(full, 26)).body(5, 0, cut(full, 28))},
			[]string{"1 各区：", "1 " + cut(full, 26) + cut(full, 27) + "。", "1 二、后续", "1 " + cut(full, 26) + cut(full, 28)}},
		{"title of two lines, signature and date",
			[]*sheet{newSheet(1).set(132.5, 760, 22, "关于印发越州市高校毕业生生活补").set(231.5, 725, 22, "贴办法的通知").body(1, 2, cut(full, 26)).body(2, 0, cut(full, 28)).body(3, 0, cut(full, 28)).set(345, 500, 16, "越州市人民政府").set(361, 472, 16, "二〇二五年一月")},
			[]string{"1 关于印发越州市高校毕业生生活补贴办法的通知 c", "1 " + cut(full, 26) + cut(full, 28) + cut(full, 28), "1 越州市人民政府 r", "1 二〇二五年一月 r"}},
		{"running heads and folios go, paragraphs go on over the page",
			[]*sheet{newSheet(1).set(73.5, 810, 9, "公报").body(0, 2, cut(full, 26)).body(1, 0, cut(full, 28)).set(280, 40, 14, "—1—"), newSheet(2).set(73.5, 810, 9, "公报").body(0, 0, "完。").set(280, 40, 14, "—2—")},
			[]string{"1 " + cut(full, 26) + cut(full, 28) + "完。"}},
		{"blank pages", []*sheet{newSheet(1), newSheet(2)}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, composed(t, c.pages...)); d != "" {
				t.Error(d)
			}
		})
	}
}

// grid rules a net of two columns and two rows of 30 points.
func (s *sheet) grid(top float64) *sheet {
	for i := range 3 {
		y, x := top-30*float64(i), 70+100*float64(i)
		s.Rule(Box{70, y, 270, y + 1})
		s.Rule(Box{x, top - 60, x + 1, top})
	}
	return s
}

func TestTables(t *testing.T) {
	first := newSheet(1).grid(300).set(80, 280, 12, "学历").set(180, 280, 12, "标准").set(80, 250, 12, "博士").set(180, 250, 12, "三千")
	second := newSheet(2).grid(700).set(80, 680, 12, "学历").set(180, 680, 12, "标准").set(80, 650, 12, "硕士").set(180, 650, 12, "一千").set(73, 500, 12, "以上。")
	want := []string{"1 [[学历 标准] [博士 三千] [硕士 一千]]", "2 以上。"}
	if d := cmp.Diff(want, composed(t, first, second)); d != "" {
		t.Error(d)
	}
	frame := newSheet(1).grid(300).set(80, 280, 12, "框")
	if d := cmp.Diff([]string{"1 框"}, composed(t, frame)); d != "" {
		t.Error("a net with one text is no table: ", d)
	}
}

func TestRule(t *testing.T) {
	p := &Page{}
	for b, flat := range map[Box]bool{{0, 0, 100, 1}: true, {0, 0, 1, 100}: true, {0, 0, 2, 2}: true, {0, 0, 50, 50}: false} {
		if p.Rule(b) != flat {
			t.Errorf("%v flat: %v", b, !flat)
		}
	}
	if len(p.Rulings) != 2 {
		t.Errorf("%d rulings, want 2: a dot rules nothing", len(p.Rulings))
	}
}
