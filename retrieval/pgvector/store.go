package pgvector

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// maxDimension is the most that pgvector can put into a graph of halfvec.
const maxDimension = 4000

// Versions implements retrieval.Store.
func (s *Store) Versions(ctx context.Context) ([]retrieval.VersionInfo, error) {
	rows, err := s.pool.Query(ctx, `select v.key, v.stamp, u.key is not null from versions v left join in_use u using (key)
		order by u.key is null, v.key`)
	if err != nil {
		return nil, fmt.Errorf("pgvector: list versions: %w", fault(ctx, err))
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (v retrieval.VersionInfo, err error) {
		err = row.Scan(&v.Name, &v.Stamp, &v.InUse)
		v.Name = s.schema + "." + passagesTable + v.Name
		return v, err
	})
	if err != nil {
		return nil, fmt.Errorf("pgvector: list versions: %w", fault(ctx, err))
	}
	return all, nil
}

// Open implements retrieval.Store.
func (s *Store) Open(ctx context.Context, stamp retrieval.Stamp) (retrieval.Version, error) {
	v := &Version{store: s}
	err := s.pool.QueryRow(ctx, `select key, stamp from versions
		where key = $1 and not $2 or $2 and key = (select key from in_use)`,
		stamp.Key(), stamp == (retrieval.Stamp{})).Scan(&v.key, &v.stamp)
	if errors.Is(err, pgx.ErrNoRows) {
		err = kb.ErrNotFound
	}
	if err == nil {
		err = s.whole(ctx, v)
	}
	if err != nil {
		return nil, fmt.Errorf("pgvector: open version %s: %w", name(stamp), fault(ctx, err))
	}
	return v, nil
}

func name(stamp retrieval.Stamp) string {
	if stamp == (retrieval.Stamp{}) {
		return "in use"
	}
	return stamp.Key()
}

// whole checks that a version has all of its tables.
func (s *Store) whole(ctx context.Context, v *Version) error {
	if v.stamp.Dimension > 0 {
		if err := s.extended(ctx); err != nil {
			return err
		}
	}
	for _, table := range v.tables() {
		var there bool
		if err := s.pool.QueryRow(ctx, "select to_regclass($1) is not null", s.schema+"."+table).Scan(&there); err != nil {
			return err
		}
		if !there {
			return fmt.Errorf("%w: table %s is missing", retrieval.ErrCorrupt, table)
		}
	}
	return nil
}

// extended checks that the extension is there and new enough.
func (s *Store) extended(ctx context.Context) error {
	var found string
	var enough bool
	err := s.pool.QueryRow(ctx, `select extversion, string_to_array(substring(extversion from '^[0-9.]*[0-9]'), '.')::int[] >= '{0,8}'
		from pg_extension where extname = 'vector'`).Scan(&found, &enough)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return ErrExtension
	case err != nil:
		return err
	case !enough:
		return fmt.Errorf("%w: it has %s", ErrExtension, found)
	}
	var known bool // to the connections that there are
	err = s.pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		_, known = c.Conn().TypeMap().TypeForName("halfvec")
		return nil
	})
	if err == nil && !known {
		s.pool.Reset() // the extension came after them
	}
	return err
}

// Create implements retrieval.Store.
func (s *Store) Create(ctx context.Context, stamp retrieval.Stamp) (retrieval.Version, error) {
	v := &Version{store: s, key: stamp.Key(), stamp: stamp}
	if err := s.create(ctx, v); err != nil {
		return nil, fmt.Errorf("pgvector: create version %s: %w", v.key, fault(ctx, err))
	}
	return v, nil
}

func (s *Store) create(ctx context.Context, v *Version) error {
	if d := v.stamp.Dimension; d < 0 || d > maxDimension {
		return fmt.Errorf("dimension %d, at most %d: %w", d, maxDimension, kb.ErrInvalid)
	}
	if v.stamp.Dimension > 0 {
		if err := s.extended(ctx); err != nil {
			return err
		}
	}
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		// Whoever comes second waits here for the first, and then finds the row.
		made, err := tx.Exec(ctx, "insert into versions (key, stamp) values ($1, $2) on conflict do nothing", v.key, v.stamp)
		if err != nil || made.RowsAffected() == 0 {
			return err
		}
		tables, err := v.statement(tablesSQL)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, tables)
		return err
	})
	if err != nil {
		return err
	}
	return s.whole(ctx, v)
}

// Use implements retrieval.Store. Before the switch it builds the graph over vectors that are enough to
// need one.
func (s *Store) Use(ctx context.Context, stamp retrieval.Stamp) error {
	v := &Version{store: s, key: stamp.Key(), stamp: stamp}
	err := v.buildGraph(ctx)
	if err == nil {
		_, err = s.pool.Exec(ctx, `insert into in_use (key) values ($1) on conflict (one) do update set key = excluded.key`, v.key)
	}
	if sqlState(err) == "23503" { // foreign_key_violation
		err = kb.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("pgvector: use version %s: %w", v.key, fault(ctx, err))
	}
	return nil
}

// Drop implements retrieval.Store.
func (s *Store) Drop(ctx context.Context, stamp retrieval.Stamp) error {
	v := &Version{store: s, key: stamp.Key(), stamp: stamp}
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		gone, err := tx.Exec(ctx, "delete from versions where key = $1", v.key)
		if err != nil || gone.RowsAffected() == 0 {
			return err
		}
		for _, table := range v.tables() { // passages first, see passagesFirst
			if _, err := tx.Exec(ctx, "drop table if exists "+table); err != nil {
				return err
			}
		}
		return nil
	})
	if sqlState(err) == "23503" { // still referred to
		err = fmt.Errorf("it is in use: %w", kb.ErrInvalid)
	}
	if err != nil {
		return fmt.Errorf("pgvector: drop version %s: %w", v.key, fault(ctx, err))
	}
	return nil
}
