package pgvector

import (
	"context"
	"fmt"
)

// Ready reports whether versions with vectors can be made here: ErrExtension where the database cannot.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.extended(ctx); err != nil {
		return fmt.Errorf("look at the database of the index: %w", fault(ctx, err))
	}
	return nil
}
