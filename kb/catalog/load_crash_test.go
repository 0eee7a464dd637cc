package catalog_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"xiaoyue/kb/catalog"
	"xiaoyue/retrieval/indextest/powercut"
)

// What makes the test binary the child of TestLoadKilled: where it loads to, a folder or a DSN.
const (
	loadDirEnv = "XIAOYUE_TEST_LOAD_DIR"
	loadDSNEnv = "XIAOYUE_TEST_LOAD_DSN"
)

// loadForever loads a dump that has no end, and prints a line now and then, until it is killed.
func loadForever(place catalog.Options) error {
	table := catalog.Table{Name: "acts", Columns: []string{"id", "tenant", "at", "body"}}
	table.Rows = func(yield func([]byte, error) bool) {
		for n := 0; yield(fmt.Appendf(nil, `["%d","default",1,"{}"]`, n), nil); n++ {
			if n%2000 == 0 {
				fmt.Println(n)
			}
		}
	}
	_, err := catalog.Load(context.Background(), place, 1, func(yield func(catalog.Table, error) bool) { yield(table, nil) })
	return err
}

// TestLoadKilled kills a load: nothing of it is there, and the next one goes into the same place.
func TestLoadKilled(t *testing.T) {
	f := openFixture(t, catalog.Options{Dir: t.TempDir()})
	f.settle(t)
	want := dump(t, f.Catalog, true)
	for name, place := range places(t) {
		t.Run(name, func(t *testing.T) {
			for lines := range 4 {
				killLoad(t, place, 1+4*lines)
				_, err := os.Stat(filepath.Join(place.Dir, "catalog.db"))
				if place.Dir != "" && !os.IsNotExist(err) {
					t.Fatalf("a killed load left a catalog: %v", err)
				}
			}
			got := load(t, place, want)
			equal(t, dump(t, got.Catalog, true).rows, want.rows)
			if _, err := os.Stat(filepath.Join(place.Dir, "catalog.loading")); place.Dir != "" && !os.IsNotExist(err) {
				t.Errorf("what the killed loads left is still there: %v", err)
			}
		})
	}
}

// killLoad starts a load and kills it some moments after a number of lines.
func killLoad(t *testing.T, place catalog.Options, lines int) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), loadDirEnv+"="+place.Dir, loadDSNEnv+"="+place.DSN)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for said := bufio.NewScanner(out); seen < lines && said.Scan(); seen++ {
	}
	if seen < lines {
		t.Errorf("the load ended by itself after %d lines", seen)
	}
	time.Sleep(time.Duration(lines) * time.Millisecond) // so that the moments differ
	_ = child.Process.Kill()
	_ = child.Wait() // killed, as it should be
}

// TestLoadedOnDisk cuts the power as soon as a load says that it is done.
func TestLoadedOnDisk(t *testing.T) {
	disk := powercut.New(t, 64)
	f := openFixture(t, catalog.Options{Dir: t.TempDir()})
	f.settle(t)
	want := dump(t, f.Catalog, true)
	place := catalog.Options{Dir: filepath.Join(disk.Dir(), "data")}
	if _, err := catalog.Load(t.Context(), place, want.Schema, want.tables()); err != nil {
		t.Fatal(err)
	}
	disk.Cut()
	got := openFixture(t, place)
	defer got.Close()
	if err := got.Check(t.Context()); err != nil {
		t.Error(err)
	}
	equal(t, dump(t, got.Catalog, true).rows, want.rows)
}
