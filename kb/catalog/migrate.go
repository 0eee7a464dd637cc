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

// migrate brings the schema up to date, one transaction per step.
func (c *Catalog) migrate(ctx context.Context, db *sql.DB, more ...goose.ProviderOption) error {
	var tables int
	if err := db.QueryRowContext(ctx, c.dialect.foreign).Scan(&tables); err != nil {
		return err
	}
	if tables > 0 {
		return fmt.Errorf("%w: it holds tables of another program; name another data folder or database", kb.ErrSchema)
	}
	p, err := c.provider(db, more...)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bring schema up to date: %w", err)
	}
	return c.checkSchema(ctx, db)
}

// checkSchema returns kb.ErrSchema unless the catalog has exactly the schema of this program.
func (c *Catalog) checkSchema(ctx context.Context, db *sql.DB) error {
	p, err := c.provider(db)
	if err != nil {
		return err
	}
	sources := p.ListSources()
	want := sources[len(sources)-1].Version
	var have sql.NullInt64
	if err := db.QueryRowContext(ctx, "select max(version_id) from "+versionTable).Scan(&have); err != nil {
		return fmt.Errorf("%w: it has no version table: %w", kb.ErrSchema, err)
	}
	switch {
	case have.Int64 > want:
		return fmt.Errorf("%w: version %d was written by a newer xiaoyue, this one knows up to %d; run the newer one",
			kb.ErrSchema, have.Int64, want)
	case have.Int64 < want:
		return fmt.Errorf("%w: version %d is older than %d; serve or ingest once to bring it up to date",
			kb.ErrSchema, have.Int64, want)
	}
	return nil
}
