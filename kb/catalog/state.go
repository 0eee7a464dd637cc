package catalog

import (
	"context"
	"database/sql"
	"errors"
)

// The counters.
const (
	counterCatalog = "catalog"
	counterItems   = "items"
)

// bump raises a counter within a transaction.
func bump(ctx context.Context, h handle, name string) error {
	return h.exec(ctx, `insert into counters (name, value) values (?, 1)
		on conflict (name) do update set value = counters.value + 1`, name)
}

func counter(ctx context.Context, h handle, name string) (n int64, err error) {
	err = h.row(ctx, "select value from counters where name = ?", name).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

// Revision returns a number that rises with every change of documents, items or regions.
func (c *Catalog) Revision(ctx context.Context) (int64, error) {
	n, err := counter(ctx, c.reader(), counterCatalog)
	if err != nil {
		return 0, c.failed("read", "revision", err)
	}
	return n, nil
}

// State returns a note kept for an index or a job, such as a stamp; kb.ErrNotFound where there is none.
func (c *Catalog) State(ctx context.Context, name string) (value string, err error) {
	err = found(c.reader().row(ctx, "select value from state where name = ?", name).Scan(&value))
	if err != nil {
		return "", c.failed("state", name, err)
	}
	return value, nil
}

// SetState keeps a note, or removes it where value is empty.
func (c *Catalog) SetState(ctx context.Context, name, value string) error {
	err := c.update(ctx, func(h handle, _ *sql.Tx) error {
		if value == "" {
			return h.exec(ctx, "delete from state where name = ?", name)
		}
		return h.exec(ctx, `insert into state (name, value) values (?, ?)
			on conflict (name) do update set value = excluded.value`, name, value)
	})
	if err != nil {
		return c.failed("set state", name, err)
	}
	return nil
}
