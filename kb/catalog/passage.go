package catalog

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"

	"xiaoyue/kb"
)

const passageColumns = "p.body, p.standing, p.text"

func scanPassage(rows interface{ Scan(...any) error }, p *kb.Passage) error {
	var v kb.Validity
	var words string // apart from the rest: reading text as JSON takes most of the time
	err := rows.Scan(asJSON(p), asJSON(&v), &words)
	p.Validity, p.Text = v, words
	return err
}

func scanPassageRows(rows *sql.Rows, p *kb.Passage) error { return scanPassage(rows, p) }

// Passages returns searchable passages with their effective validity, in the order of ids. Unknown
// ones, and those of withdrawn or corrected texts, are left out.
func (c *Catalog) Passages(ctx context.Context, ids []string) ([]kb.Passage, error) {
	byID := make(map[string]kb.Passage, len(ids))
	for part := range slices.Chunk(ids, maxRows) {
		found, err := collect(ctx, c.reader(), scanPassageRows,
			"select "+passageColumns+" from passages p where p.live = 1 and p.id in ("+marks(len(part))+")", args(part)...)
		if err != nil {
			return nil, c.failed("read", fmt.Sprintf("%d passages", len(ids)), err)
		}
		for _, p := range found {
			byID[p.ID] = p
		}
	}
	passages := make([]kb.Passage, 0, len(byID))
	for _, id := range ids {
		if p, ok := byID[id]; ok {
			passages = append(passages, p)
		}
	}
	return passages, nil
}

// Passage returns a passage as it was in a version of its document, searchable or not: for replay.
func (c *Catalog) Passage(ctx context.Context, tenant, id string, version int) (kb.Passage, error) {
	var p kb.Passage
	err := scanPassage(c.reader().row(ctx, "select "+passageColumns+` from passages p
		join documents d on d.id = p.doc_id and d.version = p.version and d.tenant = ?
		where p.id = ? and p.version = ?`, tenant, id, version), &p)
	if err = found(err); err != nil {
		return kb.Passage{}, c.failed("passage", id, err)
	}
	return p, nil
}

// passagePage is how many passages an iterator holds at a time. No transaction is open while the
// caller works on them, however long it takes.
const passagePage = 256

// PassagesOf yields the searchable passages of a document, of all its versions, older first, in
// reading order, with their effective validity: what an index must hold of it. RetiredPassages has what it must not.
func (c *Catalog) PassagesOf(ctx context.Context, docID string) iter.Seq2[kb.Passage, error] {
	return c.passages(ctx, "document "+docID, "p.doc_id = ?", docID)
}

// AllPassages yields all searchable passages of all tenants, document by document in a stable
// order: for building an index anew. What changes meanwhile leaves a job behind.
func (c *Catalog) AllPassages(ctx context.Context) iter.Seq2[kb.Passage, error] {
	return c.passages(ctx, "all", "1 = 1")
}

func (c *Catalog) passages(ctx context.Context, subject, where string, values ...any) iter.Seq2[kb.Passage, error] {
	return func(yield func(kb.Passage, error) bool) {
		var last kb.Passage
		for {
			page, err := collect(ctx, c.reader(), scanPassageRows, "select "+passageColumns+` from passages p
				where p.live = 1 and `+where+` and (p.doc_id, p.version, p.ordinal) > (?, ?, ?)
				order by p.doc_id, p.version, p.ordinal limit ?`,
				append(slices.Clone(values), last.DocID, last.Version, last.Ordinal, passagePage)...)
			if err != nil {
				yield(kb.Passage{}, c.failed("passages of", subject, err))
				return
			}
			for _, p := range page {
				if !yield(p, nil) {
					return
				}
			}
			if len(page) < passagePage {
				return
			}
			last = page[len(page)-1]
		}
	}
}

// RetiredPassages returns the IDs of passages of a document that are no longer searchable.
func (c *Catalog) RetiredPassages(ctx context.Context, docID string) ([]string, error) {
	ids, err := collect(ctx, c.reader(), scanText,
		"select id from passages where doc_id = ? group by id having max(live) = 0 order by id", docID)
	if err != nil {
		return nil, c.failed("retired passages of", docID, err)
	}
	return ids, nil
}
