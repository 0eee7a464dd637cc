package catalog

import (
	"context"
	"database/sql"
	"fmt"

	"xiaoyue/kb"
)

// PutRegions adds or replaces regions. The table as a whole must stay sound: known parents, no
// cycles; otherwise nothing is stored and the error is kb.ErrInvalid.
func (c *Catalog) PutRegions(ctx context.Context, regions []kb.Region) error {
	err := c.decide(ctx, func(h handle, _ *sql.Tx) error {
		for _, r := range regions {
			err := h.exec(ctx, `insert into regions (code, body) values (?, ?)
				on conflict (code) do update set body = excluded.body`, r.Code, asJSON(&r))
			if err != nil {
				return err
			}
		}
		if _, err := readRegions(ctx, h); err != nil {
			return fmt.Errorf("%w: %w", kb.ErrInvalid, err)
		}
		return bump(ctx, h, counterCatalog)
	})
	if err != nil {
		return c.failed("put", "regions", err)
	}
	return nil
}

// Regions returns the table of regions.
func (c *Catalog) Regions(ctx context.Context) (*kb.Regions, error) {
	t, err := readRegions(ctx, c.reader())
	if err != nil {
		return nil, c.failed("read", "regions", err)
	}
	return t, nil
}

func readRegions(ctx context.Context, h handle) (*kb.Regions, error) {
	all, err := collect(ctx, h, func(rows *sql.Rows, r *kb.Region) error { return rows.Scan(asJSON(r)) },
		"select body from regions order by code")
	if err != nil {
		return nil, err
	}
	return kb.NewRegions(all...)
}
