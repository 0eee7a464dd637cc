package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"maragu.dev/goqite"

	"xiaoyue/kb"
)

// Job is work for an index: PassagesOf has what the index must hold of its document now,
// RetiredPassages what it must not.
type Job = kb.Job

// enqueue leaves a job in every registered queue.
func (c *Catalog) enqueue(ctx context.Context, tx *sql.Tx, j Job) error {
	body, err := json.Marshal(j)
	if err != nil {
		return err
	}
	names, err := queues(ctx, handle{c.dialect, tx})
	if len(names) == 0 {
		names = []string{defaultQueue}
	}
	for _, name := range names {
		if err == nil {
			err = newQueue(c.write, name, c.dialect.queue, c.visibility).SendTx(ctx, tx, goqite.Message{Body: body})
		}
	}
	return err
}

// ReceiveJob returns the oldest visible job and hides it from other workers for the time given at
// Open; ok is false where there is none.
func (c *Catalog) ReceiveJob(ctx context.Context) (j Job, ok bool, err error) {
	err = c.decide(ctx, func(h handle, tx *sql.Tx) error {
		m, err := c.queue.ReceiveTx(ctx, tx)
		if err != nil || m == nil {
			return err
		}
		ok = true
		err = json.Unmarshal(m.Body, &j)
		j.ID = string(m.ID)
		return err
	})
	if err != nil {
		return Job{}, false, c.failed("receive", "job", err)
	}
	return j, ok, nil
}

// ExtendJob hides a received job for d from now; zero shows it to every worker at once.
func (c *Catalog) ExtendJob(ctx context.Context, j Job, d time.Duration) error {
	err := c.update(ctx, func(_ handle, tx *sql.Tx) error { return c.queue.ExtendTx(ctx, tx, goqite.ID(j.ID), d) })
	if err != nil {
		return c.failed("extend job", j.ID, err)
	}
	return nil
}

// DeleteJob removes a job that is done. One that is gone already is no error.
func (c *Catalog) DeleteJob(ctx context.Context, j Job) error {
	err := c.update(ctx, func(_ handle, tx *sql.Tx) error { return c.queue.DeleteTx(ctx, tx, goqite.ID(j.ID)) })
	if err != nil {
		return c.failed("delete job", j.ID, err)
	}
	return nil
}

// Jobs returns how many jobs wait in the queue of this catalog's options or are being worked on.
func (c *Catalog) Jobs(ctx context.Context) (n int, err error) {
	if err := c.reader().row(ctx, "select count(*) from goqite where queue = ?", c.queueName).Scan(&n); err != nil {
		return 0, c.failed("count", "jobs", err)
	}
	return n, nil
}
