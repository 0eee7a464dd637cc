package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"xiaoyue/kb"
)

// documentColumns are those that scanDocument reads.
const documentColumns = "d.meta, d.standing, d.recorded_at, d.retired_at"

func scanDocument(rows interface{ Scan(...any) error }, d *kb.Document, more ...any) error {
	var v kb.Validity
	var recorded, retired time.Time
	err := rows.Scan(append([]any{asJSON(d), asJSON(&v), (*instant)(&recorded), (*instant)(&retired)}, more...)...)
	d.Validity, d.RecordedAt, d.RetiredAt = v, recorded, retired
	return err
}

// document reads one version whole.
func document(ctx context.Context, h handle, tenant, id string, version int) (kb.Document, error) {
	var d kb.Document
	var text string
	var sections []kb.Section
	err := scanDocument(h.row(ctx, "select "+documentColumns+", d.text, d.sections from documents d where d.tenant = ? and d.id = ? and d.version = ?",
		tenant, id, version), &d, &text, asJSON(&sections))
	if errors.Is(err, sql.ErrNoRows) {
		return kb.Document{}, fmt.Errorf("version %d: %w", version, kb.ErrNotFound)
	}
	if err != nil {
		return kb.Document{}, err
	}
	d.Text, d.Sections = text, sections
	d.Relations, err = relationsFrom(ctx, h, tenant, id, version)
	return d, err
}

// Document returns a version of a document with text, sections and relations; its Validity is the
// effective one (Standing has the stated one too). Version 0 is the newest; a withdrawn document
// has none and is kb.ErrNotFound, while its numbered versions can still be read for replay.
func (c *Catalog) Document(ctx context.Context, tenant, id string, version int) (d kb.Document, err error) {
	err = c.view(ctx, func(h handle) error {
		if version == 0 {
			err := found(h.row(ctx, "select version from files where tenant = ? and doc_id = ? and withdrawn_at = 0", tenant, id).Scan(&version))
			if err != nil {
				return err
			}
		}
		d, err = document(ctx, h, tenant, id, version)
		return err
	})
	if err != nil {
		return kb.Document{}, c.failed("document", id, err)
	}
	return d, nil
}

// DocumentByNumber returns the newest text with a 发文字号, in whatever brackets it is written.
func (c *Catalog) DocumentByNumber(ctx context.Context, tenant, number string) (d kb.Document, err error) {
	err = c.view(ctx, func(h handle) error {
		var id string
		var version int
		err := found(h.row(ctx, `select id, version from documents where tenant = ? and number = ? and number <> '' and live = 1
			order by day desc, recorded_at desc limit 1`, tenant, normalNumber(number)).Scan(&id, &version))
		if err != nil {
			return err
		}
		d, err = document(ctx, h, tenant, id, version)
		return err
	})
	if err != nil {
		return kb.Document{}, c.failed("document", number, err)
	}
	return d, nil
}

// DocumentQuery selects documents for a list.
type DocumentQuery struct {
	Scope   kb.Scope  // tenant and access are required, as everywhere
	Source  string    // of this source only
	KnownAt time.Time // the versions that were newest at this moment; zero: all that can be asked for now
	After   string    // the mark that the page before returned
	Limit   int       // zero: 100
}

// Documents lists documents in a stable order, without text, sections and relations, and with the
// validity known now (Standing has that of another moment). The mark is given as After to get the
// next page, and is empty after the last one.
func (c *Catalog) Documents(ctx context.Context, q DocumentQuery) (page []kb.Document, mark string, err error) {
	limit := q.Limit
	if limit <= 0 {
		limit = 100
	}
	where, values := scopeSQL("d", q.Scope)
	if q.Source != "" {
		where, values = where+" and d.source = ?", append(values, q.Source)
	}
	if q.KnownAt.IsZero() {
		where += " and d.live = 1"
	} else {
		where += " and d.recorded_at <= ? and (d.retired_at = 0 or d.retired_at > ?)"
		values = append(values, instant(q.KnownAt), instant(q.KnownAt))
	}
	if q.After != "" {
		id, version, err := parseMark(q.After)
		if err != nil {
			return nil, "", fmt.Errorf("catalog: documents after %.40q: %w", q.After, err)
		}
		where, values = where+" and (d.id > ? or d.id = ? and d.version > ?)", append(values, id, id, version)
	}
	page, err = collect(ctx, c.reader(), func(rows *sql.Rows, d *kb.Document) error { return scanDocument(rows, d) },
		"select "+documentColumns+" from documents d where "+where+" order by d.id, d.version limit ?", append(values, limit)...)
	if err != nil {
		return nil, "", c.failed("documents of", q.Scope.Tenant, err)
	}
	if len(page) == limit {
		mark = formatMark(page[limit-1])
	}
	return page, mark, nil
}

func formatMark(d kb.Document) string { return fmt.Sprintf("%d.%s", d.Version, d.ID) }

func parseMark(mark string) (id string, version int, err error) {
	number, id, ok := strings.Cut(mark, ".")
	if version, err = strconv.Atoi(number); err != nil || !ok || id == "" {
		return "", 0, fmt.Errorf("%w: not a mark of a page", kb.ErrInvalid)
	}
	return id, version, nil
}

// Standing is how a document stood, in both clocks.
type Standing struct {
	Version   int         `json:"version"`
	Stated    kb.Validity `json:"stated"`    // by its own text
	Effective kb.Validity `json:"effective"` // in view of the other texts known
	// Acts are the acts of other texts that made the difference, in order of effect.
	Acts []kb.Relation `json:"acts,omitempty"`
}

// Standing returns how a document stood in view of what was known at a moment; the zero time is
// now. kb.ErrNotFound: it was not known then, or withdrawn.
func (c *Catalog) Standing(ctx context.Context, tenant, id string, at time.Time) (s Standing, err error) {
	if at.IsZero() {
		at = c.now()
	}
	err = c.view(ctx, func(h handle) error {
		owner, editions, err := editionsOf(ctx, h, id)
		if err != nil {
			return err
		}
		editions = known(editions, at)
		settle(editions)
		if owner != tenant || len(editions) == 0 || !editions[len(editions)-1].Live {
			return kb.ErrNotFound
		}
		e := editions[len(editions)-1]
		acts, err := actsOn(ctx, h, tenant, id, e, &at)
		if err != nil {
			return err
		}
		s = Standing{Version: e.Version, Stated: e.Stated, Effective: standing(e.Stated, "", acts, e.Next)}
		for _, a := range acts {
			a.To = id
			s.Acts = append(s.Acts, a.Relation)
		}
		return nil
	})
	if err != nil {
		return Standing{}, c.failed("standing of", id, err)
	}
	return s, nil
}
