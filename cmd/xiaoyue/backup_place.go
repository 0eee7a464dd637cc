package main

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"

	"xiaoyue/kb/catalog"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded"
)

// catalogPlace says where the catalog is.
func (c config) catalogPlace() (catalog.Options, error) { return catalog.Options{Dir: c.Data}, nil }

// closingStore is a store that is closed when it is no longer needed.
type closingStore interface {
	retrieval.Store
	io.Closer
}

// backedIndex opens the place of the index, for reading beside whoever serves, or for writing alone.
func (c config) backedIndex(_ context.Context, readOnly bool) (closingStore, error) {
	return embedded.NewStore(filepath.Join(c.Data, "index"), &embedded.Options{ReadOnly: readOnly, Logger: slog.New(slog.DiscardHandler)})
}
