package dispatch_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"xiaoyue/ingest"
	"xiaoyue/ingest/dispatch"
	"xiaoyue/ingest/docx"
	"xiaoyue/ingest/format"
	"xiaoyue/ingest/html"
	"xiaoyue/ingest/markdown"
	"xiaoyue/ingest/ofd"
	"xiaoyue/ingest/pdf"
	"xiaoyue/ingest/sandbox"
	"xiaoyue/ingest/sheet"
	"xiaoyue/ingest/text"
)

// childVariable makes the test binary read files for a sandbox.
const childVariable = "XIAOYUE_DISPATCH_TEST_CHILD"

// office is where the real files lie, beside the module.
const office = "../../../shared/data/office_files"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) == "" {
		os.Exit(m.Run())
	}
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve is the child: all readers behind the sandbox.
func serve() error {
	p, err := pdf.New(context.Background(), nil)
	if err != nil {
		return err
	}
	defer p.Close()
	d := dispatch.New(map[format.Format]ingest.Reader{
		format.DOCX: docx.Reader{}, format.PDF: p, format.XLSX: sheet.XLSX{}, format.CSV: sheet.CSV{},
		format.HTML: html.Reader{}, format.OFD: ofd.Reader{}, format.Markdown: markdown.Reader{}, format.Text: text.Reader{},
	})
	return sandbox.Serve(context.Background(), os.Stdin, os.Stdout, d.File)
}

// TestOfficeFiles reads real files, many of them broken on purpose, each within its bounds. Those
// that must fail are named right, and the others hold what is known to be in them.
func TestOfficeFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("starts PDFium")
	}
	if _, err := os.Stat(office); err != nil {
		t.Skipf("the real files are not on this machine: %v", err)
	}
	// Twice the memory that a reader may have: the race detector takes as much again.
	p, err := sandbox.New(&sandbox.Options{Command: []string{os.Args[0]}, Env: []string{childVariable + "=1"}, MemoryBytes: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	readings := readAll(t, p)
	for path, want := range map[string]ingest.Status{
		"chinese/0、“315”科技创新体系建设工程.pdf": ingest.StatusNeedsOCR,
		"chinese/44235.xls":                           ingest.StatusUnsupported,
		"chinese/testWPSAttachment.doc":               ingest.StatusUnsupported,
		"encrypted/xor-encryption-abc.xls":            ingest.StatusEncrypted,
		"encrypted/testZipEncrypted.zip":              ingest.StatusEncrypted,
		"malformed_hostile/bug1980958.pdf":            ingest.StatusDamaged,
		"malformed_hostile/testChm_oom.chm":           ingest.StatusUnsupported,
		"malformed_hostile/testWORD_macros.docm":      "",
		"malformed_hostile/testWORD_truncated.docx":   ingest.StatusDamaged,
		"malformed_hostile/testZIP_corrupted_oom.zip": ingest.StatusDamaged,
		"malformed_hostile/testZ_oom.Z":               ingest.StatusUnsupported,
		"malformed_hostile/xlsx-corrupted.xlsx":       ingest.StatusDamaged,
		"wellformed/testEPUB.epub":                    ingest.StatusUnsupported,
		"wellformed/testMSG.msg":                      ingest.StatusUnsupported,
		"wellformed/testRTF.rtf":                      ingest.StatusUnsupported,
	} {
		files := readings[path]
		if len(files) == 0 {
			t.Errorf("%s: no line", path)
			continue
		}
		last := files[len(files)-1]
		switch {
		case want == "" && last.Err != nil:
			t.Errorf("%s: %v, want it read", path, last.Err)
		case want != "" && (last.Err == nil || last.Err.Status != want):
			t.Errorf("%s: got %v, want %s", path, last.Err, want)
		}
	}
	checkProbes(t, readings)
}

// readAll reads every file and checks what holds for all of them.
func readAll(t *testing.T, p *sandbox.Pool) map[string][]ingest.FileReading {
	all := make(map[string][]ingest.FileReading)
	err := filepath.WalkDir(office, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Dir(path) == office {
			return err
		}
		name, err := filepath.Rel(office, path)
		if err != nil {
			return err
		}
		start := time.Now()
		files, err := p.Read(t.Context(), path, ingest.Limits{})
		if err != nil {
			return err
		}
		if took := time.Since(start); took > 15*time.Second || len(files) == 0 {
			t.Errorf("%s: %d readings after %v", name, len(files), took)
		}
		for _, f := range files {
			if f.Err != nil && f.Err.Reason == "" {
				t.Errorf("%s: %v has no reason", name, f.Err)
			}
			if f.Err == nil && (len(f.Reading.Blocks) == 0 || f.Reading.Coverage <= 0 || f.Reading.Coverage > 1) {
				t.Errorf("%s: %d blocks with coverage %v", name, len(f.Reading.Blocks), f.Reading.Coverage)
			}
		}
		all[name] = files
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// checkProbes looks for the strings that other tools found in the files of the formats we read.
func checkProbes(t *testing.T, readings map[string][]ingest.FileReading) {
	f, err := os.Open(filepath.Join(office, "probes.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	found, total := 0, 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var probe struct {
			File   string
			Probes []string
		}
		if err := json.Unmarshal(lines.Bytes(), &probe); err != nil {
			t.Fatal(err)
		}
		if !slices.Contains([]string{".docx", ".pdf", ".xlsx", ".html", ".md", ".txt", ".csv", ".ofd"}, filepath.Ext(probe.File)) {
			continue
		}
		all := squeezed(readings[probe.File])
		for _, s := range probe.Probes {
			total++
			if strings.Contains(all, strings.Join(strings.Fields(s), "")) {
				found++
			} else {
				t.Logf("%s: %q is not in what was read", probe.File, s)
			}
		}
	}
	t.Logf("%d of %d probes found", found, total)
	if 10*found < 9*total {
		t.Errorf("%d of %d probes found, want 90 %%", found, total)
	}
}

func squeezed(files []ingest.FileReading) string {
	var b strings.Builder
	for _, f := range files {
		for _, block := range f.Reading.Blocks {
			b.WriteString(block.Text)
			for _, row := range block.Rows {
				b.WriteString(strings.Join(row, ""))
			}
		}
	}
	return strings.Join(strings.Fields(b.String()), "")
}
