package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestKilledMove kills the copying of an index at a random moment, again and again, while texts change:
// the next copy goes on by itself, and what it puts to use holds what the catalog has, and nothing old.
func TestKilledMove(t *testing.T) {
	dsn, schema := postgres(t)
	rounds := 3
	if os.Getenv("XIAOYUE_FULL") != "" {
		rounds = 50
	}
	file := filepath.Join(t.TempDir(), "config.yaml")
	content := fmt.Sprintf("index:\n  pgvector: {postgres: %q, schema: %s}\n", dsn, schema)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	source := t.TempDir()
	global := []string{"--config", file, "--data", filepath.Join(t.TempDir(), "data"), "--models", t.TempDir(), "--log", "error"}
	random := rand.New(rand.NewPCG(3, 4))
	for round := range rounds {
		writeNotices(t, source, round)
		if code, _, errs := command(t, append(global, "ingest", "--source", "s", source)...); code != 0 {
			t.Fatalf("ingest: exit %d: %s", code, errs)
		}
		cmd := exec.CommandContext(t.Context(), os.Args[0], append(global, "index", "copy", "--to", "pgvector")...)
		cmd.Env = append(os.Environ(), asProgram+"=1")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(random.IntN(600)) * time.Millisecond) // the kill is what is tested
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	code, out, errs := command(t, append(global, "index", "copy", "--to", "pgvector")...)
	if code != 0 || !strings.Contains(out, "100%") {
		t.Fatalf("the last copy: exit %d: %s%s", code, out, errs)
	}
	code, out, errs = command(t, append(global, "--index", "pgvector", "search", "--json", "--limit", "100", "本通知的版本，越州市有关单位应当执行")...)
	newest := fmt.Sprintf("本通知为第%d版", rounds-1)
	if code != 0 || strings.Count(out, newest) < notices || strings.Count(out, "本通知为第") != strings.Count(out, newest) {
		t.Errorf("after the last copy (exit %d: %s) %d passages are of the newest version, %d of any, want %d of the newest alone",
			code, errs, strings.Count(out, newest), strings.Count(out, "本通知为第"), notices)
	}
}
