package pgvector

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

//go:embed migrations
var migrations embed.FS

// marker is where goose notes which migrations were applied; it also says that the schema is ours.
const marker = "xiaoyue_index_version"

// latest is the number of the last migration. Migrations only expand: a released file never changes.
const latest = 1

// migrate makes the schema and brings its shared tables up to date. Replicas that start at once follow
// each other.
func (s *Store) migrate(ctx context.Context) error {
	have, err := s.migrated(ctx)
	if err != nil || have == latest {
		return err
	}
	if have > latest {
		return fmt.Errorf("%w: version %d was written by a newer xiaoyue, this one knows up to %d", kb.ErrSchema, have, latest)
	}
	// Two that make the schema at once: one of them is told that it is there.
	_, err = s.pool.Exec(ctx, "create schema if not exists "+s.schema)
	if code := sqlState(err); err != nil && code != "23505" && code != "42P06" {
		return fmt.Errorf("make the schema: %w", err)
	}
	db := stdlib.OpenDBFromPool(s.pool)
	defer db.Close() // gives connections back, the pool stays
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithTableName(marker),
		goose.WithDisableGlobalRegistry(true), goose.WithSessionLocker(locker))
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bring the schema up to date: %w", err)
	}
	return nil
}

// migrated returns the number of the last migration applied; 0: none. Tables under our names beside which
// there is no marker are another program's.
func (s *Store) migrated(ctx context.Context) (have int, err error) {
	var ours bool
	var tables int
	err = s.pool.QueryRow(ctx, `select to_regclass($1) is not null,
		(select count(*) from pg_tables where schemaname = $2 and (tablename in ('versions', 'in_use') or tablename ~ $3))`,
		s.schema+"."+marker, s.schema, `^(passages|vectors|terms|postings|forward)_[0-9a-f]{10}$`).Scan(&ours, &tables)
	switch {
	case err != nil:
		return 0, err
	case !ours && tables > 0:
		return 0, fmt.Errorf("%w: schema %s holds tables of another program", retrieval.ErrForeign, s.schema)
	case !ours:
		return 0, nil
	}
	err = s.pool.QueryRow(ctx, "select coalesce(max(version_id), 0) from "+marker).Scan(&have)
	return have, err
}

// sqlState is the code of a fault that the server reports; empty: it is none.
func sqlState(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
