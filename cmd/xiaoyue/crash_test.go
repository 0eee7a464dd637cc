package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"xiaoyue/kb"
	"xiaoyue/kb/catalog"
)

// TestKilledIngestLosesNothing kills ingest at a random moment, again and again, on one data folder:
// what it acknowledged is there afterwards, nothing is half visible, and the next run goes on without
// any repair by hand.
func TestKilledIngestLosesNothing(t *testing.T) {
	rounds := 3
	if os.Getenv("XIAOYUE_FULL") != "" {
		rounds = 50
	}
	data := filepath.Join(t.TempDir(), "data")
	source := t.TempDir()
	acknowledged := map[string]string{} // path → version, as the text says it
	random := rand.New(rand.NewPCG(1, 2))
	for round := range rounds {
		writeNotices(t, source, round)
		for path := range killedIngest(t, data, source, 1+random.IntN(12)) {
			acknowledged[path] = fmt.Sprintf("第%d版", round)
		}
		checkAcknowledged(t, data, acknowledged)
	}
	code, _, errs := command(t, "--data", data, "--models", t.TempDir(), "--log", "error", "ingest", "--source", "s", source)
	if code != 0 {
		t.Fatalf("last ingest: exit %d: %s", code, errs)
	}
	code, out, errs := command(t, "--data", data, "--models", t.TempDir(), "search", "--json", "--limit", "100", "越州市 第12号 通知")
	if lines := strings.Count(out, "\n"); code != 0 || lines < notices {
		t.Errorf("after the last ingest %d passages are found (exit %d: %s), want at least %d", lines, code, errs, notices)
	}
}

// notices is how many documents every round changes.
const notices = 20

func writeNotices(t *testing.T, folder string, round int) {
	t.Helper()
	for i := range notices {
		text := fmt.Sprintf("# 第%d号通知\n\n第一条 本通知为第%d版，越州市有关单位应当执行。\n\n第二条 通知编号为%d。\n", i, round, i)
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%02d.md", i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// killedIngest runs ingest in a process of its own, kills it after it has acknowledged some
// documents, and yields the paths that it did acknowledge.
func killedIngest(t *testing.T, data, source string, after int) map[string]bool {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "--data", data, "--models", t.TempDir(), "--log", "error", "ingest", "--source", "s", source)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	paths := map[string]bool{}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		change, rest, _ := strings.Cut(lines.Text(), "\t")
		path, _, _ := strings.Cut(rest, "\t")
		if change == "added" {
			paths[path] = true
		}
		if len(paths) >= after {
			_ = cmd.Process.Kill() // SIGKILL; lines that were on their way are still read
		}
	}
	_ = cmd.Wait()
	return paths
}

// checkAcknowledged compares the catalog with what was acknowledged.
func checkAcknowledged(t *testing.T, data string, acknowledged map[string]string) {
	t.Helper()
	store, err := catalog.Open(t.Context(), catalog.Options{Dir: data, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.Check(t.Context()); err != nil {
		t.Fatalf("catalog needs repair: %v", err)
	}
	scope := kb.Scope{Tenant: kb.DefaultTenant, Access: []kb.Access{kb.AccessPublic}}
	documents, _, err := store.Documents(t.Context(), catalog.DocumentQuery{Scope: scope, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, d := range documents {
		full, err := store.Document(t.Context(), d.Tenant, d.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := texts[d.Key]; twice {
			t.Errorf("%s is there twice", d.Key)
		}
		texts[d.Key] = full.Text
	}
	for path, version := range acknowledged {
		if text := texts[filepath.Base(path)]; !newer(text, version) {
			t.Errorf("%s: acknowledged as %s, stored as %q", path, version, text)
		}
	}
}

// newer reports whether a text is of the acknowledged version or a later one: a kill between commit
// and acknowledgement may leave more than was promised, never less.
func newer(text, version string) bool {
	var want, got int
	if _, err := fmt.Sscanf(version, "第%d版", &want); err != nil {
		return false
	}
	at := strings.Index(text, "本通知为")
	if at < 0 {
		return false
	}
	if _, err := fmt.Sscanf(text[at+len("本通知为"):], "第%d版", &got); err != nil {
		return false
	}
	return got >= want
}
