package ofd

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/ingest"
)

// parts are the parts of a file by name.
type parts map[string]string

const (
	root     = "\ufeff<o:OFD xmlns:o='o'><o:DocBody><o:DocInfo><o:Title>测试</o:Title></o:DocInfo><o:DocRoot>/Doc_0/Document.xml</o:DocRoot><o:Signatures>s</o:Signatures></o:DocBody></o:OFD>"
	document = `<Document><CommonData><PageArea><PhysicalBox>0 0 210 297</PhysicalBox></PageArea><TemplatePage ID="9" BaseLoc="Tpls\Tpl_0\Content.xml"/></CommonData><Pages><Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></Pages></Document>`
)

// pack writes a file of one page with that content over the template "眉".
func pack(t testing.TB, content string, more parts) []byte {
	t.Helper()
	all := parts{
		"OFD.xml":                        root,
		"Doc_0/Document.xml":             document,
		"Doc_0/Tpls/Tpl_0/Content.xml":   page(text("20 15 50 5", `Size="4"`, `X="0" Y="4"`, "测试办公室文件")),
		"Doc_0/Pages/Page_0/Content.xml": `<Page><Template TemplateID="9"/><Content><Layer>` + content + `</Layer></Content></Page>`,
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

func page(objects string) string {
	return "<Page><Content><Layer>" + objects + "</Layer></Content></Page>"
}

func text(boundary, object, code, s string) string {
	return `<TextObject Boundary="` + boundary + `" ` + object + `><TextCode ` + code + `>` + s + `</TextCode></TextObject>`
}

func line(x1, y1, x2, y2 string) string {
	return `<PathObject Boundary="0 0 210 297"><AbbreviatedData>M ` + x1 + " " + y1 + " L " + x2 + " " + y2 + `</AbbreviatedData></PathObject>`
}

func read(t testing.TB, b []byte) (ingest.Reading, error) {
	t.Helper()
	return Reader{}.Read(t.Context(), bytes.NewReader(b), int64(len(b)), ingest.Limits{})
}

func TestRead(t *testing.T) {
	body := text("20 80 170 6", `Size="5"`, `X="0" Y="5" DeltaX="g 3 5.5"`, "第二行、") +
		text("20 60 170 6", `CTM="2 0 0 2 0 0" Size="2.5"`, `X="5" Y="2.5"`, "第一行。") +
		text("60 150 90 90", `CTM="0.7 0.7 -0.7 0.7 0 0" Size="20"`, `X="0" Y="0"`, "秘密★1年") +
		line("20", "100", "120", "100") + line("20", "110", "120", "110") + line("20", "120", "120", "120") +
		line("20", "100", "20", "120") + line("70", "100", "70", "120") + line("120", "100", "120", "120") +
		`<PageBlock>` + text("25 102 40 5", `Size="4"`, `X="0" Y="4"`, "学历") + text("75 102 40 5", `Size="4"`, `X="0" Y="4"`, "标准") +
		text("25 112 40 5", `Size="4"`, `X="0" Y="4"`, "博士") + text("75 112 40 5", `Size="4"`, `X="0" Y="4"`, "3000") + `</PageBlock>`
	got, err := read(t, pack(t, body, nil))
	if err != nil {
		t.Fatal(err)
	}
	want := []ingest.Block{
		{Kind: ingest.BlockParagraph, Page: 1, Text: "测试办公室文件"},
		{Kind: ingest.BlockParagraph, Page: 1, Text: "第一行。"},
		{Kind: ingest.BlockParagraph, Page: 1, Text: "第二行、"},
		{Kind: ingest.BlockTable, Page: 1, Rows: [][]string{{"学历", "标准"}, {"博士", "3000"}}, Heads: 1},
	}
	for i := range got.Blocks { // alignment is the business of package layout
		got.Blocks[i].Centered, got.Blocks[i].Right = false, false
	}
	if d := cmp.Diff(want, got.Blocks); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[string]string{"title": "测试", "密级": "秘密★1年", "签章": "有（未验证）"}, got.Properties); d != "" || got.Pages != 1 || got.Coverage != 1 {
		t.Errorf("pages %d, coverage %v, properties %s", got.Pages, got.Coverage, d)
	}
}

func TestDeltas(t *testing.T) {
	if d := cmp.Diff([]float64{1, 5.2, 5.2, 5.2, 2}, deltas("1 g 3 5.2 2")); d != "" {
		t.Error(d)
	}
	if n := len(deltas("g 900000 1")); n != maxNumbers {
		t.Errorf("%d deltas, want at most %d", n, maxNumbers)
	}
}

func TestFaults(t *testing.T) {
	none := parts{"Doc_0/Tpls/Tpl_0/Content.xml": page("")}
	for name, c := range map[string]struct {
		file []byte
		want ingest.Status
	}{
		"no zip":       {[]byte("PK\x03\x04"), ingest.StatusDamaged},
		"no root":      {pack(t, "", parts{"OFD.xml": "<OFD/>"}), ingest.StatusDamaged},
		"encrypted":    {pack(t, "", parts{"Encryptions.xml": "<E/>"}), ingest.StatusEncrypted},
		"declaration":  {pack(t, "", parts{"OFD.xml": "<!DOCTYPE x><OFD/>"}), ingest.StatusHostile},
		"picture":      {pack(t, "<ImageObject/>", none), ingest.StatusNeedsOCR},
		"turned text":  {pack(t, text("0 0 9 9", `CTM="0 1 -1 0 0 0" Size="4"`, "", "正文"), none), ingest.StatusNeedsOCR},
		"empty":        {pack(t, "", none), ingest.StatusEmpty},
		"missing page": {pack(t, "", parts{"Doc_0/Document.xml": `<D><Page BaseLoc="gone.xml"/></D>`}), ingest.StatusDamaged},
		"pages":        {pack(t, "", parts{"Doc_0/Document.xml": "<D>" + strings.Repeat(`<Page BaseLoc="a"/>`, 6000) + "</D>"}), ingest.StatusTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read(t, c.file)
			var fault *ingest.ReadError
			if !errors.As(err, &fault) || fault.Status != c.want || fault.Reason == "" {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add(root, document, text("20 60 170 6", `CTM="2 0 0 2 0 0" Size="2.5"`, `DeltaX="g 2 1"`, "第一行。")+line("1", "1", "9", "1"))
	f.Fuzz(func(t *testing.T, root, document, content string) {
		b := pack(t, content, parts{"OFD.xml": root, "Doc_0/Document.xml": document})
		got, err := Reader{}.Read(t.Context(), bytes.NewReader(b), int64(len(b)), ingest.Limits{TextBytes: 1 << 20, Pages: 100})
		var fault *ingest.ReadError
		if err != nil && !errors.As(err, &fault) || got.Coverage < 0 || got.Coverage > 1 {
			t.Errorf("coverage %v, %v", got.Coverage, err)
		}
	})
}
