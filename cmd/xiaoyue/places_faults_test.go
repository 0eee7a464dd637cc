package main

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/pgvector"
)

// refused starts serve, which must end at once with a typed error, and one line that says what to do.
func refused(t *testing.T, conf config, want error, remedy string) (line string) {
	t.Helper()
	conf.Listen = reserve(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err := conf.serve(ctx, unread(), nil)
	if err != nil {
		line = sentence(err)
	}
	if !errors.Is(err, want) || strings.Contains(line, "\n") || !strings.Contains(line, remedy) {
		t.Errorf("serve ended with %v, said %q; want %v and %q", err, line, want, remedy)
	}
	return line
}

// TestForeignPlaces starts serve over places that are not ours, or not any more: it says what to do, and
// harms nothing there.
func TestForeignPlaces(t *testing.T) {
	given(t, "XIAOYUE_TEST_POSTGRES", ".ci/with-postgres.sh")
	conf := sampleIn(t, indexConfig{Store: storeEmbedded})
	for _, tt := range []struct {
		name   string
		sql    []string // that makes the place what it is
		want   error
		remedy string
	}{
		{"another program's tables", []string{
			"drop schema xiaoyue_index cascade", "create schema xiaoyue_index",
			"create table xiaoyue_index.versions (id int)", "insert into xiaoyue_index.versions values (7)",
		}, retrieval.ErrForeign, "请换一个名字"},
		{"a newer xiaoyue", []string{"insert into xiaoyue_index.xiaoyue_index_version (version_id, is_applied) values (999, true)"},
			kb.ErrSchema, "请使用对应版本的小越"},
		{"no extension", []string{"drop schema xiaoyue_index cascade", "drop extension vector cascade"}, pgvector.ErrExtension, "CREATE EXTENSION vector"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dsn := freshDatabase(t)
			if s, err := pgvector.Open(t.Context(), pgvector.Options{DSN: dsn}); err != nil || s.Close() != nil {
				t.Fatalf("make the place: %v", err)
			}
			conf := conf
			conf.Index = indexConfig{Store: storePgvector, Pgvector: pgvectorConfig{Postgres: dsn}}
			execute(t, dsn, tt.sql...)
			before := contentsOf(t, dsn)
			refused(t, conf, tt.want, tt.remedy)
			if after := contentsOf(t, dsn); after != before && tt.want != pgvector.ErrExtension {
				t.Errorf("the place was changed:\n%s\n%s", before, after)
			}
			if code, out, errs := command(t, "--data", conf.Data, "--models", conf.Models, "ask", "--json", cardQuestion); code != 0 || !strings.Contains(out, `"answered"`) {
				t.Errorf("the catalog without that index: exit %d, %s %s", code, out, errs)
			}
		})
	}
}

// contentsOf is the names of all tables of a place with their sizes.
func contentsOf(t *testing.T, dsn string) (all string) {
	t.Helper()
	query(t, dsn, &all, `select coalesce(string_agg(relname || ' ' || pg_relation_size(oid), ', ' order by relname), '')
		from pg_class where relnamespace = to_regnamespace('xiaoyue_index')`)
	return all
}

// TestRefusedUser names users that a server refuses, for the index and for the catalog. The password is
// never repeated.
func TestRefusedUser(t *testing.T) {
	dsn := strings.Replace(freshDatabase(t), "//postgres@", "//nobody_here@", 1)
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("geheim-9431\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	conf := config{Data: filepath.Join(t.TempDir(), "data"), Models: t.TempDir(), Log: "error", Index: indexConfig{Store: storeEmbedded}}
	inCatalog, inIndex := conf, conf
	inCatalog.Catalog = catalogConfig{Postgres: dsn, PasswordFile: file}
	inIndex.Index = indexConfig{Store: storePgvector, Pgvector: pgvectorConfig{Postgres: dsn, PasswordFile: file}}
	for _, one := range []config{inCatalog, inIndex} {
		if line := refused(t, one, fs.ErrPermission, "password_file"); strings.Contains(line, "geheim") {
			t.Errorf("the password is shown: %s", line)
		}
	}
}

// mountSmall mounts a file system of a few bytes. Where that is refused the test is left out, in CI it fails.
func mountSmall(t *testing.T, folder, size string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size="+size, "tmpfs", folder).CombinedOutput()
	if err != nil {
		if os.Getenv("CI") != "" && !testing.Short() {
			t.Fatalf("mount a small file system: %v: %s", err, out)
		}
		t.Skipf("left out: mounting a small file system needs root: %s", out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", folder).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
}

// TestReadOnlyDisk starts serve on a data folder that cannot be written to: it says so, and once
// the disk is writable nothing has been lost.
func TestReadOnlyDisk(t *testing.T) {
	disk := t.TempDir()
	mountSmall(t, disk, "16m")
	source := t.TempDir()
	writeNotices(t, source, 0)
	conf := config{Data: filepath.Join(disk, "data"), Models: t.TempDir(), Log: "error", Index: indexConfig{Store: storeEmbedded}}
	if err := conf.ingest(t.Context(), unread(), ingestJob{paths: []string{source}, source: "s", quiet: true}); err != nil {
		t.Fatal(err)
	}
	remount := func(how string) {
		if out, err := exec.CommandContext(t.Context(), "mount", "-o", "remount,"+how, disk).CombinedOutput(); err != nil {
			t.Fatalf("remount: %v: %s", err, out)
		}
	}
	remount("ro")
	refused(t, conf, fs.ErrPermission, "磁盘只读")
	remount("rw")
	address, _ := serveHere(t, conf)
	if r := askOver(t.Context(), http.DefaultClient, address, noticeQuestion); r.answer.Outcome != kb.Answered {
		t.Errorf("on a writable disk again: %v", r)
	}
}
