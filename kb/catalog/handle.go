package catalog

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"xiaoyue/kb"
)

// handle runs our SQL on a pool or in a transaction.
type handle struct {
	dialect *dialect
	conn    interface {
		ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
		QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
		QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	}
}

func (c *Catalog) reader() handle { return handle{c.dialect, c.read} }

func (h handle) exec(ctx context.Context, query string, args ...any) error {
	_, err := h.conn.ExecContext(ctx, h.dialect.bind(query), args...)
	return err
}

// count runs a statement and returns how many rows it changed.
func (h handle) count(ctx context.Context, query string, args ...any) (int, error) {
	r, err := h.conn.ExecContext(ctx, h.dialect.bind(query), args...)
	if err != nil {
		return 0, err
	}
	n, err := r.RowsAffected()
	return int(n), err
}

func (h handle) row(ctx context.Context, query string, args ...any) *sql.Row {
	return h.conn.QueryRowContext(ctx, h.dialect.bind(query), args...)
}

// maxRows is how many rows one statement inserts; SQLite takes 32,766 parameters.
const maxRows = 500

// insert writes rows into the columns of a table, named as "table (a, b)".
func (h handle) insert(ctx context.Context, into string, rows [][]any) error {
	for len(rows) > 0 {
		n := min(len(rows), maxRows)
		width := len(rows[0])
		one := "(" + marks(width) + ")"
		args := make([]any, 0, n*width)
		for _, row := range rows[:n] {
			args = append(args, row...)
		}
		query := "insert into " + into + " values " + strings.Repeat(one+", ", n-1) + one
		if err := h.exec(ctx, query, args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// marks returns ?, ?, … for n parameters.
func marks(n int) string {
	if n == 0 {
		return ""
	}
	return strings.Repeat("?, ", n-1) + "?"
}

// args turns a slice into parameters.
func args[T any](values []T) []any {
	all := make([]any, len(values))
	for i, v := range values {
		all[i] = v
	}
	return all
}

// collect runs a query and scans every row.
func collect[T any](ctx context.Context, h handle, scan func(*sql.Rows, *T) error, query string, args ...any) ([]T, error) {
	rows, err := h.conn.QueryContext(ctx, h.dialect.bind(query), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		var v T
		if err := scan(rows, &v); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// found makes kb.ErrNotFound of a row that is not there.
func found(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return kb.ErrNotFound
	}
	return err
}

// scanText scans rows of one text column.
func scanText(rows *sql.Rows, s *string) error { return rows.Scan(s) }

// update runs f in a transaction. It is committed to disk when update returns nil, and leaves no
// trace otherwise.
func (c *Catalog) update(ctx context.Context, f func(h handle, tx *sql.Tx) error) error {
	if c.write == nil {
		return ErrReadOnly
	}
	var tx *sql.Tx
	err := c.patiently(ctx, func() (err error) {
		tx, err = c.write.BeginTx(ctx, nil)
		return err
	})
	if err != nil {
		return err
	}
	if err := f(handle{c.dialect, tx}, tx); err != nil {
		_ = tx.Rollback() // the cause says more than a failed rollback
		return err
	}
	return tx.Commit()
}

// How long a writer waits for those of other processes, and how often it looks. SQLite's own wait
// looks ever more seldom, so that a busy process would keep the others out for seconds.
const (
	busyLimit = 10 * time.Second
	busyPoll  = time.Millisecond
)

// patiently repeats f while it finds the catalog busy.
func (c *Catalog) patiently(ctx context.Context, f func() error) error {
	limit, cancel := context.WithTimeout(ctx, busyLimit)
	defer cancel()
	for {
		err := f()
		if err == nil || c.dialect.kind(err) != faultBusy {
			return err
		}
		select {
		case <-limit.Done():
			return err
		case <-time.After(busyPoll):
		}
	}
}

// decide is update for work that reads, decides and writes: one such transaction at a time.
func (c *Catalog) decide(ctx context.Context, f func(h handle, tx *sql.Tx) error) error {
	return c.update(ctx, func(h handle, tx *sql.Tx) error {
		if c.dialect.serialize != "" {
			if err := h.exec(ctx, c.dialect.serialize); err != nil {
				return err
			}
		}
		return f(h, tx)
	})
}

// view runs f on one state of the catalog.
func (c *Catalog) view(ctx context.Context, f func(h handle) error) error {
	tx, err := c.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: c.dialect.snapshot})
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	return f(handle{c.dialect, tx})
}
