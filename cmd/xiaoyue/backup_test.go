package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/kb"
	"xiaoyue/kb/catalog"
	"xiaoyue/retrieval"
)

// quiet are the flags for a data folder without a model.
func quiet(t *testing.T, data string) []string {
	return []string{"--data", data, "--models", t.TempDir(), "--log", "error"}
}

// talk notes an answer in the catalog of a folder.
func talk(t *testing.T, data string) {
	t.Helper()
	c, err := catalog.Open(t.Context(), catalog.Options{Dir: data})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	caller := kb.Caller{Tenant: kb.DefaultTenant, Subject: "alice"}
	if err := c.PutRecord(t.Context(), kb.Record{TraceID: "t1", Turn: kb.Turn{Caller: caller, Question: "补贴多少"}}); err != nil {
		t.Fatal(err)
	}
}

// tables returns every row of a catalog.
func tables(t *testing.T, place catalog.Options) map[string][]string {
	t.Helper()
	place.ReadOnly = true
	c, err := catalog.Open(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Check(t.Context()); err != nil {
		t.Error(err)
	}
	rows := map[string][]string{}
	err = c.Dump(t.Context(), true, func(_ catalog.Dumped, table catalog.Table) error {
		for row, err := range table.Rows {
			if err != nil {
				return err
			}
			rows[table.Name] = append(rows[table.Name], string(row))
		}
		slices.Sort(rows[table.Name])
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func mustRun(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errs := command(t, args...)
	if code != 0 {
		t.Fatalf("%v: exit %d: %s", args, code, errs)
	}
	return out
}

func TestBackupIsRestored(t *testing.T) {
	data, global := smallFolder(t)
	talk(t, data)
	file := filepath.Join(t.TempDir(), "b.tar")
	made := mustRun(t, append(global, "backup", "--json", file)...)
	checked := mustRun(t, "backup", "--check", "--json", file)
	var h holding
	if err := json.Unmarshal([]byte(made), &h); err != nil || checked != made || h.Rows["files"] != notices || h.Rows["records"] != 1 {
		t.Errorf("%v, made %s, checked %s", err, made, checked)
	}
	elsewhere := filepath.Join(t.TempDir(), "other")
	mustRun(t, append(quiet(t, elsewhere), "restore", file)...)
	if diff := cmp.Diff(tables(t, catalog.Options{Dir: data}), tables(t, catalog.Options{Dir: elsewhere})); diff != "" {
		t.Errorf("-backed up +restored:\n%.2000s", diff)
	}
	code, _, errs := command(t, append(quiet(t, elsewhere), "restore", file)...)
	if code != exitFailure || !strings.Contains(errs, "恢复从不覆盖") {
		t.Errorf("restored over a catalog: exit %d, %s", code, errs)
	}
	mustRun(t, append(quiet(t, elsewhere), "ingest", t.TempDir())...) // which works off what there is to index
	if out := mustRun(t, append(quiet(t, elsewhere), "search", "--json", "通知的编号")...); strings.Count(out, "\n") == 0 {
		t.Error("nothing is found in what was restored")
	}
}

func TestBackupWithoutConversations(t *testing.T) {
	data, global := smallFolder(t)
	talk(t, data)
	folder := t.TempDir()
	mustRun(t, append(global, "backup", "--without-conversations", "--without-vectors", folder)...)
	files, err := filepath.Glob(filepath.Join(folder, "xiaoyue-*.tar"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	if out := mustRun(t, "backup", "--check", files[0]); !strings.Contains(out, "不含问答") {
		t.Errorf("the check says %s", out)
	}
	elsewhere := filepath.Join(t.TempDir(), "other")
	mustRun(t, append(quiet(t, elsewhere), "restore", files[0])...)
	if rows := tables(t, catalog.Options{Dir: elsewhere}); len(rows["records"]) != 0 || len(rows["documents"]) != notices {
		t.Errorf("%d records, %d documents", len(rows["records"]), len(rows["documents"]))
	}
}

func TestBackupRefuses(t *testing.T) {
	_, global := smallFolder(t)
	file := filepath.Join(t.TempDir(), "b.tar")
	mustRun(t, append(global, "backup", file)...)
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	code, _, errs := command(t, append(global, "backup", file)...)
	if code != exitFailure || !strings.Contains(errs, "--force") {
		t.Errorf("over a file: exit %d, %s", code, errs)
	}
	mustRun(t, append(global, "backup", "--force", file)...)
	bad := bytes.Clone(content)
	at := bytes.Index(bad, []byte("catalog/passages/000000"))
	bad[at+600] ^= 1
	if err := os.WriteFile(file, bad, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"backup", "--check", file}, append(quiet(t, filepath.Join(t.TempDir(), "d")), "restore", file)} {
		code, _, errs := command(t, args...)
		if code != exitFailure || !strings.Contains(errs, "catalog/passages/000000") {
			t.Errorf("%v of a damaged file: exit %d, %s", args, code, errs)
		}
	}
	if code, _, errs := command(t, "backup", "--check", "backup_test.go"); code != exitFailure || !strings.Contains(errs, "不是小越的备份") {
		t.Errorf("check of another file: exit %d, %s", code, errs)
	}
	if code, _, errs := command(t, append(quiet(t, t.TempDir()), "backup", filepath.Join(t.TempDir(), "x"))...); code != exitFailure || !strings.Contains(errs, "nothing to back up") {
		t.Errorf("backup of nothing: exit %d, %s", code, errs)
	}
}

// TestVectorsAreRestored gives the index vectors and finds them, and what has none, in another folder.
func TestVectorsAreRestored(t *testing.T) {
	data, global := smallFolder(t)
	stamp := retrieval.Stamp{Embedder: "m@1", Dimension: 3, Segmenter: "s", Splitter: "p"}
	want := fillVectors(t, data, stamp)
	file := filepath.Join(t.TempDir(), "b.tar")
	mustRun(t, append(global, "backup", file)...)
	elsewhere := filepath.Join(t.TempDir(), "other")
	mustRun(t, append(quiet(t, elsewhere), "restore", "--without-vectors", file)...)
	mustRun(t, append(quiet(t, elsewhere), "restore", "--only-index", file)...)
	mustRun(t, append(quiet(t, elsewhere), "restore", "--only-index", file)...) // again, as after an interruption
	checkVectors(t, elsewhere, stamp, want, 0)
}

// inFolder is the configuration of a data folder with everything in it.
func inFolder(data string) config {
	conf := config{Data: data}
	conf.Index.Store = storeEmbedded
	return conf
}

// checkVectors finds every passage in the index of a folder, and the vectors of some within a distance.
func checkVectors(t *testing.T, data string, stamp retrieval.Stamp, want map[string][]float32, within float64) {
	t.Helper()
	store, err := inFolder(data).backedIndex(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	v, err := store.Open(t.Context(), retrieval.Stamp{})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	stats, err := v.Stats(t.Context())
	if err != nil || stats.Stamp != stamp || stats.Vectors != len(want) || stats.Passages <= len(want) {
		t.Errorf("%+v, %v; want %d vectors", stats, err, len(want))
	}
	near := cmp.Comparer(func(a, b float32) bool { return math.Abs(float64(a-b)) <= within })
	for id, vector := range want {
		got, err := v.Vectors(t.Context(), []string{id})
		if diff := cmp.Diff([][]float32{vector}, got, near); diff != "" || err != nil {
			t.Errorf("%s: %v, -want +got: %s", id, err, diff)
		}
	}
}

// fillVectors puts a version with vectors of every second passage to use, and returns them.
func fillVectors(t *testing.T, data string, stamp retrieval.Stamp) map[string][]float32 {
	t.Helper()
	conf := inFolder(data)
	from, err := conf.backedCatalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	store, err := conf.backedIndex(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	v, err := store.Create(t.Context(), stamp)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	want, batch := map[string][]float32{}, map[string][]float32{"gone": {1, 0, 0}}
	n := 0
	for p, err := range from.AllPassages(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n%2 == 0 {
			angle := float64(n) / 10
			want[p.ID] = []float32{float32(math.Sin(angle)), float32(math.Cos(angle)), 0}
			batch[p.ID] = want[p.ID]
		}
	}
	if written, err := putVectors(t.Context(), v, from, batch); err != nil || written != len(want) {
		t.Fatalf("%d of %d, %v", written, len(want), err)
	}
	if err := store.Use(t.Context(), stamp); err != nil {
		t.Fatal(err)
	}
	for id := range want { // as the index keeps them
		got, err := v.Vectors(t.Context(), []string{id})
		if err != nil {
			t.Fatal(err)
		}
		want[id] = got[0]
	}
	return want
}

// TestKilledBackup kills backups and restores as soon as they show: nothing bears a name that it does
// not deserve, and the next one works.
func TestKilledBackup(t *testing.T) {
	data, global := smallFolder(t)
	file := filepath.Join(t.TempDir(), "b.tar")
	killWhenThere(t, file+".part", append(global, "backup", file)...)
	if _, err := os.Stat(file); err == nil {
		mustRun(t, "backup", "--check", file) // it was quicker than the kill
	} else {
		code, _, errs := command(t, append(global, "backup", file)...)
		if code != exitFailure || !strings.Contains(errs, ".part") {
			t.Errorf("over what a killed one left: exit %d, %s", code, errs)
		}
	}
	_ = os.Remove(file + ".part")
	mustRun(t, append(global, "backup", "--force", file)...)
	elsewhere := filepath.Join(t.TempDir(), "other")
	killWhenThere(t, filepath.Join(elsewhere, "catalog.loading", "catalog.db"), append(quiet(t, elsewhere), "restore", file)...)
	if _, err := os.Stat(filepath.Join(elsewhere, "catalog.db")); err != nil {
		mustRun(t, append(quiet(t, elsewhere), "restore", file)...)
	}
	if diff := cmp.Diff(tables(t, catalog.Options{Dir: data}), tables(t, catalog.Options{Dir: elsewhere})); diff != "" {
		t.Errorf("-backed up +restored:\n%.2000s", diff)
	}
}

// killWhenThere runs a command in a process of its own and kills it as soon as a file is there.
func killWhenThere(t *testing.T, path string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // killed, as it should be
		close(ended)
	}()
	for {
		if _, err := os.Stat(path); err == nil {
			break
		}
		select {
		case <-ended:
			return
		case <-time.After(time.Millisecond):
		}
	}
	_ = cmd.Process.Kill()
	<-ended
}
