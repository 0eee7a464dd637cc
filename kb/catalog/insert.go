package catalog

import (
	"context"
	"fmt"
	"slices"
	"time"

	"xiaoyue/kb"
)

// This file writes the rows of one version of a document.

func retire(ctx context.Context, h handle, docID string, at time.Time) error {
	return h.exec(ctx, "update documents set retired_at = ? where id = ? and retired_at = 0", instant(at), docID)
}

func insertFile(ctx context.Context, h handle, d kb.Document) error {
	err := h.exec(ctx, `insert into files (tenant, source, key, doc_id, hash, version) values (?, ?, ?, ?, ?, ?)
		on conflict (tenant, source, key) do update set hash = excluded.hash, version = excluded.version, withdrawn_at = 0`,
		d.Tenant, d.Source, d.Key, d.ID, d.Hash, d.Version)
	if err != nil && h.dialect.kind(err) == faultDuplicate {
		return fmt.Errorf("%w: ID %s belongs to another place: %w", kb.ErrInvalid, d.ID, err)
	}
	return err
}

func insertDocument(ctx context.Context, h handle, d kb.Document) error {
	meta := d
	meta.Text, meta.Sections, meta.Relations = "", nil, nil
	return h.insert(ctx, `documents (id, version, tenant, source, key, number, access, region, zone, audience,
		day, stated, standing, from_day, until_day, live, recorded_at, meta, text, sections)`, [][]any{{
		d.ID, d.Version, d.Tenant, d.Source, d.Key, normalNumber(d.Number), string(d.Access), d.Region, d.Zone,
		list(d.Audience), day(dateOf(d)), asJSON(&d.Validity), asJSON(&d.Validity), day(d.Validity.From),
		day(d.Validity.Until), 1, instant(d.RecordedAt), asJSON(&meta), d.Text, asJSON(&d.Sections),
	}})
}

func insertNames(ctx context.Context, h handle, d kb.Document) error {
	names := titlesOf(d.Title)
	if number := normalNumber(d.Number); number != "" && !slices.Contains(names, number) {
		names = append(names, number)
	}
	rows := make([][]any, len(names))
	for i, name := range names {
		rows[i] = []any{d.Tenant, name, d.ID, d.Version, day(dateOf(d))}
	}
	return h.insert(ctx, "names (tenant, name, doc_id, version, day)", rows)
}

func insertRelations(ctx context.Context, h handle, d kb.Document) error {
	rows := make([][]any, len(d.Relations))
	for i, r := range d.Relations {
		number, title := reference(r.ToRef)
		rows[i] = []any{d.ID, d.Version, i, d.Tenant, r.To, number, title, day(dateOf(d)), asJSON(&r)}
	}
	return h.insert(ctx, "relations (from_id, from_version, ordinal, tenant, to_id, number, title, day, body)", rows)
}

func insertPassages(ctx context.Context, h handle, d kb.Document, passages []kb.Passage) error {
	rows := make([][]any, len(passages))
	for i, p := range passages {
		stated, words := p.Validity, p.Text
		p.Validity, p.Text = kb.Validity{}, ""
		rows[i] = []any{p.ID, p.Version, p.DocID, p.Ordinal, p.Clause, asJSON(&stated), asJSON(&stated), 1, asJSON(&p), words}
		if i%maxRows > 0 {
			continue
		}
		if err := checkOwner(ctx, h, d.ID, passages[i:min(i+maxRows, len(passages))]); err != nil {
			return err
		}
	}
	return h.insert(ctx, "passages (id, version, doc_id, ordinal, clause, stated, standing, live, body, text)", rows)
}

// checkOwner refuses passage IDs that another document uses.
func checkOwner(ctx context.Context, h handle, docID string, passages []kb.Passage) error {
	values := []any{docID}
	for _, p := range passages {
		values = append(values, p.ID)
	}
	taken, err := collect(ctx, h, scanText, "select id from passages where doc_id <> ? and id in ("+
		marks(len(passages))+") limit 1", values...)
	if err == nil && len(taken) > 0 {
		err = fmt.Errorf("%w: passage ID %s belongs to another document", kb.ErrInvalid, taken[0])
	}
	return err
}
