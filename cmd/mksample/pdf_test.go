package main

import (
	"strings"
	"testing"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// TestReadersFindTheTextOfPages reads the PDFs with another program than the one that wrote them.
func TestReadersFindTheTextOfPages(t *testing.T) {
	if testing.Short() {
		t.Skip("compiling the PDF reader takes seconds")
	}
	reader := newReader(t)
	for _, s := range read(t) {
		if s.format != "pdf" && s.format != "scan-pdf" {
			continue
		}
		t.Run(s.key, func(t *testing.T) {
			pages := pageTexts(t, reader, kept(t, s))
			if s.format == "scan-pdf" {
				if text := strings.Join(pages, ""); text != "" {
					t.Errorf("a scan has the text %q", text)
				}
				return
			}
			checkPages(t, s, pages)
		})
	}
}

// checkPages wants the header and footer on every page and the source's text, in order, between.
func checkPages(t *testing.T, s source, pages []string) {
	t.Helper()
	set, err := setPages(s)
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) != len(set) {
		t.Fatalf("%d pages read, %d set", len(pages), len(set))
	}
	var got strings.Builder
	for i, text := range pages {
		lines := strings.Split(strings.TrimSpace(text), "\r\n")
		first, last := 0, len(lines)-1
		if lines[first] != s.meta["header"] || lines[last] != set[i][len(set[i])-1].text {
			t.Errorf("page %d: header %q, footer %q", i+1, lines[first], lines[last])
		}
		got.WriteString(strings.Join(lines[1:last], ""))
	}
	if want := squeeze(plain(s)); squeeze(got.String()) != want {
		t.Errorf("read %s\nwant %s", squeeze(got.String()), want)
	}
}

// plain returns the text of a source without its marks.
func plain(s source) string {
	var b strings.Builder
	for _, bl := range s.blocks {
		b.WriteString(bl.text)
		for _, row := range bl.rows {
			b.WriteString(strings.Join(row, ""))
		}
	}
	return b.String()
}

// squeeze drops spaces, which a reader may put between cells and at the ends of lines.
func squeeze(text string) string { return strings.Join(strings.Fields(text), "") }

func newReader(t *testing.T) pdfium.Pdfium {
	t.Helper()
	pool, err := webassembly.Init(webassembly.Config{
		MinIdle: 1, MaxIdle: 1, MaxTotal: 1,
		FSConfig: wazero.NewFSConfig(), // no access to the machine's files
		RuntimeConfig: wazero.NewRuntimeConfig().
			WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	reader, err := pool.GetInstance(time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reader.Close() })
	return reader
}

func pageTexts(t *testing.T, reader pdfium.Pdfium, file []byte) []string {
	t.Helper()
	doc, err := reader.OpenDocument(&requests.OpenDocument{File: &file})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.FPDF_CloseDocument(&requests.FPDF_CloseDocument{Document: doc.Document})
	count, err := reader.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: doc.Document})
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for i := range count.PageCount {
		texts = append(texts, onePage(t, reader, doc.Document, i))
	}
	return texts
}

func onePage(t *testing.T, reader pdfium.Pdfium, doc references.FPDF_DOCUMENT, index int) string {
	t.Helper()
	text, err := reader.GetPageText(&requests.GetPageText{
		Page: requests.Page{ByIndex: &requests.PageByIndex{Document: doc, Index: index}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return text.Text
}
