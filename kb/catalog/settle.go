package catalog

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"xiaoyue/kb"
)

// This file keeps liveness and standing in SQL what standing.go makes of the stored facts.

// settleAll settles a document that came, changed or went, and every other one that it acts on or
// acted on before, and enqueues jobs for those whose passages an index now holds wrongly.
func (c *Catalog) settleAll(ctx context.Context, h handle, tx *sql.Tx, docID string, before []string) error {
	if err := c.settleDocument(ctx, h, tx, docID, true); err != nil {
		return err
	}
	after, err := touched(ctx, h, docID)
	if err != nil {
		return err
	}
	others := slices.Concat(before, after)
	slices.Sort(others)
	for _, other := range slices.Compact(others) {
		if other == docID {
			continue
		}
		if err := c.settleDocument(ctx, h, tx, other, false); err != nil {
			return err
		}
	}
	return bump(ctx, h, counterCatalog)
}

// touched returns the documents whose standing a document may decide: those its relations name,
// and those that a third text names by a title which this document has too.
func touched(ctx context.Context, h handle, docID string) ([]string, error) {
	return collect(ctx, h, scanText, `
		select to_id from relations where from_id = ? and to_id <> ''
		union
		select n.doc_id from relations r join names n on n.tenant = r.tenant and n.name = r.number where r.from_id = ?
		union
		select n.doc_id from relations r join names n on n.tenant = r.tenant and n.name = r.title
			where r.from_id = ? and r.title <> ''
		union
		select n.doc_id from names mine
			join relations r on r.tenant = mine.tenant and r.title = mine.name
			join names n on n.tenant = r.tenant and n.name = r.title
			where mine.doc_id = ?`, docID, docID, docID, docID)
}

// settleDocument recomputes one document. A job is enqueued when passages changed, or always.
func (c *Catalog) settleDocument(ctx context.Context, h handle, tx *sql.Tx, docID string, always bool) error {
	tenant, editions, err := editionsOf(ctx, h, docID)
	if err != nil || len(editions) == 0 {
		return err
	}
	acts, err := settleEditions(ctx, h, tenant, docID, editions)
	if err != nil {
		return err
	}
	changed, err := settleStored(ctx, h, docID, editions, func(version int) []act { return acts[version] })
	if err != nil || !changed && !always {
		return err
	}
	return c.enqueue(ctx, tx, Job{Tenant: tenant, DocID: docID, Version: editions[len(editions)-1].Version})
}

// settleEditions recomputes the versions of a document, in place and in SQL, and returns the acts
// on each live one.
func settleEditions(ctx context.Context, h handle, tenant, docID string, editions []edition) (map[int][]act, error) {
	was := slices.Clone(editions)
	settle(editions)
	acts := map[int][]act{}
	for i := range editions {
		e := &editions[i]
		if e.Live {
			found, err := actsOn(ctx, h, tenant, docID, *e, nil)
			if err != nil {
				return nil, err
			}
			acts[e.Version] = found
			e.Standing = standing(e.Stated, "", found, e.Next)
		}
		if e.Live == was[i].Live && e.Standing == was[i].Standing {
			continue
		}
		err := h.exec(ctx, "update documents set live = ?, standing = ?, from_day = ?, until_day = ? where id = ? and version = ?",
			bit(e.Live), asJSON(&e.Standing), day(e.Standing.From), day(e.Standing.Until), docID, e.Version)
		if err != nil {
			return nil, err
		}
	}
	return acts, nil
}

// settleStored recomputes the stored passages of a document and reports whether any changed.
func settleStored(ctx context.Context, h handle, docID string, editions []edition, acts func(int) []act) (changed bool, err error) {
	cuttings, err := collect(ctx, h, func(rows *sql.Rows, p *cutting) error {
		return rows.Scan(&p.ID, &p.Version, &p.Clause, asJSON(&p.Stated), asJSON(&p.Standing), &p.Live)
	}, "select id, version, clause, stated, standing, live from passages where doc_id = ? order by version, ordinal", docID)
	if err != nil {
		return false, err
	}
	was := slices.Clone(cuttings)
	settlePassages(cuttings, editions, acts)
	for i, p := range cuttings {
		if p == was[i] {
			continue
		}
		changed = true
		err := h.exec(ctx, "update passages set live = ?, standing = ? where id = ? and version = ?",
			bit(p.Live), asJSON(&p.Standing), p.ID, p.Version)
		if err != nil {
			return false, err
		}
	}
	return changed, nil
}

// editionsOf returns the versions of a document in order.
func editionsOf(ctx context.Context, h handle, docID string) (tenant string, editions []edition, err error) {
	editions, err = collect(ctx, h, func(rows *sql.Rows, e *edition) error {
		return rows.Scan(&tenant, &e.Version, (*day)(&e.Date), &e.Number, asJSON(&e.Stated), asJSON(&e.Standing),
			&e.Live, (*instant)(&e.Recorded), (*instant)(&e.Retired))
	}, `select tenant, version, day, number, stated, standing, live, recorded_at, retired_at
		from documents where id = ? order by version`, docID)
	if err != nil {
		return "", nil, err
	}
	type name struct {
		version int
		name    string
	}
	names, err := collect(ctx, h, func(rows *sql.Rows, n *name) error { return rows.Scan(&n.version, &n.name) },
		"select version, name from names where doc_id = ?", docID)
	for _, n := range names {
		editions[n.version-1].Names = append(editions[n.version-1].Names, n.name)
	}
	return tenant, editions, err
}

// actsOn returns the acts on an edition in order of effect: those of texts live now, or, for a
// moment of the past, of texts live then.
func actsOn(ctx context.Context, h handle, tenant, docID string, e edition, at *time.Time) ([]act, error) {
	values := []any{tenant, docID}
	query := `select r.from_version, r.ordinal, r.number, r.title, r.day, r.body from relations r
		join documents d on d.id = r.from_id and d.version = r.from_version
		where (r.tenant = ? and r.to_id = ?` // each alternative names the tenant, and has an index
	if e.Number != "" {
		query, values = query+" or r.tenant = ? and r.number = ?", append(values, tenant, e.Number)
	}
	if len(e.Names) > 0 {
		query += " or r.tenant = ? and r.title in (" + marks(len(e.Names)) + ")"
		values = append(append(values, tenant), args(e.Names)...)
	}
	query += ")"
	if at == nil {
		query += " and d.live = 1"
	} else {
		query, values = query+" and d.recorded_at <= ?", append(values, instant(*at))
	}
	found, err := collect(ctx, h, scanAct, query, values...)
	if err != nil {
		return nil, err
	}
	var acts []act
	for _, a := range found {
		ok := a.names(docID, e)
		if ok && a.Kind == kb.Extends && a.byTitle(e) {
			ok, err = newestNamed(ctx, h, tenant, a, e)
		}
		if ok && at != nil {
			ok, err = liveAt(ctx, h, a, *at)
		}
		if err != nil {
			return nil, err
		}
		if ok {
			acts = append(acts, a)
		}
	}
	orderActs(acts)
	return acts, nil
}

func scanAct(rows *sql.Rows, a *act) error {
	return rows.Scan(&a.version, &a.ordinal, &a.number, &a.title, (*day)(&a.day), asJSON(&a.Relation))
}

// newestNamed reports whether an edition is the newest that an extension by title can mean. A title
// may live on in successors; an extension is never of one that has been replaced already.
func newestNamed(ctx context.Context, h handle, tenant string, a act, e edition) (bool, error) {
	before := a.day
	if before.IsZero() {
		before = kb.MustDate("9999-12-31")
	}
	var newest kb.Date
	err := h.row(ctx, `select coalesce(max(n.day), 0) from names n
		join documents d on d.id = n.doc_id and d.version = n.version and d.live = 1
		where n.tenant = ? and n.name = ? and n.day < ? and n.doc_id <> ?`,
		tenant, a.title, day(before), a.From).Scan((*day)(&newest))
	return newest.IsZero() || newest == e.Date, err
}

// liveAt reports whether the acting version could be asked for at a moment.
func liveAt(ctx context.Context, h handle, a act, at time.Time) (bool, error) {
	_, editions, err := editionsOf(ctx, h, a.From)
	if err != nil {
		return false, err
	}
	editions = known(editions, at)
	settle(editions)
	return slices.ContainsFunc(editions, func(e edition) bool { return e.Version == a.version && e.Live }), nil
}
