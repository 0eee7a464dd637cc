package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"xiaoyue/kb"
)

// TestSecondServeWithAnotherIndex starts a second server on a data folder, whose index is elsewhere: the
// folder is served already. What may run beside a server still does.
func TestSecondServeWithAnotherIndex(t *testing.T) {
	_, global := smallFolder(t)
	conf, err := configOf(t, "", global...)
	if err != nil {
		t.Fatal(err)
	}
	first, err := conf.open(t.Context(), access{write: true}, unread())
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close() // again, where a check fails
	elsewhere := conf
	elsewhere.Index.Pgvector.Postgres, elsewhere.Index.Milvus.Address = "postgres://u@"+notThere+"/d", notThere
	for _, store := range stores {
		elsewhere.Index.Store = store
		second, err := elsewhere.open(t.Context(), access{write: true}, unread())
		if err == nil {
			t.Fatal(errors.Join(errors.New(store+": a second server is let"), second.Close()))
		}
		if line := sentence(err); !errors.Is(err, kb.ErrLocked) || !strings.Contains(line, "另一个小越正在使用这个数据目录") || strings.Contains(line, "\n") {
			t.Errorf("%s: a second server is told %q, want %v", store, line, kb.ErrLocked)
		}
	}
	extra := t.TempDir()
	if err := os.WriteFile(filepath.Join(extra, "新.md"), []byte("# 新通知\n\n第一条 新增内容。\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"ingest", extra}, {"index", "list"}, {"index", "rebuild"}, {"search", "通知"}} {
		if code, _, errs := command(t, append(global, args...)...); code != 0 {
			t.Errorf("%s beside a server: exit %d, %q", args[0], code, errs)
		}
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	elsewhere.Index.Store = storePgvector
	second, err := elsewhere.open(t.Context(), access{write: true}, unread())
	if err != nil {
		t.Fatalf("after the first has ended: %v", err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}
