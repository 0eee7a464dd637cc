package main

import (
	"context"
	"log/slog"

	"xiaoyue/kb/catalog"
	"xiaoyue/retrieval/versions"
)

// catalogPlace says where the catalog is.
func (c config) catalogPlace() (catalog.Options, error) {
	address, err := c.catalogDSN()
	if err != nil || address == "" {
		return catalog.Options{Dir: c.Data}, err
	}
	return catalog.Options{DSN: address}, nil
}

// backedIndex opens the place of the index, for reading beside whoever serves, or for writing alone.
func (c config) backedIndex(ctx context.Context, readOnly bool) (versions.Place, error) {
	return c.connect(c.Index.Store, readOnly, slog.New(slog.DiscardHandler))(ctx)
}
