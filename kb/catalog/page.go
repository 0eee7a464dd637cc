package catalog

import (
	"context"
	"encoding/json"
	"fmt"

	"xiaoyue/kb"
)

// PassagesAfter returns up to limit searchable passages of all tenants, in the order of AllPassages,
// and the mark to go on from; the mark is empty before the first page and after the last one. What
// changes behind a mark leaves a job, so that a copy may take any time.
func (c *Catalog) PassagesAfter(ctx context.Context, mark string, limit int) (page []kb.Passage, next string, err error) {
	var at place
	if mark != "" {
		if err := json.Unmarshal([]byte(mark), &at); err != nil {
			return nil, "", fmt.Errorf("catalog: passages after %.40q: %w: not a mark of a page", mark, kb.ErrInvalid)
		}
	}
	page, err = collect(ctx, c.reader(), scanPassageRows, "select "+passageColumns+` from passages p
		where p.live = 1 and (p.doc_id, p.version, p.ordinal) > (?, ?, ?)
		order by p.doc_id, p.version, p.ordinal limit ?`, at.Doc, at.Version, at.Ordinal, limit)
	if err != nil {
		return nil, "", c.failed("passages of", "all", err)
	}
	if len(page) == limit {
		last := page[limit-1]
		b, err := json.Marshal(place{last.DocID, last.Version, last.Ordinal})
		if err != nil {
			return nil, "", err
		}
		next = string(b)
	}
	return page, next, nil
}

// place is where a passage stands in the order of all.
type place struct {
	Doc     string `json:"doc"`
	Version int    `json:"version"`
	Ordinal int    `json:"ordinal"`
}

// RetiredAfter returns up to limit IDs of passages that are no longer searchable, in their order, those
// after one of them.
func (c *Catalog) RetiredAfter(ctx context.Context, id string, limit int) ([]string, error) {
	ids, err := collect(ctx, c.reader(), scanText,
		"select id from passages where id > ? group by id having max(live) = 0 order by id limit ?", id, limit)
	if err != nil {
		return nil, c.failed("retired passages after", id, err)
	}
	return ids, nil
}
