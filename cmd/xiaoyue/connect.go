package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"

	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded"
	"xiaoyue/retrieval/milvus"
	"xiaoyue/retrieval/pgvector"
	"xiaoyue/retrieval/versions"
)

func (c config) indexFolder() string { return filepath.Join(c.Data, "index") }

// connect returns what opens the place of an index. On a server read-only means nothing: what may write
// there is decided by who works off the jobs.
func (c config) connect(store string, readOnly bool, log *slog.Logger) func(context.Context) (versions.Place, error) {
	return func(ctx context.Context) (versions.Place, error) {
		switch store {
		case storePgvector:
			return c.openPgvector(ctx, log)
		case storeMilvus:
			return c.openMilvus(ctx, readOnly, log)
		}
		s, err := embedded.NewStore(c.indexFolder(), &embedded.Options{ReadOnly: readOnly, Logger: log})
		if err != nil {
			return nil, err // not a nil store in the interface
		}
		return s, nil
	}
}

func (c config) openPgvector(ctx context.Context, log *slog.Logger) (versions.Place, error) {
	address, err := c.pgvectorDSN()
	if err != nil {
		return nil, err
	}
	s, err := pgvector.Open(ctx, pgvector.Options{DSN: address, Schema: c.Index.Pgvector.Schema, Logger: log})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// accompanied is a store with the one that has the words for it.
type accompanied struct {
	retrieval.Store
	parts []io.Closer
}

// Close implements io.Closer.
func (a accompanied) Close() error {
	var errs []error
	for _, p := range a.parts {
		errs = append(errs, p.Close())
	}
	return errors.Join(errs...)
}

// openMilvus connects to Milvus. One that is too old for words has them beside it: in the catalog's
// PostgreSQL, or in a folder.
func (c config) openMilvus(ctx context.Context, readOnly bool, log *slog.Logger) (versions.Place, error) {
	password, err := secret("Milvus", c.Index.Milvus.PasswordFile)
	if err != nil {
		return nil, err
	}
	words, err := c.openWords(ctx, readOnly, log)
	if err != nil {
		return nil, err
	}
	m := c.Index.Milvus
	s, err := milvus.Open(ctx, milvus.Options{
		Address: m.Address, Username: m.User, Password: password, TLS: m.TLS, Database: m.Database, Prefix: m.Prefix,
		Words: words, Logger: log,
	})
	if err != nil {
		return nil, errors.Join(err, words.Close())
	}
	return accompanied{s, []io.Closer{s, words}}, nil
}

// readOnlyWords are words in a folder that another process writes to: what is there is opened, and
// nothing is made.
type readOnlyWords struct{ *embedded.Store }

// Create implements retrieval.Store.
func (w readOnlyWords) Create(ctx context.Context, stamp retrieval.Stamp) (retrieval.Version, error) {
	return w.Open(ctx, stamp)
}

func (c config) openWords(ctx context.Context, readOnly bool, log *slog.Logger) (versions.Place, error) {
	if c.Catalog.Postgres == "" {
		s, err := embedded.NewStore(filepath.Join(c.Data, "index-words"), &embedded.Options{ReadOnly: readOnly, Logger: log})
		if err != nil {
			return nil, err
		}
		if readOnly {
			return readOnlyWords{s}, nil
		}
		return s, nil
	}
	address, err := c.catalogDSN()
	if err != nil {
		return nil, err
	}
	s, err := pgvector.Open(ctx, pgvector.Options{DSN: address, Schema: "xiaoyue_words", Logger: log})
	if err != nil {
		return nil, err
	}
	return s, nil
}
