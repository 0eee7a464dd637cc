package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"xiaoyue/ingest"
	"xiaoyue/ingest/readertest"
)

// workbook builds a file; set fills its sheets.
func workbook(t testing.TB, set func(f *excelize.File) error) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	if err := set(f); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// rows writes rows from A1 down.
func rows(f *excelize.File, sheet string, all ...[]any) error {
	for i, r := range all {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err == nil {
			err = f.SetSheetRow(sheet, cell, &r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func read(t testing.TB, r ingest.Reader, b []byte) (ingest.Reading, error) {
	t.Helper()
	return r.Read(t.Context(), bytes.NewReader(b), int64(len(b)), ingest.Limits{})
}

func TestXLSX(t *testing.T) {
	file := workbook(t, func(f *excelize.File) error {
		date := `yyyy"年"m"月"d"日"`
		dates, err1 := f.NewStyle(&excelize.Style{CustomNumFmt: &date})
		percent, err2 := f.NewStyle(&excelize.Style{NumFmt: 10})
		_, err3 := f.NewSheet("隐藏")
		_, err4 := f.NewSheet("说明")
		return errors.Join(err1, err2, err3, err4,
			rows(f, "Sheet1",
				[]any{"补贴标准表"},
				[]any{"学历", "标准", nil, "施行日期"},
				[]any{nil, "每月", "比例", nil},
				[]any{"博士", 3000, 0.095, time.Date(2025, 2, 10, 0, 0, 0, 0, time.UTC)},
				[]any{"硕士", 1500.5, 1, "见\n注"},
				[]any{"注：税前金额"}),
			f.MergeCell("Sheet1", "A1", "D1"), f.MergeCell("Sheet1", "A2", "A3"), f.MergeCell("Sheet1", "B2", "C2"), f.MergeCell("Sheet1", "D2", "D3"),
			f.SetCellStyle("Sheet1", "D4", "D4", dates), f.SetCellStyle("Sheet1", "C4", "C5", percent),
			rows(f, "隐藏", []any{"下拉"}), f.SetSheetVisible("隐藏", false),
			rows(f, "说明", []any{"甲", "乙"}, []any{"1", "2"}, nil, []any{nil, "丙", "丁"}, []any{nil, "3", "4"}),
			f.SetDocProps(&excelize.DocProperties{Title: "标准表"}))
	})
	got, err := read(t, XLSX{}, file)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"## Sheet1", "c 补贴标准表",
		"> 学历 | 标准 | 标准 | 施行日期", "> 学历 | 每月 | 比例 | 施行日期",
		"| 博士 | 3000 | 9.50% | 2025年2月10日", "| 硕士 | 1500.5 | 100.00% | 见\n注", "注：税前金额",
		"## 说明", "> 甲 | 乙", "| 1 | 2", "> 丙 | 丁", "| 3 | 4",
	}
	if d := cmp.Diff(want, readertest.Lines(got.Blocks)); d != "" {
		t.Error(d)
	}
	if got.Properties["title"] != "标准表" || got.Coverage != 1 {
		t.Errorf("title %q, coverage %v", got.Properties["title"], got.Coverage)
	}
}

func TestXLSXCountsWhatItCutsOff(t *testing.T) {
	got, err := read(t, XLSX{}, workbook(t, func(f *excelize.File) error {
		return errors.Join(f.SetCellValue("Sheet1", "A1", "甲"), f.SetCellValue("Sheet1", "XFD1048576", "乙"))
	}))
	if err != nil || got.Coverage != 0.5 {
		t.Errorf("coverage %v, %v, want 0.5: one of two cells lies past the last column", got.Coverage, err)
	}
}

// with returns a workbook whose named part is replaced.
func with(t *testing.T, part, content string) []byte {
	t.Helper()
	file := workbook(t, func(f *excelize.File) error { return f.SetCellValue("Sheet1", "A1", "甲") })
	zr, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range zr.File {
		out, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var r io.Reader = in
		if f.Name == part {
			r = strings.NewReader(content)
		}
		if _, err := io.Copy(out, r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestXLSXMergesOfOtherPrograms(t *testing.T) {
	sheet := func(ref string) string {
		return `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">` +
			`<c r="B1" t="inlineStr"><is><t>甲</t></is></c></row></sheetData>` +
			`<mergeCells count="1"><mergeCell ref="` + ref + `"/></mergeCells></worksheet>`
	}
	for name, ref := range map[string]string{"empty first cell": "A1:B1", "wrong way round": "B1:A1"} {
		t.Run(name, func(t *testing.T) {
			got, err := read(t, XLSX{}, with(t, "xl/worksheets/sheet1.xml", sheet(ref)))
			if d := cmp.Diff([]string{"c 甲"}, readertest.Lines(got.Blocks)); err != nil || d != "" {
				t.Errorf("%v %s", err, d)
			}
		})
	}
}

func TestXLSXFaults(t *testing.T) {
	wide := make([]any, 60)
	for i := range wide {
		wide[i] = "甲"
	}
	merged := workbook(t, func(f *excelize.File) error {
		tall := [][]any{{"乙", "丙"}}
		for range 29 {
			tall = append(tall, []any{"乙"})
		}
		return errors.Join(rows(f, "Sheet1", append(tall, wide)...), f.MergeCell("Sheet1", "B1", "BH30"))
	})
	for name, c := range map[string]struct {
		file []byte
		want ingest.Status
	}{
		"no zip":             {[]byte("PK\x03\x04"), ingest.StatusDamaged},
		"declaration":        {with(t, "xl/sharedStrings.xml", `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst>&a;</sst>`), ingest.StatusHostile},
		"cut off":            {with(t, "xl/workbook.xml", `<workbook><sheets>`), ingest.StatusDamaged},
		"empty":              {workbook(t, func(*excelize.File) error { return nil }), ingest.StatusEmpty},
		"merged without end": {merged, ingest.StatusHostile},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := XLSX{}.Read(t.Context(), bytes.NewReader(c.file), int64(len(c.file)), ingest.Limits{Cells: 100})
			var fault *ingest.ReadError
			if !errors.As(err, &fault) || fault.Status != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestCSV(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().String("类别,标准\n博士,3000\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"GBK", gbk, []string{"> 类别 | 标准", "| 博士 | 3000"}},
		{"tabs", "类别\t标准\n博士\t3,000\n", []string{"> 类别 | 标准", "| 博士 | 3,000"}},
		{"quotes", "类别,标准\n\"博士,\n硕士\",\"他说\"\"好\"\"\"\n", []string{"> 类别 | 标准", "| 博士,\n硕士 | 他说\"好\""}},
		{"quote left open, rows of any length", "类别,标准\n博士,\"3000\n硕士,1500,x", []string{"> 类别 | 标准", "| 博士 | 3000\n硕士,1500,x"}},
		{"title", "\ufeff补贴标准,,\n类别,标准,期限\n博士,3000,36\n", []string{"c 补贴标准", "> 类别 | 标准 | 期限", "| 博士 | 3000 | 36"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := read(t, CSV{}, []byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, readertest.Lines(got.Blocks)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestCSVFaults(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want ingest.Status
	}{
		"empty":   {",,\n,,\n", ingest.StatusEmpty},
		"columns": {strings.Repeat("a,", 300), ingest.StatusTooLarge},
		"cells":   {strings.Repeat("a,b\n", 9), ingest.StatusTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := CSV{}.Read(t.Context(), strings.NewReader(c.in), int64(len(c.in)), ingest.Limits{Cells: 10})
			var fault *ingest.ReadError
			if !errors.As(err, &fault) || fault.Status != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func FuzzXLSX(f *testing.F) {
	f.Add(workbook(f, func(x *excelize.File) error { return rows(x, "Sheet1", []any{"甲", 1}, []any{"乙", 2}) }))
	fuzz(f, XLSX{})
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("类别,标准\n\"博士\",3000\n"))
	fuzz(f, CSV{})
}

func fuzz(f *testing.F, r ingest.Reader) {
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := r.Read(t.Context(), bytes.NewReader(b), int64(len(b)), ingest.Limits{TextBytes: 1 << 20, Cells: 1 << 12, PartBytes: 1 << 20})
		var fault *ingest.ReadError
		if err != nil && !errors.As(err, &fault) || got.Coverage < 0 || got.Coverage > 1 {
			t.Errorf("coverage %v, %v", got.Coverage, err)
		}
	})
}
