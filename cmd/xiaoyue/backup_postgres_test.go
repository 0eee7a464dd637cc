package main

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib" // driver pgx

	"xiaoyue/kb/catalog"
	"xiaoyue/retrieval"
)

// emptyDatabase makes a database on the tests' server and returns its address.
func emptyDatabase(t *testing.T) string {
	t.Helper()
	dsn := os.Getenv("XIAOYUE_TEST_POSTGRES")
	if dsn == "" && os.Getenv("CI") != "" && !testing.Short() {
		t.Fatal("XIAOYUE_TEST_POSTGRES is not set: run the tests under .ci/with-postgres.sh")
	}
	if dsn == "" {
		t.Skip("XIAOYUE_TEST_POSTGRES is not set: backups are not tested on PostgreSQL")
	}
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("backup_%d", time.Now().UnixNano())
	t.Cleanup(func() {
		if _, err := db.Exec("drop database " + name + " with (force)"); err != nil {
			t.Error(err)
		}
		db.Close()
	})
	if _, err := db.Exec("create database " + name); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	fresh, err := sql.Open("pgx", u.String())
	if err != nil {
		t.Fatal(err)
	}
	defer fresh.Close()
	if _, err := fresh.Exec("create extension vector"); err != nil {
		t.Fatal(err)
	}
	return u.String()
}

// TestMoveToPostgresAndBack moves a catalog and its index from a folder to PostgreSQL and back.
func TestMoveToPostgresAndBack(t *testing.T) {
	dsn := emptyDatabase(t)
	data, global := smallFolder(t)
	talk(t, data)
	stamp := retrieval.Stamp{Embedder: "m@1", Dimension: 3, Segmenter: "s", Splitter: "p"}
	want := fillVectors(t, data, stamp)
	there, back := filepath.Join(t.TempDir(), "there.tar"), filepath.Join(t.TempDir(), "back.tar")
	mustRun(t, append(global, "backup", there)...)
	server := append(quiet(t, filepath.Join(t.TempDir(), "replica")), "--catalog", dsn, "--index", "pgvector")
	mustRun(t, append(server, "restore", there)...)
	if diff := cmp.Diff(tables(t, catalog.Options{Dir: data}), tables(t, catalog.Options{DSN: dsn})); diff != "" {
		t.Errorf("-folder +database:\n%.2000s", diff)
	}
	if out := mustRun(t, append(server, "search", "--json", "通知的编号")...); strings.Count(out, "\n") == 0 {
		t.Error("nothing is found in PostgreSQL")
	}
	code, _, errs := command(t, append(server, "restore", there)...)
	if code != exitFailure || !strings.Contains(errs, "恢复从不覆盖") {
		t.Errorf("restored over a catalog: exit %d, %s", code, errs)
	}
	mustRun(t, append(server, "backup", back)...)
	home := filepath.Join(t.TempDir(), "home")
	mustRun(t, append(quiet(t, home), "restore", back)...)
	if diff := cmp.Diff(tables(t, catalog.Options{Dir: data}), tables(t, catalog.Options{Dir: home})); diff != "" {
		t.Errorf("-folder +folder again:\n%.2000s", diff)
	}
	checkVectors(t, home, stamp, want, 1e-3) // which were in half precision meanwhile
}
