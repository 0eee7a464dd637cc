package docx

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/ingest"
	"xiaoyue/ingest/readertest"
)

// parts are the parts of a package by name.
type parts map[string]string

// pack writes a package; word/document.xml is built from body.
func pack(t testing.TB, body string, more parts) []byte {
	t.Helper()
	all := parts{
		"[Content_Types].xml": `<Types/>`,
		"word/document.xml":   `<w:document xmlns:w="w"><w:body>` + body + `<w:sectPr/></w:body></w:document>`,
	}
	for name, content := range more {
		all[name] = content
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, content := range all {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(t testing.TB, b []byte) (ingest.Reading, error) {
	t.Helper()
	return Reader{}.Read(t.Context(), bytes.NewReader(b), int64(len(b)), ingest.Limits{})
}

// p is a paragraph with properties and text.
func p(properties, text string) string {
	return "<w:p><w:pPr>" + properties + "</w:pPr><w:r><w:t>" + text + "</w:t></w:r></w:p>"
}

// item is a paragraph of list num at level lvl.
func item(num, lvl int, text string) string {
	return p(fmt.Sprintf(`<w:numPr><w:ilvl w:val="%d"/><w:numId w:val="%d"/></w:numPr>`, lvl, num), text)
}

func TestBody(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       []string
	}{
		{"runs, tabs, breaks and spaces", `<w:p><w:r><w:t xml:space="preserve">　生活</w:t><w:tab/><w:t>补贴</w:t><w:br/><w:t>第二行</w:t><w:br w:type="page"/></w:r></w:p>`,
			[]string{"生活 补贴\n第二行"}},
		{"insertions stay, deletions and moves go", `<w:p><w:ins><w:r><w:t>新</w:t></w:r></w:ins><w:del><w:r><w:delText>旧</w:delText></w:r></w:del><w:moveFrom><w:r><w:t>移</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>至</w:t></w:r></w:moveTo></w:p>`,
			[]string{"新至"}},
		{"deleted paragraph mark joins", `<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>前</w:t></w:r></w:p>` + p(`<w:jc w:val="right"/>`, "后"),
			[]string{"r 前后"}},
		{"hidden text goes", `<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>暗</w:t></w:r><w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>明</w:t></w:r></w:p>`,
			[]string{"明"}},
		{"text box once, after its paragraph", `<w:p><w:r><mc:AlternateContent><mc:Choice><w:drawing><wps:txbx><w:txbxContent>` + p("", "框") + `</w:txbxContent></wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent>` + p("", "框") + `</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent><w:t>正文</w:t></w:r></w:p>`,
			[]string{"正文", "框"}},
		{"fields show their result", `<w:p><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>3</w:t></w:r></w:p>`, []string{"3"}},
		{"check boxes of forms", `<w:p><w:r><w:sym w:font="Wingdings" w:char="F0FE"/><w:t>是</w:t><w:sym w:font="Wingdings 2" w:char="00A3"/><w:t>否</w:t><w:sym w:font="Other" w:char="F0FE"/></w:r></w:p>`,
			[]string{"☑是□否"}},
		{"content control", `<w:sdt><w:sdtPr><w:alias w:val="x"/></w:sdtPr><w:sdtContent>` + p("", "控件") + `</w:sdtContent></w:sdt>`, []string{"控件"}},
		{"headings by outline", p(`<w:outlineLvl w:val="1"/><w:jc w:val="center"/>`, "第一章") + p(`<w:outlineLvl w:val="9"/>`, "正文"),
			[]string{"c ### 第一章", "正文"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := read(t, pack(t, c.body, nil))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, readertest.Lines(got.Blocks)); d != "" {
				t.Error(d)
			}
			if got.Coverage != 1 {
				t.Errorf("coverage %v, want 1: what is left out by rule does not count", got.Coverage)
			}
		})
	}
}

const stylesPart = `<w:styles>
<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="T"><w:name w:val="Title"/><w:basedOn w:val="a"/><w:pPr><w:jc w:val="center"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/><w:basedOn w:val="a"/><w:pPr><w:outlineLvl w:val="0"/><w:numPr><w:numId w:val="9"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="x1"><w:name w:val="章"/><w:basedOn w:val="1"/></w:style>
<w:style w:type="paragraph" w:styleId="2"><w:name w:val="heading 2"/></w:style>
<w:style w:type="paragraph" w:styleId="toc"><w:name w:val="toc 1"/></w:style>
<w:style w:type="character" w:styleId="h"><w:name w:val="Hidden"/><w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="loop"><w:name w:val="loop"/><w:basedOn w:val="loop"/></w:style>
</w:styles>`

func TestStyles(t *testing.T) {
	style := func(id, text string) string { return p(`<w:pStyle w:val="`+id+`"/>`, text) }
	body := style("T", "办法") + style("toc", "第一章 总则 1") + style("x1", "总则") + style("2", "小节") + style("x1", "附则") + style("loop", "尾") +
		`<w:p><w:r><w:rPr><w:rStyle w:val="h"/></w:rPr><w:t>暗</w:t></w:r></w:p>`
	got, err := read(t, pack(t, body, parts{
		"word/styles.xml": stylesPart,
		"word/numbering.xml": `<w:numbering><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:pStyle w:val="x1"/><w:suff w:val="space"/><w:lvlText w:val="第%1章"/></w:lvl></w:abstractNum>
<w:num w:numId="9"><w:abstractNumId w:val="0"/></w:num></w:numbering>`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"c # 办法", "## 第一章 总则", "### 小节", "## 第二章 附则", "尾"}
	if d := cmp.Diff(want, readertest.Lines(got.Blocks)); d != "" {
		t.Error(d)
	}
}

const numberingPart = `<w:numbering>
<w:abstractNum w:abstractNumId="0">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="第%1条"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl>
<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%3"/><w:isLgl/></w:lvl>
<w:lvl w:ilvl="3"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlRestart w:val="0"/><w:lvlText w:val="%4)"/></w:lvl>
<w:lvl w:ilvl="4"><w:numFmt w:val="bullet"/><w:lvlText w:val="l"/></w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="1"><w:numStyleLink w:val="list"/></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>
<w:num w:numId="4"><w:abstractNumId w:val="1"/></w:num>
<w:num w:numId="5"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="upperRoman"/><w:lvlText w:val="%1、"/></w:lvl></w:lvlOverride></w:num>
</w:numbering>`

func TestNumbering(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       []string
	}{
		{"levels restart after a higher one", item(1, 0, "甲") + item(1, 1, "乙") + item(1, 1, "丙") + item(1, 0, "丁") + item(1, 1, "戊"),
			[]string{"第一条 甲", "（一）乙", "（二）丙", "第二条 丁", "（一）戊"}},
		{"legal form shows arabic digits", item(1, 0, "甲") + item(1, 2, "乙") + item(1, 2, "丙"), []string{"第一条 甲", "1.1 乙", "1.2 丙"}},
		{"level that never restarts", item(1, 0, "甲") + item(1, 3, "乙") + item(1, 0, "丙") + item(1, 3, "丁"), []string{"第一条 甲", "1) 乙", "第二条 丙", "2) 丁"}},
		{"instances share their list", item(1, 0, "甲") + item(2, 0, "乙"), []string{"第一条 甲", "第二条 乙"}},
		{"start override restarts once", item(1, 0, "甲") + item(3, 0, "乙") + item(3, 0, "丙"), []string{"第一条 甲", "第一条 乙", "第二条 丙"}},
		{"level override changes the form", item(5, 0, "甲") + item(5, 0, "乙"), []string{"I、甲", "II、乙"}},
		{"list by a numbering style", item(4, 0, "甲"), []string{"第一条 甲"}},
		{"empty items count", item(1, 0, "") + item(1, 0, "乙"), []string{"第二条 乙"}},
		{"number taken away", item(1, 0, "甲") + item(0, 0, "乙") + item(1, 0, "丙"), []string{"第一条 甲", "乙", "第二条 丙"}},
		{"bullets", item(1, 4, "甲"), []string{"• 甲"}},
		{"unknown list", item(77, 0, "甲"), []string{"甲"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := read(t, pack(t, c.body, parts{
				"word/numbering.xml": numberingPart,
				"word/styles.xml":    `<w:styles><w:style w:styleId="list" w:type="numbering"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style></w:styles>`,
			}))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, readertest.Lines(got.Blocks)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestPrintNumber(t *testing.T) {
	for _, c := range []struct {
		format string
		v      int
		want   string
	}{
		{"chineseCounting", 10, "十"}, {"chineseCounting", 11, "十一"}, {"chineseCounting", 20, "二十"}, {"chineseCounting", 101, "一百零一"},
		{"chineseCounting", 110, "一百一十"}, {"chineseCounting", 1010, "一千零一十"}, {"chineseCounting", 10005, "一万零五"}, {"chineseCounting", 0, "零"},
		{"chineseLegalSimplified", 25, "贰拾伍"}, {"ideographDigital", 10, "一〇"}, {"decimalZero", 7, "07"}, {"decimalFullWidth", 12, "１２"},
		{"upperLetter", 28, "BB"}, {"lowerRoman", 1994, "mcmxciv"}, {"decimalEnclosedCircle", 3, "③"}, {"decimalEnclosedCircle", 21, "21"},
		{"ideographTraditional", 2, "乙"}, {"none", 5, ""}, {"thaiCounting", 5, "5"}, {"lowerLetter", 1 << 40, "1099511627776"},
	} {
		if got := printNumber(c.format, c.v); got != c.want {
			t.Errorf("printNumber(%q, %d) = %q, want %q", c.format, c.v, got, c.want)
		}
	}
}

// row and cell build tables.
func tr(cells ...string) string { return "<w:tr>" + strings.Join(cells, "") + "</w:tr>" }
func tc(properties, text string) string {
	return "<w:tc><w:tcPr>" + properties + "</w:tcPr>" + p("", text) + "</w:tc>"
}

func TestTables(t *testing.T) {
	down, across := `<w:vMerge/>`, `<w:gridSpan w:val="2"/>`
	for _, c := range []struct {
		name, body string
		want       []string
	}{
		{"merged down and across", tr(tc(`<w:vMerge w:val="restart"/>`, "学历"), tc(across, "标准")) + tr(tc(down, ""), tc("", "每月"), tc("", "期限")) + tr(tc("", "博士"), tc("", "3000"), tc("", "36")),
			[]string{"> 学历 | 标准 | 标准", "> 学历 | 每月 | 期限", "| 博士 | 3000 | 36"}},
		{"marked head", "<w:tr><w:trPr><w:tblHeader/></w:trPr>" + tc("", "1") + tc("", "2") + "</w:tr>" + tr(tc("", "3"), tc("", "4")), []string{"> 1 | 2", "| 3 | 4"}},
		{"row left of free columns, deleted row", tr(tc("", "甲"), tc("", "乙")) + "<w:tr><w:trPr><w:gridBefore w:val=\"1\"/></w:trPr>" + tc("", "1") + "</w:tr>" + "<w:tr><w:trPr><w:del/></w:trPr>" + tc("", "x") + tc("", "y") + "</w:tr>",
			[]string{"> 甲 | 乙", "|  | 1"}},
		{"frame of one cell", tr(tc("", "框内")), []string{"框内"}},
		{"nested table in its cell", tr(tc("", "甲"), "<w:tc>"+p("", "乙")+"<w:tbl>"+tr(tc("", "1"), tc("", "2"))+"</w:tbl>"+p("", "")+"</w:tc>"), []string{"| 甲 | 乙\n1 2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := read(t, pack(t, "<w:tbl><w:tblPr/>"+c.body+"</w:tbl>", nil))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, readertest.Lines(got.Blocks)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestNotesTitleAndEmbedded(t *testing.T) {
	body := `<w:p><w:r><w:t>不超过36个月</w:t><w:footnoteReference w:id="2"/><w:t>。</w:t></w:r></w:p><w:altChunk r:id="rId7"/>`
	got, err := read(t, pack(t, body, parts{
		"word/footnotes.xml":           `<w:footnotes><w:footnote w:type="separator" w:id="0"><w:p/></w:footnote><w:footnote w:id="2">` + p("", "自首月起算") + `</w:footnote></w:footnotes>`,
		"docProps/core.xml":            `<cp><dc:title> 补贴办法 </dc:title></cp>`,
		"word/_rels/document.xml.rels": `<Relationships><Relationship Id="rId7" Target="chunk.html"/></Relationships>`,
		"word/chunk.html":              strings.Repeat("x", 35),
		"word/header1.xml":             `<w:hdr><w:p><w:r><w:t>内部 机</w:t></w:r><w:r><w:t>密★一年</w:t></w:r></w:p></w:hdr>`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"不超过36个月[^2]。", "[^2] 自首月起算"}, readertest.Lines(got.Blocks)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[string]string{"title": "补贴办法", "密级": "机密★一年"}, got.Properties); d != "" {
		t.Error(d)
	}
	if got.Coverage != 0.5 {
		t.Errorf("coverage %v, want 0.5: an embedded document as long as the text was not read", got.Coverage)
	}
}

func TestFaults(t *testing.T) {
	deep := strings.Repeat("<w:tbl><w:tr><w:tc>", 200)
	for _, c := range []struct {
		name string
		file []byte
		want ingest.Status
	}{
		{"no zip", []byte("PK\x03\x04 cut off"), ingest.StatusDamaged},
		{"no document part", pack(t, "", parts{"_rels/.rels": `<R><Relationship Type="x/officeDocument" Target="/word/other.xml"/></R>`}), ingest.StatusDamaged},
		{"cut off XML", pack(t, "", parts{"word/document.xml": "<w:document><w:body><w:p>"}), ingest.StatusDamaged},
		{"entity declaration", pack(t, "", parts{"word/document.xml": `<!DOCTYPE x [<!ENTITY a "b">]><w:document/>`}), ingest.StatusHostile},
		{"nested without end", pack(t, deep, nil), ingest.StatusHostile},
		{"absurd span", pack(t, "<w:tbl>"+tr(tc(`<w:gridSpan w:val="2000000000"/>`, "a"), tc("", "b"))+"</w:tbl>", nil), ingest.StatusHostile},
		{"nothing in it", pack(t, "<w:p/>", nil), ingest.StatusEmpty},
		{"pictures only", pack(t, `<w:p><w:r><w:drawing><a:blip/></w:drawing></w:r></w:p>`, nil), ingest.StatusNeedsOCR},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := read(t, c.file)
			var fault *ingest.ReadError
			if !errors.As(err, &fault) || fault.Status != c.want || fault.Reason == "" {
				t.Errorf("got %v, want %s with a reason", err, c.want)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`<w:document><w:body>`+item(1, 0, "甲")+"<w:tbl>"+tr(tc("", "a"), tc(`<w:vMerge/>`, "b"))+`</w:tbl></w:body></w:document>`, numberingPart, stylesPart)
	f.Add(`<w:document><w:body><w:p><w:r><w:footnoteReference w:id="2"/></w:r></w:p></w:body></w:document>`, "", "")
	f.Fuzz(func(t *testing.T, document, numbering, styles string) {
		b := pack(t, "", parts{"word/document.xml": document, "word/numbering.xml": numbering, "word/styles.xml": styles})
		got, err := Reader{}.Read(t.Context(), bytes.NewReader(b), int64(len(b)), ingest.Limits{TextBytes: 1 << 20, Cells: 1 << 12})
		var fault *ingest.ReadError
		if err != nil && !errors.As(err, &fault) {
			t.Errorf("%v is no ReadError", err)
		}
		if got.Coverage < 0 || got.Coverage > 1 {
			t.Errorf("coverage %v", got.Coverage)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	var body strings.Builder
	for range 2000 {
		body.WriteString(item(1, 0, "高校毕业生首次来越州就业并缴纳职工基本养老保险费满六个月的，可以申请生活补贴。"))
		body.WriteString(item(1, 1, "博士研究生每人每月3000元；"))
	}
	file := pack(b, body.String(), parts{"word/numbering.xml": numberingPart, "word/styles.xml": stylesPart})
	b.SetBytes(int64(body.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := read(b, file); err != nil {
			b.Fatal(err)
		}
	}
}
