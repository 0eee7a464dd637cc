package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"xiaoyue/kb"
)

// PutRecord stores what accounts for an answer; one trace ID once. A record that names no time
// of retention gets the default.
func (c *Catalog) PutRecord(ctx context.Context, r kb.Record) error {
	caller := r.Turn.Caller
	if r.TraceID == "" || caller.Tenant == "" {
		return fmt.Errorf("catalog: put record: %w: trace ID %q, tenant %q: both are needed", kb.ErrInvalid, r.TraceID, caller.Tenant)
	}
	if r.CreatedAt.IsZero() {
		r.CreatedAt = c.now().UTC()
	}
	if r.RetainUntil.IsZero() {
		r.RetainUntil = r.CreatedAt.Add(c.retain)
	}
	err := c.update(ctx, func(h handle, _ *sql.Tx) error {
		return h.insert(ctx, "records (tenant, trace_id, subject, conversation, created_at, retain_until, body)", [][]any{{
			caller.Tenant, r.TraceID, caller.Subject, r.Turn.Conversation, instant(r.CreatedAt), instant(r.RetainUntil), asJSON(&r)}})
	})
	if err != nil {
		return c.failed("put record", r.TraceID, err)
	}
	return nil
}

// Record returns the record of an answer.
func (c *Catalog) Record(ctx context.Context, tenant, traceID string) (r kb.Record, err error) {
	err = found(c.reader().row(ctx, "select body from records where tenant = ? and trace_id = ?", tenant, traceID).Scan(asJSON(&r)))
	if err != nil {
		return kb.Record{}, c.failed("record", traceID, err)
	}
	return r, nil
}

// maxComment bounds what a person may write about an answer, in characters.
const maxComment = 2000

// PutFeedback stores what a person says of a recorded answer, in place of what was said before.
// An answer without record is kb.ErrNotFound.
func (c *Catalog) PutFeedback(ctx context.Context, tenant string, f kb.Feedback) error {
	if f.Thumb < -1 || f.Thumb > 1 || f.Level < 0 || f.Level > 5 || utf8.RuneCountInString(f.Comment) > maxComment {
		return fmt.Errorf("catalog: put feedback on %s: %w: thumb %d, level %d, comment of %d bytes",
			f.TraceID, kb.ErrInvalid, f.Thumb, f.Level, len(f.Comment))
	}
	if f.CreatedAt.IsZero() {
		f.CreatedAt = c.now().UTC()
	}
	err := c.update(ctx, func(h handle, _ *sql.Tx) error {
		return h.exec(ctx, `insert into feedback (tenant, trace_id, body) values (?, ?, ?)
			on conflict (tenant, trace_id) do update set body = excluded.body`, tenant, f.TraceID, asJSON(&f))
	})
	if err != nil {
		return c.failed("put feedback on", f.TraceID, err)
	}
	return nil
}

// Feedback returns what was said of an answer; kb.ErrNotFound where nothing was.
func (c *Catalog) Feedback(ctx context.Context, tenant, traceID string) (f kb.Feedback, err error) {
	err = found(c.reader().row(ctx, "select body from feedback where tenant = ? and trace_id = ?", tenant, traceID).Scan(asJSON(&f)))
	if err != nil {
		return kb.Feedback{}, c.failed("feedback on", traceID, err)
	}
	return f, nil
}

// Erase deletes all conversations, records and feedback of a subject, from the files of the
// embedded database too, and returns how many conversations and records there were. With
// kb.ErrLocked they are deleted, but a long reader keeps an old page from being overwritten: call again.
func (c *Catalog) Erase(ctx context.Context, tenant, subject string) (int, error) {
	if subject == "" {
		return 0, fmt.Errorf("catalog: erase: %w: subject is missing", kb.ErrInvalid)
	}
	n, err := c.forget(ctx, "tenant = ? and subject = ?", tenant, subject)
	if err != nil {
		return n, c.failed("erase", "subject", err)
	}
	return n, nil
}

// EraseOwn erases what belongs to a caller, at the caller's own wish, and notes it in the audit log
// under the beginning of the subject: enough to look into a complaint, too little to act as the subject.
func (c *Catalog) EraseOwn(ctx context.Context, caller kb.Caller) (int, error) {
	n, err := c.Erase(ctx, caller.Tenant, caller.Subject)
	if err != nil && !errors.Is(err, kb.ErrLocked) {
		return n, err
	}
	who := "subject " + caller.Subject[:min(8, len(caller.Subject))]
	noted := c.PutAct(ctx, Act{Tenant: caller.Tenant, Who: who, What: "erase", Object: "own conversations", Detail: fmt.Sprint(n)})
	return n, errors.Join(err, noted)
}

// Purge deletes the conversations and records whose retention has ended, and returns how many.
func (c *Catalog) Purge(ctx context.Context, now time.Time) (int, error) {
	n, err := c.forget(ctx, "retain_until <= ?", instant(now))
	if err != nil {
		return n, c.failed("purge", "conversations", err)
	}
	return n, nil
}

// forget deletes the conversations and records that a condition on both tables selects, with all
// that hangs on them.
func (c *Catalog) forget(ctx context.Context, where string, values ...any) (deleted int, err error) {
	ofRecords := "(tenant, trace_id) in (select tenant, trace_id from records where " + where + ")"
	ofConversations := "(tenant, conversation) in (select tenant, id from conversations where " + where + ")"
	err = c.decide(ctx, func(h handle, _ *sql.Tx) error {
		for _, step := range []struct {
			query string
			count bool
		}{
			{"delete from feedback where " + ofRecords, false},
			{"delete from running where " + ofConversations, false},
			{"delete from events where " + ofConversations, false},
			{"delete from records where " + where, true},
			{"delete from conversations where " + where, true},
		} {
			n, err := h.count(ctx, step.query, values...)
			if err != nil {
				return err
			}
			if step.count {
				deleted += n
			}
		}
		return nil
	})
	if err != nil || c.dialect.scrub == nil {
		return deleted, err
	}
	return deleted, c.patiently(ctx, func() error { return c.dialect.scrub(ctx, c.write) })
}
