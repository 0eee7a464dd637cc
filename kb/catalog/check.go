package catalog

import (
	"context"
	"fmt"
)

// Stats counts what a catalog holds.
type Stats struct {
	Documents int `json:"documents"` // not withdrawn
	Versions  int `json:"versions"`
	Passages  int `json:"passages"` // searchable
	Items     int `json:"items"`    // not withdrawn
	Records   int `json:"records"`
	Jobs      int `json:"jobs"` // in the queue of the catalog's options
}

// Stats returns the counts of one state of the catalog.
func (c *Catalog) Stats(ctx context.Context) (s Stats, err error) {
	err = c.reader().row(ctx, `select
		(select count(*) from files where withdrawn_at = 0),
		(select count(*) from documents),
		(select count(*) from passages where live = 1),
		(select count(*) from (select distinct tenant, code from items where live = 1) i),
		(select count(*) from records),
		(select count(*) from goqite where queue = ?)`, c.queueName).
		Scan(&s.Documents, &s.Versions, &s.Passages, &s.Items, &s.Records, &s.Jobs)
	if err != nil {
		return Stats{}, c.failed("count", "catalog", err)
	}
	return s, nil
}

// sound are questions about the whole catalog whose answer must be 0.
var sound = []struct{ fault, query string }{
	{"files whose newest version is missing",
		"select count(*) from files f where not exists (select 1 from documents d where d.id = f.doc_id and d.version = f.version)"},
	{"documents with two newest versions",
		"select count(*) from (select id from documents where retired_at = 0 group by id having count(*) > 1) d"},
	{"passages shown twice",
		"select count(*) from (select id from passages where live = 1 group by id having count(*) > 1) p"},
	{"searchable passages of versions that are not",
		"select count(*) from passages p join documents d on d.id = p.doc_id and d.version = p.version where p.live = 1 and d.live = 0"},
}

// Check examines the whole catalog: the pages of its file and the rules between its tables. It
// reads everything and is for tools; damage is ErrDamaged with what was found.
func (c *Catalog) Check(ctx context.Context) error { return c.check(ctx, c.reader()) }

func (c *Catalog) check(ctx context.Context, h handle) error {
	faults, err := collect(ctx, h, scanText, c.dialect.integrity)
	if err != nil {
		return c.failed("check", "files", err)
	}
	if len(faults) != 1 || faults[0] != "ok" {
		return fmt.Errorf("catalog: check: %w: %q", ErrDamaged, faults)
	}
	for _, s := range sound {
		var n int
		if err := h.row(ctx, s.query).Scan(&n); err != nil {
			return c.failed("check", s.fault, err)
		}
		if n > 0 {
			return fmt.Errorf("catalog: check: %w: %d %s", ErrDamaged, n, s.fault)
		}
	}
	return nil
}
