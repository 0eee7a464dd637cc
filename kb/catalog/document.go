package catalog

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"xiaoyue/kb"
)

// file is a place in a source with the document that lives there.
type file struct {
	DocID     string
	Hash      string
	Version   int
	Withdrawn time.Time
}

func fileAt(ctx context.Context, h handle, tenant, source, key string) (f file, known bool, err error) {
	err = h.row(ctx, "select doc_id, hash, version, withdrawn_at from files where tenant = ? and source = ? and key = ?",
		tenant, source, key).Scan(&f.DocID, &f.Hash, &f.Version, (*instant)(&f.Withdrawn))
	if errors.Is(err, sql.ErrNoRows) {
		return file{}, false, nil
	}
	return f, err == nil, err
}

// PutDocument stores a version of a document with its passages and enqueues the index jobs, all in
// one transaction, and returns it as stored. The same hash at the same place changes nothing.
//
// The catalog assigns Version, RecordedAt and, where they are empty, the IDs of a new document and
// of its passages; it sets DocID, Version and tenant of passages, and what other attributes they
// leave empty, from the document. Passages must be exact substrings of the text. An ID that belongs
// to another document, a bad text and a missing access level are kb.ErrInvalid.
func (c *Catalog) PutDocument(ctx context.Context, d kb.Document, passages []kb.Passage) (stored kb.Document, changed bool, err error) {
	if err := checkDocument(d); err != nil {
		return kb.Document{}, false, fmt.Errorf("catalog: put document %s/%s: %w", d.Source, d.Key, err)
	}
	err = c.decide(ctx, func(h handle, tx *sql.Tx) error {
		f, known, err := fileAt(ctx, h, d.Tenant, d.Source, d.Key)
		if err != nil {
			return err
		}
		if known && f.Withdrawn.IsZero() && f.Hash == d.Hash {
			stored, err = document(ctx, h, d.Tenant, f.DocID, f.Version)
			return err
		}
		if known && d.ID != "" && d.ID != f.DocID {
			return fmt.Errorf("%w: the document at this place is %s, not %s", kb.ErrInvalid, f.DocID, d.ID)
		}
		changed = true
		stored, err = c.putVersion(ctx, h, tx, f, d, passages)
		return err
	})
	if err != nil {
		return kb.Document{}, false, c.failed("put document", d.Source+"/"+d.Key, err)
	}
	return stored, changed, nil
}

// putVersion makes d the next version at its place and settles all texts that it touches.
func (c *Catalog) putVersion(ctx context.Context, h handle, tx *sql.Tx, f file, d kb.Document, passages []kb.Passage) (kb.Document, error) {
	d.Version, d.RecordedAt, d.RetiredAt = f.Version+1, c.now().UTC(), time.Time{}
	if d.ID = cmp.Or(f.DocID, d.ID); d.ID == "" {
		id, err := uuid.NewV7()
		if err != nil {
			return d, err
		}
		d.ID = id.String()
	}
	d.Relations = slices.Clone(d.Relations)
	for i := range d.Relations {
		d.Relations[i].From = d.ID
	}
	before, err := touched(ctx, h, d.ID)
	if err != nil {
		return d, err
	}
	passages, err = placePassages(d, passages)
	if err != nil {
		return d, err
	}
	for _, step := range []func() error{
		func() error { return retire(ctx, h, d.ID, d.RecordedAt) },
		func() error { return insertFile(ctx, h, d) },
		func() error { return insertDocument(ctx, h, d) },
		func() error { return insertNames(ctx, h, d) },
		func() error { return insertRelations(ctx, h, d) },
		func() error { return insertPassages(ctx, h, d, passages) },
		func() error { return c.settleAll(ctx, h, tx, d.ID, before) },
	} {
		if err := step(); err != nil {
			return d, err
		}
	}
	return document(ctx, h, d.Tenant, d.ID, d.Version)
}

func checkDocument(d kb.Document) error {
	for name, v := range map[string]string{"tenant": d.Tenant, "source": d.Source, "key": d.Key, "hash": d.Hash} {
		if v == "" {
			return fmt.Errorf("%w: %s is missing", kb.ErrInvalid, name)
		}
	}
	if !knownAccess(d.Access) {
		return fmt.Errorf("%w: access %q is none of public, internal, restricted", kb.ErrInvalid, d.Access)
	}
	for _, s := range []string{d.Tenant, d.Source, d.Key, d.Hash, d.ID, d.Title, d.Number, d.Region, d.Zone, d.Text} {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			return fmt.Errorf("%w: text %.40q is not valid UTF-8 or holds NUL", kb.ErrInvalid, s)
		}
	}
	return nil
}

func knownAccess(a kb.Access) bool {
	return a == kb.AccessPublic || a == kb.AccessInternal || a == kb.AccessRestricted
}

// placePassages fills in what passages take over from their document and checks that each is a part
// of its text.
func placePassages(d kb.Document, given []kb.Passage) ([]kb.Passage, error) {
	passages := slices.Clone(given)
	seen := map[string]bool{}
	for i := range passages {
		p := &passages[i]
		if end := p.Start + len(p.Text); p.Start < 0 || end > len(d.Text) || d.Text[p.Start:end] != p.Text {
			return nil, fmt.Errorf("%w: passage %d %.20q is not the text at byte %d", kb.ErrInvalid, i, p.Text, p.Start)
		}
		p.DocID, p.Version, p.Tenant, p.Ordinal = d.ID, d.Version, d.Tenant, i
		p.Title = cmp.Or(p.Title, d.Title)
		p.Access = cmp.Or(p.Access, d.Access)
		p.Region, p.Zone = cmp.Or(p.Region, d.Region), cmp.Or(p.Zone, d.Zone)
		if p.Audience == nil {
			p.Audience = d.Audience
		}
		if p.Validity == (kb.Validity{}) {
			p.Validity = d.Validity
		}
		for n := 0; p.ID == "" || given[i].ID == "" && seen[p.ID]; n++ {
			p.ID = passageID(*p, n)
		}
		if seen[p.ID] {
			return nil, fmt.Errorf("%w: passage ID %s occurs twice", kb.ErrInvalid, p.ID)
		}
		if !knownAccess(p.Access) {
			return nil, fmt.Errorf("%w: passage %s has access %q", kb.ErrInvalid, p.ID, p.Access)
		}
		seen[p.ID] = true
	}
	return passages, nil
}

// passageID is the ID of the n-th passage with the same words at the same place of a document: it
// stays while words and place are unchanged.
func passageID(p kb.Passage, n int) string {
	parts := append([]string{p.DocID, string(p.Kind), p.Clause, p.Head, p.Text, strconv.Itoa(n)}, p.Headings...)
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return "p" + hex.EncodeToString(sum[:12])
}
