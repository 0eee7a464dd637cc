package catalog_test

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"xiaoyue/kb"
	"xiaoyue/kb/catalog"
)

// execFile runs SQL on the file of a data folder, as another program would.
func execFile(t *testing.T, dir, query string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "catalog.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(query); err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	existing := func(t *testing.T, dir string) { openFixture(t, catalog.Options{Dir: dir}).Close() }
	for _, c := range []struct {
		name     string
		prepare  func(t *testing.T, dir string)
		readOnly bool
		want     error
	}{
		{"nothing to read", func(*testing.T, string) {}, true, kb.ErrNotFound},
		{"a newer schema", func(t *testing.T, dir string) {
			existing(t, dir)
			execFile(t, dir, "insert into catalog_version (version_id, is_applied) values (9999, 1)")
		}, false, kb.ErrSchema},
		{"an older schema to read", func(t *testing.T, dir string) {
			existing(t, dir)
			execFile(t, dir, "delete from catalog_version where version_id > 0")
		}, true, kb.ErrSchema},
		{"another program's file", func(t *testing.T, dir string) { execFile(t, dir, "create table bookmarks (id int)") }, false, kb.ErrSchema},
		{"not a database", func(t *testing.T, dir string) { writeFile(t, dir, bytes.Repeat([]byte("越州"), 4096)) }, false, catalog.ErrDamaged},
		{"not a database, to read", func(t *testing.T, dir string) { writeFile(t, dir, bytes.Repeat([]byte("越州"), 4096)) }, true, catalog.ErrDamaged},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			c.prepare(t, dir)
			f, err := catalog.Open(t.Context(), catalog.Options{Dir: dir, ReadOnly: c.readOnly})
			wantError(t, err, c.want)
			if err == nil {
				f.Close()
			}
		})
	}
	_, err := catalog.Open(t.Context(), catalog.Options{})
	wantError(t, err, kb.ErrInvalid)
}

// TestOpenHalfMade opens what a crash left between the version table and the first migration.
func TestOpenHalfMade(t *testing.T) {
	dir := t.TempDir()
	execFile(t, dir, `create table catalog_version (id integer primary key autoincrement, version_id integer not null,
		is_applied integer not null, tstamp timestamp default (datetime('now')));
		insert into catalog_version (version_id, is_applied) values (0, 1)`)
	f := openFixture(t, catalog.Options{Dir: dir})
	d, passages := text("a", "办法", "一")
	f.put(t, d, passages)
}

func writeFile(t *testing.T, dir string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "catalog.db"), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestDamage overwrites the middle of the file: what is broken is named, by Check at the latest.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	f := openFixture(t, catalog.Options{Dir: dir})
	for n := range 20 {
		d, passages := crashDocument(n, 1)
		f.put(t, d, passages)
	}
	f.Close()
	path := filepath.Join(dir, "catalog.db")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(content) / 3; i < len(content)/3*2; i++ {
		content[i] ^= 0x5a
	}
	writeFile(t, dir, content)
	c, err := catalog.Open(t.Context(), catalog.Options{Dir: dir})
	if err == nil {
		err = c.Check(t.Context())
		c.Close()
	}
	wantError(t, err, catalog.ErrDamaged)
}

// TestReadOnly reads beside a writer and cannot write.
func TestReadOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "资料 100% ?#")
	f := openFixture(t, catalog.Options{Dir: dir})
	reader := openFixture(t, catalog.Options{Dir: dir, ReadOnly: true})
	d, passages := text("a", "办法", "一")
	stored := f.put(t, d, passages)
	if got, err := reader.Document(t.Context(), tenant, stored.ID, 0); err != nil || got.Text != "一" {
		t.Errorf("%q, %v", got.Text, err)
	}
	_, _, err := reader.PutDocument(t.Context(), d, passages)
	wantError(t, err, catalog.ErrReadOnly)
}

// TestOpenAtOnce opens a new folder many times at once, as processes that start together do.
func TestOpenAtOnce(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			c, err := catalog.Open(t.Context(), catalog.Options{Dir: dir})
			if err != nil {
				t.Error(err)
				return
			}
			if err := c.PutAct(t.Context(), catalog.Act{Tenant: tenant, Who: "test", What: "open"}); err != nil {
				t.Error(err)
			}
			c.Close()
		})
	}
	all.Wait()
	acts, err := openFixture(t, catalog.Options{Dir: dir}).Acts(t.Context(), tenant, time.Time{}, 100)
	if err != nil || len(acts) != 8 {
		t.Errorf("%d acts, %v", len(acts), err)
	}
}

// TestErasedFromFiles looks for the words of an erased person in every file of the data folder.
func TestErasedFromFiles(t *testing.T) {
	dir := t.TempDir()
	f := openFixture(t, catalog.Options{Dir: dir})
	for _, subject := range []string{"alice", "bob"} {
		f.talk(t, subject)
	}
	if _, err := f.Erase(t.Context(), tenant, "alice"); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, subject := range []string{"alice", "bob"} {
			found[subject] = found[subject] || bytes.Contains(content, []byte(subject))
		}
	}
	equal(t, found, map[string]bool{"alice": false, "bob": true})
}
