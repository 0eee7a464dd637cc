package catalog

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"

	"xiaoyue/kb"
)

// Act is something an administrator or a program did to the knowledge or to the records. Acts are
// only ever added.
type Act struct {
	Tenant string    `json:"tenant"`
	Who    string    `json:"who"`
	What   string    `json:"what"`             // ingest, withdraw, erase, purge, …
	Object string    `json:"object,omitempty"` // what it was done to
	Detail string    `json:"detail,omitempty"`
	At     time.Time `json:"at"` // zero: now
}

// PutAct adds an act to the audit log.
func (c *Catalog) PutAct(ctx context.Context, a Act) error {
	if a.Tenant == "" || a.Who == "" || a.What == "" {
		return fmt.Errorf("catalog: put act: %w: tenant %q, who %q, what %q: all are needed", kb.ErrInvalid, a.Tenant, a.Who, a.What)
	}
	if a.At.IsZero() {
		a.At = c.now().UTC()
	}
	id, err := uuid.NewV7()
	if err != nil {
		return c.failed("put act", a.What, err)
	}
	err = c.update(ctx, func(h handle, _ *sql.Tx) error {
		return h.insert(ctx, "acts (id, tenant, at, body)", [][]any{{id.String(), a.Tenant, instant(a.At), asJSON(&a)}})
	})
	if err != nil {
		return c.failed("put act", a.What, err)
	}
	return nil
}

// Acts returns the acts of a tenant since a moment, newest first, at most limit.
func (c *Catalog) Acts(ctx context.Context, tenant string, since time.Time, limit int) ([]Act, error) {
	acts, err := collect(ctx, c.reader(), func(rows *sql.Rows, a *Act) error { return rows.Scan(asJSON(a)) },
		"select body from acts where tenant = ? and at >= ? order by at desc, id desc limit ?", tenant, instant(since), limit)
	if err != nil {
		return nil, c.failed("acts of", tenant, err)
	}
	return acts, nil
}
