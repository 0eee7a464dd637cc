package catalog

import (
	"context"
	"database/sql"

	"xiaoyue/kb"
)

// relationsFrom returns the relations that a version states, resolved as far as their targets are
// known now.
func relationsFrom(ctx context.Context, h handle, tenant, id string, version int) ([]kb.Relation, error) {
	acts, err := collect(ctx, h, scanAct, `select from_version, ordinal, number, title, day, body from relations
		where from_id = ? and from_version = ? order by ordinal`, id, version)
	if err != nil {
		return nil, err
	}
	return resolve(ctx, h, tenant, acts)
}

// resolve fills in the targets of relations. Several texts can bear one title; the newest that the
// words can mean is named, though an act that ends texts ends all of them.
func resolve(ctx context.Context, h handle, tenant string, acts []act) ([]kb.Relation, error) {
	var relations []kb.Relation
	for _, a := range acts {
		if a.To == "" && (a.number != "" || a.title != "") {
			candidates, err := candidatesFor(ctx, h, tenant, a)
			if err != nil {
				return nil, err
			}
			for _, e := range candidates {
				if a.names(e.docID, e.edition) {
					a.To = e.docID
					break
				}
			}
		}
		relations = append(relations, a.Relation)
	}
	return relations, nil
}

type candidate struct {
	edition
	docID string
}

// candidatesFor returns the live versions that bear the number or title of a reference, newest first.
func candidatesFor(ctx context.Context, h handle, tenant string, a act) ([]candidate, error) {
	return collect(ctx, h, func(rows *sql.Rows, e *candidate) error {
		name := ""
		err := rows.Scan(&e.docID, &e.Version, &e.Number, (*day)(&e.Date), &name)
		e.Names = []string{name}
		return err
	}, `select d.id, d.version, d.number, d.day, n.name from names n
		join documents d on d.id = n.doc_id and d.version = n.version and d.live = 1
		where n.tenant = ? and n.name in (?, ?) order by d.day desc, d.id`, tenant, a.number, a.title)
}

// RelationsOf returns the relations that a document's live versions state, then those by which
// other texts act on it.
func (c *Catalog) RelationsOf(ctx context.Context, docID string) (relations []kb.Relation, err error) {
	err = c.view(ctx, func(h handle) error {
		tenant, editions, err := editionsOf(ctx, h, docID)
		if err != nil {
			return err
		}
		for _, e := range editions {
			if !e.Live {
				continue
			}
			stated, err := relationsFrom(ctx, h, tenant, docID, e.Version)
			if err != nil {
				return err
			}
			relations = append(relations, stated...)
		}
		seen := map[[2]any]bool{}
		for _, e := range editions {
			if !e.Live {
				continue
			}
			acts, err := actsOn(ctx, h, tenant, docID, e, nil)
			if err != nil {
				return err
			}
			for _, a := range acts {
				if at := [2]any{a.From, [2]int{a.version, a.ordinal}}; !seen[at] {
					seen[at] = true
					a.To = docID
					relations = append(relations, a.Relation)
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, c.failed("relations of", docID, err)
	}
	return relations, nil
}
