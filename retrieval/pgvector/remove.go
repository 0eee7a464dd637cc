package pgvector

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Remove drops the schema with the tables that versions share, once no version is left: it is for places
// that are made for a while. One with versions stays, which is no error. The store is closed after it;
// another that has the schema open, and no version in it yet, makes none any more.
func (s *Store) Remove(ctx context.Context) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "lock table versions in access exclusive mode"); err != nil {
			return err
		}
		var left bool
		if err := tx.QueryRow(ctx, "select exists (select from versions)").Scan(&left); err != nil || left {
			return err
		}
		_, err := tx.Exec(ctx, "drop schema "+s.schema+" cascade")
		return err
	})
	if err != nil {
		return fmt.Errorf("pgvector: remove schema %s: %w", s.schema, fault(ctx, err))
	}
	return nil
}
