package catalog

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"xiaoyue/kb"
)

// A turn runs while it is entered, its time is not over, and the replica that answers it lives. Several
// processes decide by that, so that the time is that of the database; SQLite has none of its own, and its
// processes are on one machine.

// clock is the SQL of the present, in nanoseconds since 1970.
func (c *Catalog) clock() string {
	if c.dialect.clock != "" {
		return c.dialect.clock
	}
	return strconv.FormatInt(c.now().UnixNano(), 10)
}

// runs is the condition that a turn r runs now.
func (c *Catalog) runs() string {
	now := c.clock()
	return "r.expires > " + now + " and exists (select 1 from replicas p where p.id = r.replica and p.expires > " + now + ")"
}

// EnterTurn notes that a replica answers a turn, for at most a time, for somebody at an address; empty: not
// known. It is over with the last event of the turn, or LeaveTurn. One that is there already is ErrExists,
// a conversation that NextTurn has not begun kb.ErrNotFound.
func (c *Catalog) EnterTurn(ctx context.Context, replica string, ref kb.TurnRef, address string, limit time.Duration) error {
	hidden, err := c.addresses.hide(ctx, c, address)
	if err != nil {
		return c.failed("enter turn of", ref.Conversation, err)
	}
	err = c.update(ctx, func(h handle, _ *sql.Tx) error {
		return h.exec(ctx, `insert into running (tenant, conversation, turn, subject, address, replica, expires)
			values (?, ?, ?, ?, ?, ?, `+c.clock()+` + ?)`,
			ref.Tenant, ref.Conversation, ref.Turn, ref.Subject, hidden, replica, limit.Nanoseconds())
	})
	if err != nil {
		return c.failed("enter turn of", ref.Conversation, err)
	}
	return nil
}

// LeaveTurn takes back that a turn is answered; one that is not is no error.
func (c *Catalog) LeaveTurn(ctx context.Context, ref kb.TurnRef) error {
	err := c.update(ctx, func(h handle, _ *sql.Tx) error { return h.leaveTurn(ctx, ref.Tenant, ref.Conversation, ref.Turn) })
	if err != nil {
		return c.failed("leave turn of", ref.Conversation, err)
	}
	return nil
}

func (h handle) leaveTurn(ctx context.Context, tenant, conversation string, turn int) error {
	return h.exec(ctx, "delete from running where tenant = ? and conversation = ? and turn = ?", tenant, conversation, turn)
}

// Running counts the turns that run now: all, those of the caller's subject, those of its address.
func (c *Catalog) Running(ctx context.Context, caller kb.Caller) (n kb.Running, err error) {
	hidden, err := c.addresses.hide(ctx, c, caller.Address)
	if err != nil {
		return n, c.failed("count", "running turns", err)
	}
	err = c.reader().row(ctx, `select count(*), count(*) filter (where r.tenant = ? and r.subject = ?), count(*) filter (where r.address = ?)
		from running r where `+c.runs(), caller.Tenant, caller.Subject, hidden).Scan(&n.All, &n.Subject, &n.Address)
	if err != nil {
		return n, c.failed("count", "running turns", err)
	}
	return n, nil
}

// TurnRuns reports whether a turn runs now. Where it says no, what Events returns afterwards is all that
// there will be, unless the replica that was taken for gone comes back.
func (c *Catalog) TurnRuns(ctx context.Context, ref kb.TurnRef) (bool, error) {
	var n int
	err := c.reader().row(ctx, `select count(*) from running r
		where r.tenant = ? and r.conversation = ? and r.turn = ? and r.subject = ? and `+c.runs(),
		ref.Tenant, ref.Conversation, ref.Turn, ref.Subject).Scan(&n)
	if err != nil {
		return false, c.failed("state of turn of", ref.Conversation, err)
	}
	return n > 0, nil
}

// StopTurns asks whoever answers a turn to stop; without a conversation, all turns of the subject. Their
// replicas learn of it when they renew their leases.
func (c *Catalog) StopTurns(ctx context.Context, ref kb.TurnRef) error {
	if ref.Conversation == "" && ref.Subject == "" {
		return fmt.Errorf("catalog: stop turns: %w: neither conversation nor subject", kb.ErrInvalid)
	}
	err := c.update(ctx, func(h handle, _ *sql.Tx) error {
		if ref.Conversation == "" {
			return h.exec(ctx, "update running set stopped = 1 where tenant = ? and subject = ?", ref.Tenant, ref.Subject)
		}
		return h.exec(ctx, `update running set stopped = 1 where tenant = ? and conversation = ? and turn = ? and subject = ?`,
			ref.Tenant, ref.Conversation, ref.Turn, ref.Subject)
	})
	if err != nil {
		return c.failed("stop turns of", ref.Conversation, err)
	}
	return nil
}
