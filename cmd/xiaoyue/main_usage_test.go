package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"xiaoyue/ingest"
	"xiaoyue/kb"
)

// command runs one command line and returns what it printed.
func command(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, terminal{strings.NewReader(""), &o, &e})
	return code, o.String(), e.String()
}

func TestWrongUsageIsOneHelpfulLine(t *testing.T) {
	folder := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	tests := map[string][]string{
		"unknown command":       {"sing"},
		"unknown flag":          {"ask", "--nope", "x"},
		"no question":           {"ask"},
		"no path":               {"ingest"},
		"missing path":          {"ingest", "--dry-run", filepath.Join(folder, "nothing")},
		"no corpus":             {"eval", "retrieval"},
		"missing corpus":        {"eval", "retrieval", "--corpus", filepath.Join(folder, "nothing")},
		"unknown pipeline":      {"eval", "retrieval", "--corpus", folder, "--pipeline", "magic"},
		"negative limit":        {"eval", "retrieval", "--corpus", folder, "--limit", "-1"},
		"no cases":              {"eval", "answers"},
		"eval of what":          {"eval"},
		"unknown key":           {"doctor", "--config", file("broken.yaml", "dta: x\n")},
		"negative number":       {"doctor", "--config", file("negative.yaml", "running: -1\n")},
		"missing configuration": {"doctor", "--config", filepath.Join(folder, "none.yaml")},
		"model without server":  {"doctor", "--ollama", "http://127.0.0.1:1"},
		"extra argument":        {"serve", "now"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			code, out, errs := command(t, args...)
			if code != exitUsage || out != "" || strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "xiaoyue: ") {
				t.Errorf("exit %d, printed %q, complained %q; want 2 and one line", code, out, errs)
			}
		})
	}
}

func TestDryRunReportsEveryFile(t *testing.T) {
	folder := t.TempDir()
	files := map[string]string{
		"通知.md":  "# 关于居住证的通知\n\n越公发〔2025〕1号\n\n第一条 办理居住证的费用为15元。\n\n第二条 本通知自2025年3月1日起施行。\n",
		"空.txt":  "",
		"坏.docx": "PK\x03\x04 broken",
		"秘密.txt": "机密★1年\n\n关于演练的通知\n",
		"图.png":  "\x89PNG\r\n\x1a\n0000000000000000",
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, out, errs := command(t, "ingest", "--dry-run", "--json", folder)
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	got := map[string]ingest.Report{}
	for line := range strings.Lines(out) {
		var r ingest.Report
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		got[filepath.Base(r.Path)] = r
	}
	want := map[string]ingest.Status{
		"通知.md": ingest.StatusOK, "空.txt": ingest.StatusEmpty, "坏.docx": ingest.StatusDamaged,
		"秘密.txt": ingest.StatusClassified, "图.png": ingest.StatusUnsupported,
	}
	for name, status := range want {
		r := got[name]
		if r.Status != status || status != ingest.StatusOK && r.Reason == "" {
			t.Errorf("%s: status %s, reason %q; want %s with a reason", name, r.Status, r.Reason, status)
		}
	}
	notice := got["通知.md"]
	if notice.Metadata.Number != "越公发〔2025〕1号" || notice.Metadata.ValidFrom != kb.MustDate("2025-03-01") || !strings.Contains(notice.Text, "15元") {
		t.Errorf("notice was read as %+v", notice)
	}
	if secret := got["秘密.txt"]; secret.Text != "" || secret.Title != "" {
		t.Errorf("a classified text shows %q %q", secret.Title, secret.Text)
	}
}

// TestAskWithoutModel goes the whole way of a user without the model files: ingest, search, ask.
func TestAskWithoutModel(t *testing.T) {
	folder, data := t.TempDir(), filepath.Join(t.TempDir(), "data")
	text := "# 居住证管理办法\n\n第一条 居住证工本费为每证15元。\n\n第二条 申领居住证的，应当自受理之日起15个工作日内办结。\n"
	if err := os.WriteFile(filepath.Join(folder, "a.md"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	global := []string{"--data", data, "--models", t.TempDir(), "--log", "error"}
	for range 2 { // the second time does nothing
		if code, _, errs := command(t, append(global, "ingest", "--source", "s", folder)...); code != 0 {
			t.Fatalf("ingest: exit %d: %s", code, errs)
		}
	}
	code, out, errs := command(t, append(global, "search", "--json", "居住证工本费")...)
	var row struct {
		Rank  int
		Score float64
		Text  string
		DocID string `json:"doc_id"`
	}
	if err := json.Unmarshal([]byte(strings.SplitN(out, "\n", 2)[0]), &row); err != nil || code != 0 {
		t.Fatalf("search: exit %d, %v: %s%s", code, err, out, errs)
	}
	if row.Rank != 1 || !strings.Contains(row.Text, "15元") {
		t.Errorf("first hit is %+v", row)
	}
	code, out, errs = command(t, append(global, "ask", "--json", "居住证工本费多少钱？")...)
	var answer kb.Answer
	if err := json.Unmarshal([]byte(out), &answer); err != nil || code != 0 {
		t.Fatalf("ask: exit %d, %v: %s%s", code, err, out, errs)
	}
	if answer.Outcome != kb.Answered || answer.Mode != kb.ModeLexical || !strings.Contains(answer.Text, "15元") || len(answer.Citations) == 0 {
		t.Errorf("answer is %+v", answer)
	}
	for _, c := range answer.Citations {
		if c.DocID != row.DocID || !strings.Contains(text, c.Quote) {
			t.Errorf("citation %+v does not stand in the document", c)
		}
	}
}
