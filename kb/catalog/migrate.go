package catalog

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/pressly/goose/v3"

	"xiaoyue/kb"
)

// versionTable is where goose notes which migrations were applied.
const versionTable = "catalog_version"

// Migrations only ever expand: a released file never changes, a column is dropped one release after
// the last one that read it. So the release before can still read what this one has written.

func (c *Catalog) provider(db *sql.DB, more ...goose.ProviderOption) (*goose.Provider, error) {
	options := append([]goose.ProviderOption{
		goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true),
	}, more...)
	return goose.NewProvider(c.dialect.goose, db, c.dialect.migrations, options...)
}

// ready reports whether the schema is that of this program already; where the catalog is behind, it
// has to be migrated. A newer one and another program's are kb.ErrSchema.
func (c *Catalog) ready(ctx context.Context, db *sql.DB) (bool, error) {
	var tables int
	if err := db.QueryRowContext(ctx, c.dialect.foreign).Scan(&tables); err != nil {
		return false, err
	}
	if tables > 0 {
		return false, fmt.Errorf("%w: it holds tables of another program; name another data folder or database", kb.ErrSchema)
	}
	p, err := c.provider(db)
	if err != nil {
		return false, err
	}
	sources := p.ListSources()
	want := sources[len(sources)-1].Version
	have, err := c.schema(ctx, db)
	if err != nil || have == 0 {
		return false, err
	}
	if have > want {
		return false, fmt.Errorf("%w: version %d was written by a newer xiaoyue, this one knows up to %d; run the newer one",
			kb.ErrSchema, have, want)
	}
	return have == want, nil
}

// schema returns the number of the newest migration; zero where there is none yet.
func (c *Catalog) schema(ctx context.Context, db *sql.DB) (have int64, err error) {
	if err := db.QueryRowContext(ctx, c.dialect.versioned).Scan(&have); err != nil || have == 0 {
		return 0, err
	}
	err = db.QueryRowContext(ctx, "select coalesce(max(version_id), 0) from "+versionTable).Scan(&have)
	return have, err
}

// mustBeReady is ready for a catalog opened for reading only, which cannot be migrated.
func (c *Catalog) mustBeReady(ctx context.Context, db *sql.DB) error {
	ok, err := c.ready(ctx, db)
	if err == nil && !ok {
		err = fmt.Errorf("%w: it is older than this program; serve or ingest once to bring it up to date", kb.ErrSchema)
	}
	return err
}

// migrate brings the schema up to date, one transaction per step. It is called under a lock.
func (c *Catalog) migrate(ctx context.Context, db *sql.DB, more ...goose.ProviderOption) error {
	p, err := c.provider(db, more...)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bring schema up to date: %w", err)
	}
	return c.mustBeReady(ctx, db)
}
