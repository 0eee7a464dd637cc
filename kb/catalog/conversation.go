package catalog

import (
	"context"
	"database/sql"
	"fmt"

	"xiaoyue/kb"
)

// NextTurn returns the number of the next turn of a conversation, from 1, each once, and begins the
// conversation where there is none. One of another subject is kb.ErrNotFound.
func (c *Catalog) NextTurn(ctx context.Context, caller kb.Caller, conversation string) (turn int, err error) {
	if caller.Tenant == "" || conversation == "" {
		return 0, fmt.Errorf("catalog: next turn of %q: %w: tenant and conversation are needed", conversation, kb.ErrInvalid)
	}
	err = c.update(ctx, func(h handle, _ *sql.Tx) error {
		return found(h.row(ctx, `insert into conversations (tenant, id, subject, turns, retain_until) values (?, ?, ?, 1, ?)
			on conflict (tenant, id) do update set turns = conversations.turns + 1, retain_until = excluded.retain_until
			where conversations.subject = excluded.subject returning turns`,
			caller.Tenant, conversation, caller.Subject, instant(c.now().Add(c.retain))).Scan(&turn))
	})
	if err != nil {
		return 0, c.failed("next turn of", conversation, err)
	}
	return turn, nil
}

// AppendEvents persists events, all or none, before they are sent. Each (conversation, turn, seq)
// is written once: a second writer gets ErrExists. A conversation that NextTurn has not begun is
// kb.ErrNotFound. With its last event a turn runs no more.
func (c *Catalog) AppendEvents(ctx context.Context, tenant string, events []kb.Event) error {
	if len(events) == 0 {
		return nil
	}
	rows := make([][]any, len(events))
	for i, e := range events {
		if e.Conversation == "" || e.Turn < 1 || e.Seq < 1 {
			return fmt.Errorf("catalog: append events: %w: event %d of turn %d in %q", kb.ErrInvalid, e.Seq, e.Turn, e.Conversation)
		}
		rows[i] = []any{tenant, e.Conversation, e.Turn, e.Seq, string(e.Type), asJSON(&e)}
	}
	err := c.update(ctx, func(h handle, _ *sql.Tx) error {
		if err := h.insert(ctx, "events (tenant, conversation, turn, seq, type, body)", rows); err != nil {
			return err
		}
		if last := events[len(events)-1]; last.Final() {
			return h.leaveTurn(ctx, tenant, last.Conversation, last.Turn)
		}
		return nil
	})
	if err != nil {
		return c.failed("append events to", events[0].Conversation, err)
	}
	return nil
}

// Events returns the events of a turn after a sequence number, in order. A conversation of another
// subject has none.
func (c *Catalog) Events(ctx context.Context, caller kb.Caller, conversation string, turn, after int) ([]kb.Event, error) {
	events, err := collect(ctx, c.reader(), scanEvent, `select e.body from events e
		join conversations c on c.tenant = e.tenant and c.id = e.conversation
		where e.tenant = ? and e.conversation = ? and c.subject = ? and e.turn = ? and e.seq > ? order by e.seq`,
		caller.Tenant, conversation, caller.Subject, turn, after)
	if err != nil {
		return nil, c.failed("events of", conversation, err)
	}
	return events, nil
}

func scanEvent(rows *sql.Rows, e *kb.Event) error { return rows.Scan(asJSON(e)) }

// Exchanges returns the last finished questions of a conversation, at most limit, oldest first. A
// question is given as completed, so that it can be understood alone.
func (c *Catalog) Exchanges(ctx context.Context, tenant, conversation string, limit int) ([]kb.Exchange, error) {
	events, err := collect(ctx, c.reader(), scanEvent, `select body from events
		where tenant = ? and conversation = ? and type = ? order by turn desc, seq desc limit ?`,
		tenant, conversation, string(kb.EventDone), limit)
	if err != nil {
		return nil, c.failed("exchanges of", conversation, err)
	}
	exchanges := make([]kb.Exchange, 0, len(events))
	for i := len(events) - 1; i >= 0; i-- {
		if a := events[i].Answer; a != nil {
			exchanges = append(exchanges, kb.Exchange{Question: a.QuestionCompleted, Answer: a.Text})
		}
	}
	return exchanges, nil
}
