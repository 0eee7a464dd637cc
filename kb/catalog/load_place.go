package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net/url"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"xiaoyue/kb"
)

// loadName is the folder beside the catalog's place in which a file is loaded.
const loadName = "catalog.loading"

// loadFile loads into a file of a data folder, under the lock that keeps others from making one there.
func (c *Catalog) loadFile(ctx context.Context, o Options, schema int64, tables iter.Seq2[Table, error]) (map[string]int64, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	release, err := lockFolder(ctx, o.Dir)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := mustBeFree(o.Dir); err != nil {
		return nil, err
	}
	beside := filepath.Join(o.Dir, loadName)
	if err := os.RemoveAll(beside); err != nil { // what an interrupted load left
		return nil, err
	}
	defer os.RemoveAll(beside)
	if err := os.Mkdir(beside, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(beside, fileName)
	rows, err := c.loadInto(ctx, path, schema, tables)
	if err != nil {
		return nil, err
	}
	return rows, publish(path, o.Dir)
}

// mustBeFree refuses a folder with a catalog or with the log of a lost one, which SQLite would replay
// into the file that comes beside it.
func mustBeFree(dir string) error {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		path := filepath.Join(dir, fileName+suffix)
		if _, err := os.Lstat(path); err == nil {
			return fmt.Errorf("%w: %s", ErrOccupied, path)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// loadInto loads a file that nobody else knows of and that is thrown away after a fault, so that it
// needs no journal.
func (c *Catalog) loadInto(ctx context.Context, path string, schema int64, tables iter.Seq2[Table, error]) (rows map[string]int64, err error) {
	if err := createPrivate(path); err != nil {
		return nil, err
	}
	db := openFile(path, url.Values{
		"mode": {"rw"}, "_txlock": {"immediate"}, "_pragma": {"journal_mode(OFF)", "cache_size(-65536)"},
	})
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	c.write, c.read = db, db
	p, err := c.provider(db)
	if err != nil {
		return nil, err
	}
	if err := migrateTo(ctx, p, 0, schema); err != nil {
		return nil, err
	}
	err = c.decide(ctx, func(h handle, _ *sql.Tx) (err error) {
		rows, err = c.fill(ctx, h, tables)
		return err
	})
	if err != nil {
		return nil, err
	}
	return rows, c.migrate(ctx, db)
}

// publish gives a loaded file its name, durably, unless another has it meanwhile.
func publish(path, dir string) error {
	if err := syncPath(path); err != nil {
		return err
	}
	name := filepath.Join(dir, fileName)
	err := os.Link(path, name)
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%w: %s", ErrOccupied, name)
	case err != nil: // a file system without links
		if err := mustBeFree(dir); err != nil {
			return err
		}
		if err := os.Rename(path, name); err != nil {
			return err
		}
	}
	return syncPath(dir)
}

// syncPath waits until a file or the entries of a folder are on the disk.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// loadDatabase loads into a database without tables, or with empty ones of the dump's schema.
func (c *Catalog) loadDatabase(ctx context.Context, o Options, schema int64, tables iter.Seq2[Table, error]) (rows map[string]int64, err error) {
	db, err := sql.Open("pgx", o.DSN)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	c.write, c.read = db, db
	var foreign int
	if err := db.QueryRowContext(ctx, c.dialect.foreign).Scan(&foreign); err != nil {
		return nil, err
	}
	if foreign > 0 {
		return nil, fmt.Errorf("%w: the database holds tables of another program; name an empty one", kb.ErrSchema)
	}
	have, err := c.schema(ctx, db)
	if err != nil {
		return nil, err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, err
	}
	p, err := c.provider(db, goose.WithSessionLocker(locker))
	if err != nil {
		return nil, err
	}
	if err := migrateTo(ctx, p, have, schema); err != nil {
		return nil, err
	}
	err = c.decide(ctx, func(h handle, _ *sql.Tx) (err error) {
		rows, err = c.fill(ctx, h, tables)
		return err
	})
	if err != nil {
		return nil, err
	}
	return rows, c.migrate(ctx, db, goose.WithSessionLocker(locker))
}
