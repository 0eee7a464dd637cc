package catalog

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// Unchanged reports whether the document at a place is there with the same content hash.
func (c *Catalog) Unchanged(ctx context.Context, tenant, source, key, hash string) (bool, error) {
	f, known, err := fileAt(ctx, c.reader(), tenant, source, key)
	if err != nil {
		return false, c.failed("look up", source+"/"+key, err)
	}
	return known && f.Withdrawn.IsZero() && f.Hash == hash, nil
}

// Keys returns the keys of the documents of a source that are not withdrawn, sorted.
func (c *Catalog) Keys(ctx context.Context, tenant, source string) ([]string, error) {
	keys, err := collect(ctx, c.reader(), scanText,
		"select key from files where tenant = ? and source = ? and withdrawn_at = 0", tenant, source)
	if err != nil {
		return nil, c.failed("keys of", source, err)
	}
	slices.Sort(keys)
	return keys, nil
}

// Withdraw takes documents of one source out of use, all or none: their passages can no longer be
// found, and what they did to other texts is undone. Their versions stay for replay. Keys that are
// unknown or withdrawn already are passed over.
func (c *Catalog) Withdraw(ctx context.Context, tenant, source string, keys []string) error {
	err := c.decide(ctx, func(h handle, tx *sql.Tx) error {
		for _, key := range keys {
			if err := c.withdraw(ctx, h, tx, tenant, source, key); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
		}
		return nil
	})
	if err != nil {
		return c.failed("withdraw from", source, err)
	}
	return nil
}

func (c *Catalog) withdraw(ctx context.Context, h handle, tx *sql.Tx, tenant, source, key string) error {
	f, known, err := fileAt(ctx, h, tenant, source, key)
	if err != nil || !known || !f.Withdrawn.IsZero() {
		return err
	}
	before, err := touched(ctx, h, f.DocID)
	if err != nil {
		return err
	}
	now := c.now()
	if err := retire(ctx, h, f.DocID, now); err != nil {
		return err
	}
	if err := h.exec(ctx, "update files set withdrawn_at = ? where tenant = ? and source = ? and key = ?",
		instant(now), tenant, source, key); err != nil {
		return err
	}
	return c.settleAll(ctx, h, tx, f.DocID, before)
}

// Sources returns the names of the sources of a tenant, sorted.
func (c *Catalog) Sources(ctx context.Context, tenant string) ([]string, error) {
	sources, err := collect(ctx, c.reader(), scanText, "select distinct source from files where tenant = ?", tenant)
	if err != nil {
		return nil, c.failed("sources of", tenant, err)
	}
	slices.Sort(sources)
	return sources, nil
}
