package main

import (
	"path/filepath"
	"strings"
	"testing"

	"xiaoyue/kb/catalog"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded"
)

// TestIndexDrop drops versions and queues: neither what is in use nor what another process has.
func TestIndexDrop(t *testing.T) {
	data, global := smallFolder(t)
	spare := retrieval.Stamp{Embedder: "spare", Dimension: 2}
	store, err := embedded.NewStore(filepath.Join(data, "index"), nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := store.Create(t.Context(), spare)
	if err != nil {
		t.Fatal(err)
	}
	used, err := store.Versions(t.Context())
	if err != nil || len(used) != 2 || !used[0].InUse {
		t.Fatalf("versions %+v, %v", used, err)
	}
	drop := func(name string, want int, says string) {
		t.Helper()
		code, out, errs := command(t, append(global, "index", "drop", name)...)
		if code != want || !strings.Contains(out+errs, says) {
			t.Errorf("drop %s: exit %d, %q %q; want %d and %q", name, code, out, errs, want, says)
		}
	}
	drop(spare.Key(), exitFailure, "正在使用")
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	drop(spare.Key(), 0, "已从 embedded 删除")
	drop(spare.Key(), exitUsage, "neither a version nor a queue")
	drop(used[0].Stamp.Key(), exitFailure, "in use")

	other, err := catalog.Open(t.Context(), catalog.Options{Dir: data, Queue: "other"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Subscribe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	drop("index", exitFailure, "in use")
	drop("other", 0, "已停掉")
	drop("other", exitUsage, "neither a version nor a queue")
	if code, out, errs := command(t, append(global, "search", "通知")...); code != 0 || !strings.Contains(out, "通知") {
		t.Errorf("search afterwards: exit %d, %q %q", code, out, errs)
	}
}
