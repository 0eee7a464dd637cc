package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"xiaoyue/kb"
)

// TestReplay asks with a model and replays the answer: every prompt is made again byte for byte, first
// as nothing has changed, then after the rule has.
func TestReplay(t *testing.T) {
	_, one := scriptedServer(t, 0)
	source, data := t.TempDir(), filepath.Join(t.TempDir(), "data")
	rule := filepath.Join(source, "rule.md")
	global := []string{"--data", data, "--models", t.TempDir(), "--log", "error", "--openai", one.OpenAI, "--chat-model", one.Model}
	do := func(args ...string) string {
		t.Helper()
		code, out, errs := command(t, append(append([]string{}, global...), args...)...)
		if code != 0 {
			t.Fatalf("%s: exit %d: %s", args[0], code, errs)
		}
		return out
	}
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(rule, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		do("ingest", "--source", "s", source)
	}
	put(rentRule)
	var answer kb.Answer
	if err := json.Unmarshal([]byte(do("ask", "--json", rentQuestion)), &answer); err != nil {
		t.Fatal(err)
	}
	if !answer.Generated {
		t.Fatalf("the model did not write: %+v", answer)
	}
	for _, change := range []struct {
		name, rule, says string
	}{
		{"nothing has changed", rentRule, "没有不同"},
		{"the amount has", strings.ReplaceAll(rentRule, "900", "1200"), "1200"},
	} {
		put(change.rule)
		if out := do("replay", answer.TraceID); !strings.Contains(out, "逐字节重现") || !strings.Contains(out, change.says) {
			t.Errorf("%s: want the prompt again and %q:\n%s", change.name, change.says, out)
		}
		var again replayed
		if err := json.Unmarshal([]byte(do("replay", "--json", answer.TraceID)), &again); err != nil {
			t.Fatal(err)
		}
		if again.Then.TraceID != answer.TraceID || len(again.Today.Calls) == 0 || !again.Today.Calls[0].Same {
			t.Errorf("%s: replay %+v; want the record's calls made again", change.name, again.Today.Calls)
		}
	}
}

func TestReplayOfNothing(t *testing.T) {
	_, global := smallFolder(t)
	if code, _, errs := command(t, append(global, "replay", "no-such-trace")...); code != exitFailure || !strings.Contains(errs, "没有这个编号") {
		t.Errorf("exit %d, %q; want 1 and the reason", code, errs)
	}
}
