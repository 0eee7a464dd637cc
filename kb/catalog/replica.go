package catalog

import (
	"context"
	"database/sql"
	"time"

	"xiaoyue/kb"
)

// RenewReplica says that a replica lives and will have said so again when the lease is over. It returns
// the turns of the replica that somebody wants stopped.
func (c *Catalog) RenewReplica(ctx context.Context, replica string, lease time.Duration) ([]kb.TurnRef, error) {
	err := c.update(ctx, func(h handle, _ *sql.Tx) error {
		return h.exec(ctx, `insert into replicas (id, expires) values (?, `+c.clock()+` + ?)
			on conflict (id) do update set expires = excluded.expires`, replica, lease.Nanoseconds())
	})
	if err != nil {
		return nil, c.failed("renew", "replica "+replica, err)
	}
	refs, err := collect(ctx, c.reader(), scanTurnRef,
		"select tenant, subject, conversation, turn from running where replica = ? and stopped = 1", replica)
	if err != nil {
		return nil, c.failed("turns to stop of", "replica "+replica, err)
	}
	return refs, nil
}

// EndReplica says that a replica is gone, before its lease says so.
func (c *Catalog) EndReplica(ctx context.Context, replica string) error {
	err := c.update(ctx, func(h handle, _ *sql.Tx) error {
		return h.exec(ctx, "delete from replicas where id = ?", replica)
	})
	if err != nil {
		return c.failed("end", "replica "+replica, err)
	}
	return nil
}

// LostTurns forgets the replicas whose leases are over and returns turns, at most limit, that are entered
// but no longer run. Who gives them a last event, or leaves them, is up to whoever is first.
func (c *Catalog) LostTurns(ctx context.Context, limit int) ([]kb.TurnRef, error) {
	var gone int
	if err := c.reader().row(ctx, "select count(*) from replicas where expires <= "+c.clock()).Scan(&gone); err != nil {
		return nil, c.failed("count", "replicas", err)
	}
	if gone > 0 {
		err := c.update(ctx, func(h handle, _ *sql.Tx) error {
			return h.exec(ctx, "delete from replicas where expires <= "+c.clock())
		})
		if err != nil {
			return nil, c.failed("forget", "replicas", err)
		}
	}
	refs, err := collect(ctx, c.reader(), scanTurnRef,
		"select r.tenant, r.subject, r.conversation, r.turn from running r where not ("+c.runs()+") limit ?", limit)
	if err != nil {
		return nil, c.failed("find", "lost turns", err)
	}
	return refs, nil
}

func scanTurnRef(rows *sql.Rows, r *kb.TurnRef) error {
	return rows.Scan(&r.Tenant, &r.Subject, &r.Conversation, &r.Turn)
}
