package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/ingest"
)

// newReader starts PDFium once for a test and its subtests.
func newReader(t testing.TB) *Reader {
	t.Helper()
	if testing.Short() {
		t.Skip("starts PDFium, which takes seconds to compile where it is not cached")
	}
	r, err := New(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func read(t testing.TB, r *Reader, file string) (ingest.Reading, error) {
	t.Helper()
	return r.Read(t.Context(), strings.NewReader(file), int64(len(file)), ingest.Limits{})
}

// at sets text at a place, in a font that needs no embedding (ISO 32000-1, 9.7.5.2).
func at(x, y, size float64, text string) string {
	var hex strings.Builder
	for _, u := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&hex, "%04X", u)
	}
	return fmt.Sprintf("BT /F %g Tf %g %g Td <%s> Tj ET\n", size, x, y, hex.String())
}

// rule draws a straight line.
func rule(x1, y1, x2, y2 float64) string {
	return fmt.Sprintf("%g %g m %g %g l S\n", x1, y1, x2, y2)
}

const image = "q 400 0 0 600 50 50 cm /I Do Q\n"

// build writes a file of A4 pages with these contents. trailer is added to the trailer.
func build(trailer string, pages ...string) string {
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"", // the pages, below
		"<</Type/Font/Subtype/Type0/BaseFont/SimSun/Encoding/UniGB-UCS2-H/DescendantFonts[4 0 R]>>",
		"<</Type/Font/Subtype/CIDFontType0/BaseFont/SimSun/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/FontDescriptor 5 0 R/DW 1000>>",
		"<</Type/FontDescriptor/FontName/SimSun/Flags 4/FontBBox[0 -120 1000 880]/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 80>>",
		"<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1>>stream\nx\nendstream",
	}
	var kids strings.Builder
	for _, content := range pages {
		n := len(objects) + 1
		fmt.Fprintf(&kids, "%d 0 R ", n)
		objects = append(objects,
			fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources<</Font<</F 3 0 R>>/XObject<</I 6 0 R>>>>>>", n+1),
			fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(content), content))
	}
	objects[1] = fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(pages), kids.String())
	var b strings.Builder
	b.WriteString("%PDF-1.7\n")
	xref := fmt.Sprintf("xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for i, o := range objects {
		xref += fmt.Sprintf("%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "%strailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n", xref, len(objects)+1, trailer, start)
	return b.String()
}

// show renders blocks as lines: the page, c or r for the alignment, | for rows and > for heads.
func show(blocks []ingest.Block) []string {
	var out []string
	for _, b := range blocks {
		l := fmt.Sprintf("%d %s", b.Page, b.Text)
		if b.Centered {
			l += " c"
		}
		if b.Right {
			l += " r"
		}
		if b.Kind != ingest.BlockTable {
			out = append(out, l)
		}
		for i, r := range b.Rows {
			mark := "|"
			if i < b.Heads {
				mark = ">"
			}
			out = append(out, fmt.Sprintf("%d %s %s", b.Page, mark, strings.Join(r, " | ")))
		}
	}
	return out
}

// long is a line of 28 characters of 16 points, as GB/T 9704 sets them between margins 73.5 and 521.5.
func long(s string) string {
	filler := []rune("符合条件的高校毕业生可以申请生活补贴并按月计算按季发放到账")
	return string(append([]rune(s), filler...)[:28])
}

func TestParagraphs(t *testing.T) {
	r := newReader(t)
	one := at(73, 800, 9, "越州市人民政府公报") +
		at(132.5, 700, 22, "关于印发越州市高校毕业生生活补") + at(231.5, 665, 22, "贴办法的通知") +
		at(73.5, 600, 16, "各区人民政府：") +
		at(105.5, 572, 16, long("一、")[:3*26]) + at(73.5, 544, 16, long("")) + at(73.5, 516, 16, "完。") +
		at(105.5, 488, 16, "二、2025年1月起每月1500元。") +
		at(105.5, 460, 16, long("三、")[:3*26]) + at(73.5, 432, 16, long("")) +
		at(260, 40, 14, "— 1 —") +
		"q 0.7 0.7 -0.7 0.7 200 200 cm " + at(0, 0, 40, "机密★长期") + "Q\n"
	two := at(73, 800, 9, "越州市人民政府公报") +
		at(73.5, 700, 16, "续到下页。") + at(105.5, 672, 16, "特此通知。") + at(105.5, 672.2, 16, "特此通知。") +
		at(345, 600, 16, "越州市人民政府") + at(361, 572, 16, "2025年1月10日") +
		at(260, 40, 14, "— 2 —")
	got, err := read(t, r, build("", one, two))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"1 关于印发越州市高校毕业生生活补贴办法的通知 c",
		"1 各区人民政府：",
		"1 " + long("一、")[:3*26] + long("") + "完。",
		"1 二、2025年1月起每月1500元。",
		"1 " + long("三、")[:3*26] + long("") + "续到下页。",
		"2 特此通知。",
		"2 越州市人民政府 r",
		"2 2025年1月10日 r",
	}
	if d := cmp.Diff(want, show(got.Blocks)); d != "" {
		t.Error(d)
	}
	if got.Properties["密级"] != "机密★长期" {
		t.Errorf("properties %v, want the watermark's mark", got.Properties)
	}
	if got.Pages != 2 || len(got.PagesNeedingOCR) != 0 || got.Coverage != 1 {
		t.Errorf("pages %d, for recognition %v, coverage %v", got.Pages, got.PagesNeedingOCR, got.Coverage)
	}
}

// ruled draws a table of three columns whose first row merges the last two cells and whose first
// column merges the first two rows, and fills it.
func ruled(top float64, cells ...string) string {
	var b strings.Builder
	for i := range 4 {
		y := top - 30*float64(i)
		from := 70.0
		if i == 1 {
			from = 170
		}
		b.WriteString(rule(from, y, 370, y))
	}
	b.WriteString(rule(70, top, 70, top-90) + rule(170, top, 170, top-90) + rule(270, top-30, 270, top-90) + rule(370, top, 370, top-90))
	places := [][2]float64{{75, 35}, {200, 20}, {175, 50}, {275, 50}, {75, 80}, {175, 80}, {275, 80}}
	for i, c := range cells {
		b.WriteString(at(places[i][0], top-places[i][1], 12, c))
	}
	return b.String()
}

func TestRuledTable(t *testing.T) {
	r := newReader(t)
	page := at(73, 760, 14, "补贴标准如下：") + ruled(700, "学历", "标准", "每月", "期限", "博士", "3000", "36个月") + at(73, 560, 14, "以上为税前金额。")
	got, err := read(t, r, build("", page))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"1 补贴标准如下：",
		"1 > 学历 | 标准 | 标准", "1 > 学历 | 每月 | 期限", "1 | 博士 | 3000 | 36个月",
		"1 以上为税前金额。",
	}
	if d := cmp.Diff(want, show(got.Blocks)); d != "" {
		t.Error(d)
	}
}

func TestColumns(t *testing.T) {
	r := newReader(t)
	page := at(240, 780, 20, "公告全文")
	var left, right string
	for i, n := range []rune("一二三四五六七八") {
		y := 700 - 20*float64(i)
		l, r := "左栏第"+string(n)+"行写满一整行文字共十八", "右栏第"+string(n)+"行也写满一整行文字十八"
		page += at(60, y, 12, l) + at(320, y, 12, r)
		left += l
		right += r
	}
	got, err := read(t, r, build("", page))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"1 公告全文 c", "1 " + left + right} // no line ends a paragraph
	if d := cmp.Diff(want, show(got.Blocks)); d != "" {
		t.Error(d)
	}
}

func TestScans(t *testing.T) {
	r := newReader(t)
	text := at(73.5, 700, 16, "第一页是文字，第二页是扫描的图片，第三页是空白。")
	got, err := read(t, r, build("", text, image, ""))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]int{2}, got.PagesNeedingOCR); d != "" || got.Coverage != 0.5 {
		t.Errorf("for recognition %v, coverage %v, want page 2 and a half", got.PagesNeedingOCR, got.Coverage)
	}
	got, err = read(t, r, build("", image, image))
	var fault *ingest.ReadError
	if !errors.As(err, &fault) || fault.Status != ingest.StatusNeedsOCR || len(got.PagesNeedingOCR) != 2 {
		t.Errorf("got %v and %v, want needs_ocr with both pages", err, got.PagesNeedingOCR)
	}
}

func TestFaults(t *testing.T) {
	r := newReader(t)
	text := at(73.5, 700, 16, "正文")
	secret := "/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -4/O<" + strings.Repeat("00", 32) + ">/U<" + strings.Repeat("00", 32) + ">>>/ID[<00><00>]"
	for name, c := range map[string]struct {
		file string
		want ingest.Status
	}{
		"password": {build(secret, text), ingest.StatusEncrypted},
		"damaged":  {"%PDF-1.7\nnothing that follows", ingest.StatusDamaged},
		"empty":    {build("", ""), ingest.StatusEmpty},
		"pages":    {build("", text, text, text), ingest.StatusTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := r.Read(t.Context(), strings.NewReader(c.file), int64(len(c.file)), ingest.Limits{Pages: 2})
			var fault *ingest.ReadError
			if !errors.As(err, &fault) || fault.Status != c.want || fault.Reason == "" {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		file := build("", text)
		if _, err := r.Read(ctx, strings.NewReader(file), int64(len(file)), ingest.Limits{}); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func FuzzRead(f *testing.F) {
	r := newReader(f)
	f.Add([]byte(build("", ruled(700, "甲", "乙", "丙"), image)))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := r.Read(t.Context(), bytes.NewReader(b), int64(len(b)), ingest.Limits{Pages: 10})
		var fault *ingest.ReadError
		if err != nil && !errors.As(err, &fault) || got.Coverage < 0 || got.Coverage > 1 {
			t.Errorf("coverage %v, %v", got.Coverage, err)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	r := newReader(b)
	var page strings.Builder
	for i := range 22 {
		page.WriteString(at(73.5, 720-28*float64(i), 16, long(fmt.Sprintf("第%d行", i))))
	}
	pages := make([]string, 50)
	for i := range pages {
		pages[i] = page.String() + at(260, 40, 14, fmt.Sprintf("— %d —", i+1))
	}
	file := build("", pages...)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := read(b, r, file); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*len(pages))/b.Elapsed().Seconds(), "pages/s")
}
