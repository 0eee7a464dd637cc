// Package catalog is the system of record: documents and their versions, passages, relations,
// service items, regions, conversations, records, feedback, administrative acts, and the queue of
// index jobs, all in SQL. What it acknowledged survives a crash, and nothing is ever half visible.
//
// It runs on an embedded SQLite file, which several processes may open at once, and on PostgreSQL;
// what differs between the two is in sqlite.go, postgres.go and migrations. It does not search and
// does not embed: an index is fed from it through jobs and can be rebuilt from it at any time.
//
// Every text has two clocks. In force is decided by validity: what a text states of itself is kept
// as stated, and what all texts known now make of it (repeals, extensions, newer versions) is kept
// beside it as its standing, recomputed whenever a text comes or goes. Known is decided by when a
// version was recorded and retired; Standing answers for any moment of it.
package catalog

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"maragu.dev/goqite"

	"xiaoyue/kb"
)

// The errors of this package beside those of kb, wrapped with operation and subject.
var (
	ErrDamaged  = errors.New("catalog file is damaged: restore it from a backup, or remove it and ingest again")
	ErrExists   = errors.New("already recorded")
	ErrReadOnly = errors.New("catalog was opened for reading only")
)

// Options say where the catalog is and how it behaves. Exactly one of Dir and DSN is required.
type Options struct {
	Dir      string // data folder; the catalog is catalog.db and its companions in it
	DSN      string // postgres://… for a catalog on a server
	ReadOnly bool
	// Retain is how long conversations are kept after their last turn, and records that name no
	// time of their own; zero: 180 days.
	Retain time.Duration
	// Visibility is how long a received job stays hidden from other workers; zero: one minute.
	Visibility time.Duration
	Queue      string           // of index jobs that this process works off; empty: "index"
	Now        func() time.Time // zero: time.Now
}

// Catalog is an open catalog. Its methods may be called concurrently; slices passed in are not kept
// and results belong to the caller.
type Catalog struct {
	dialect    *dialect
	read       *sql.DB
	write      *sql.DB // nil when opened for reading only
	queue      *goqite.Queue
	queueName  string
	visibility time.Duration
	retain     time.Duration
	now        func() time.Time
	addresses  addresses
}

// Open opens a catalog, creates it where there is none, and brings its schema up to date.
// A catalog of a newer version or of another program is kb.ErrSchema, one that does not exist and
// was to be read only is kb.ErrNotFound, a broken file is ErrDamaged, a disk that cannot be written to or
// a user that the server refuses is fs.ErrPermission.
func Open(ctx context.Context, o Options) (*Catalog, error) {
	c, err := newCatalog(o)
	if err != nil {
		return nil, err
	}
	if err := c.connect(ctx, o); err != nil {
		c.Close()
		return nil, fmt.Errorf("catalog: open %s: %w", o.place(), c.dialect.fault(err))
	}
	if c.write != nil {
		c.queue = newQueue(c.write, c.queueName, c.dialect.queue, c.visibility)
	}
	return c, nil
}

// newCatalog checks the options of a catalog that is not connected yet.
func newCatalog(o Options) (*Catalog, error) {
	if (o.Dir == "") == (o.DSN == "") {
		return nil, fmt.Errorf("catalog: open: %w: exactly one of data folder and DSN is needed", kb.ErrInvalid)
	}
	c := &Catalog{dialect: sqlite(), retain: o.Retain, now: o.Now, queueName: cmp.Or(o.Queue, defaultQueue), visibility: cmp.Or(o.Visibility, time.Minute)}
	if o.DSN != "" {
		c.dialect = postgres()
	}
	if len(c.queueName) > maxQueueName {
		return nil, fmt.Errorf("catalog: open: %w: name of queue of %d bytes, at most %d", kb.ErrInvalid, len(c.queueName), maxQueueName)
	}
	if c.retain == 0 {
		c.retain = 180 * 24 * time.Hour
	}
	if c.now == nil {
		c.now = time.Now
	}
	return c, nil
}

func (c *Catalog) connect(ctx context.Context, o Options) error {
	if o.DSN != "" {
		return c.connectPostgres(ctx, o)
	}
	err := c.connectSQLite(ctx, o)
	if err != nil && !errors.Is(err, kb.ErrNotFound) {
		err = errors.Join(err, denied(o.Dir))
	}
	return err
}

// place names the catalog in messages; a DSN may hold a password and is not shown.
func (o Options) place() string {
	if o.DSN != "" {
		return "PostgreSQL"
	}
	return o.Dir
}

// Close releases the catalog. Calls in progress are waited for.
func (c *Catalog) Close() error {
	var errs []error
	if c.read != nil {
		errs = append(errs, c.read.Close())
	}
	if c.write != nil && c.write != c.read {
		errs = append(errs, c.write.Close())
	}
	return errors.Join(errs...)
}

// Healthy reports whether the catalog answers.
func (c *Catalog) Healthy(ctx context.Context) error {
	var one int
	if err := c.reader().row(ctx, "select 1").Scan(&one); err != nil {
		return c.failed("ask", "catalog", err)
	}
	return nil
}

// failed wraps the cause of a failure with operation, subject and, where one fits, a sentinel.
func (c *Catalog) failed(op, subject string, err error) error {
	return fmt.Errorf("catalog: %s %s: %w", op, subject, c.dialect.fault(err))
}
