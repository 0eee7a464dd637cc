package catalog

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"github.com/pressly/goose/v3"
	"maragu.dev/goqite"
	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"xiaoyue/kb"
)

//go:embed migrations
var migrations embed.FS

// The files in a data folder.
const (
	fileName = "catalog.db"
	lockName = "catalog.lock"
)

// sqlite returns the dialect of the embedded database.
func sqlite() *dialect {
	return &dialect{
		name:       "sqlite",
		goose:      goose.DialectSQLite3,
		migrations: sub("migrations/sqlite"),
		queue:      goqite.SQLFlavorSQLite,
		scrub:      emptyLog,
		foreign: `select count(*) from sqlite_master where name not like 'sqlite_%' and tbl_name <> '` + versionTable + `'
			and (select application_id from pragma_application_id) <> 1482246978`,
		versioned: "select count(*) from sqlite_master where name = '" + versionTable + "'",
		integrity: "select integrity_check from pragma_integrity_check limit 20",
		lead:      leadFile,
		kind:      sqliteFault,
	}
}

func sub(dir string) fs.FS {
	f, err := fs.Sub(migrations, dir)
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return f
}

// connectSQLite opens the file of a data folder: one connection that writes, so that writers of
// this process queue up in order instead of polling, and a pool that reads beside it.
func (c *Catalog) connectSQLite(ctx context.Context, o Options) error {
	path := filepath.Join(o.Dir, fileName)
	if o.ReadOnly {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("%w: no catalog here yet; ingest documents or serve once: %w", kb.ErrNotFound, err)
		}
		c.read = openFile(path, url.Values{"mode": {"ro"}})
		return c.mustBeReady(ctx, c.read)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return err
	}
	if err := createPrivate(path); err != nil {
		return err
	}
	c.write = openFile(path, url.Values{"_txlock": {"immediate"}})
	c.write.SetMaxOpenConns(1)
	c.read = openFile(path, url.Values{"_pragma": {"query_only(1)"}})
	c.read.SetMaxOpenConns(max(4, 2*runtime.NumCPU()))
	c.read.SetMaxIdleConns(max(4, 2*runtime.NumCPU()))
	if err := c.prepareFile(ctx, o.Dir); err != nil {
		return err
	}
	_, err := c.write.ExecContext(ctx, "pragma busy_timeout = 1") // see patiently
	return err
}

// denied says, after a fault of opening, whether a folder cannot be written to, which is needed for reading
// too: the driver says only that it could not open a file.
func denied(dir string) error {
	f, err := os.CreateTemp(dir, "probe-")
	switch {
	case err == nil:
		return errors.Join(f.Close(), os.Remove(f.Name()))
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("the disk is read-only: %w: %w", fs.ErrPermission, err)
	case errors.Is(err, fs.ErrPermission):
		return err
	}
	return nil
}

// createPrivate makes sure of a file that only its owner can read; the log beside it follows it.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// prepareFile brings the schema of a new or older file up to date. Two processes that make a new file
// a log of changes at once do not wait for each other, whatever the timeout: one of them has to try again.
func (c *Catalog) prepareFile(ctx context.Context, dir string) error {
	var ok bool
	err := c.patiently(ctx, func() (err error) {
		ok, err = c.ready(ctx, c.write)
		return err
	})
	if ok || err != nil {
		return err
	}
	release, err := lockFolder(ctx, dir)
	if err != nil {
		return err
	}
	defer release()
	return c.migrate(ctx, c.write)
}

// emptyLog moves what the write-ahead log holds into the file and empties the log.
func emptyLog(ctx context.Context, db *sql.DB) error {
	var busy, frames, moved int
	err := db.QueryRowContext(ctx, "pragma wal_checkpoint(truncate)").Scan(&busy, &frames, &moved)
	if err == nil && busy != 0 {
		err = fmt.Errorf("empty the log: %w: it is being read", kb.ErrLocked)
	}
	return err
}

// openFile prepares a pool. A commit waits for the disk (synchronous=FULL), other processes are
// waited for, and what is deleted is overwritten, since it may be personal.
func openFile(path string, query url.Values) *sql.DB {
	for _, p := range []string{"busy_timeout(10000)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)"} {
		query.Add("_pragma", p)
	}
	if query.Get("mode") == "" {
		query.Add("_pragma", "journal_mode(WAL)")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		abs = path
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		panic(err) // the driver is imported above
	}
	return db
}

// lockFolder keeps other processes from migrating the same folder. The lock is a transaction on a
// database of its own: it works on every system and ends with its process, however that ends.
func lockFolder(ctx context.Context, dir string) (release func(), err error) {
	db := openFile(filepath.Join(dir, lockName), url.Values{"mode": {"rwc"}, "_txlock": {"exclusive"}})
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		db.Close()
		return nil, err
	}
	return func() {
		_ = tx.Rollback() // nothing was written
		db.Close()
	}, nil
}

func sqliteFault(err error) faultKind {
	if errors.Is(err, syscall.ENOSPC) {
		return faultFull
	}
	if errors.Is(err, kb.ErrLocked) {
		return faultBusy
	}
	var e *driver.Error
	if !errors.As(err, &e) {
		return faultOther
	}
	switch e.Code() {
	case sqlite3.SQLITE_IOERR_SHMSIZE: // the shared memory file cannot grow
		return faultFull
	case sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE:
		return faultDuplicate
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return faultOrphan
	}
	switch e.Code() & 0xff { // the low byte is the primary code
	case sqlite3.SQLITE_FULL:
		return faultFull
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return faultDamaged
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return faultBusy
	}
	return faultOther
}
