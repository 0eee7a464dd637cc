package catalog

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"sync"

	"xiaoyue/kb"
)

// Lead is the right to work off the queue of a catalog's options. One process holds it at a time: were
// there two, what one read earlier could overwrite what the other read later. It ends with its
// process, however that ends, and on a server with the connection.
type Lead struct {
	held    func(context.Context) error
	release func() error
}

// Held reports whether the right is still there; ask before every batch.
func (l *Lead) Held(ctx context.Context) error { return l.held(ctx) }

// Close gives the right up.
func (l *Lead) Close() error { return l.release() }

// Lead takes the right to work off the queue of this catalog's options; kb.ErrLocked where another
// process has it. Jobs that the one before had received and not deleted are there again at once.
func (c *Catalog) Lead(ctx context.Context) (*Lead, error) {
	if c.write == nil {
		return nil, c.failed("lead", c.queueName, ErrReadOnly)
	}
	l, err := c.dialect.lead(ctx, c.write, c.queueName)
	if err != nil {
		return nil, c.failed("lead", c.queueName, err)
	}
	if err := c.unhide(ctx); err != nil {
		return nil, c.failed("lead", c.queueName, errors.Join(err, l.Close()))
	}
	return l, nil
}

// Sole takes the right to be the one process that does something over this catalog, whichever queue it
// works off; kb.ErrLocked where another process has it.
func (c *Catalog) Sole(ctx context.Context, what string) (*Lead, error) {
	if c.write == nil {
		return nil, c.failed("be the only one to", what, ErrReadOnly)
	}
	l, err := c.dialect.lead(ctx, c.write, "sole:"+what) // no name of a queue
	if err != nil {
		return nil, c.failed("be the only one to", what, err)
	}
	return l, nil
}

// unhide shows the received jobs of the queue again. On a full disk they come back by themselves, a while later.
func (c *Catalog) unhide(ctx context.Context) error {
	err := c.update(ctx, func(h handle, _ *sql.Tx) error {
		return h.exec(ctx, "update goqite set timeout = created where queue = ? and timeout > created", c.queueName)
	})
	if errors.Is(c.dialect.fault(err), kb.ErrFull) {
		return nil
	}
	return err
}

// Led reports whether some process works off the queue, by trying for a moment to be it.
func (c *Catalog) Led(ctx context.Context) (bool, error) {
	l, err := c.dialect.lead(ctx, c.read, c.queueName)
	if err == nil {
		err = l.Close()
	} else if err = c.dialect.fault(err); errors.Is(err, kb.ErrLocked) {
		return true, nil
	}
	if err != nil {
		return false, c.failed("look for the leader of", c.queueName, err)
	}
	return false, nil
}

// leadFile holds a transaction on a database of its own beside the catalog.
func leadFile(ctx context.Context, catalog *sql.DB, queue string) (*Lead, error) {
	var path string
	if err := catalog.QueryRowContext(ctx, "select file from pragma_database_list where name = 'main'").Scan(&path); err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(queue))
	name := filepath.Join(filepath.Dir(path), fmt.Sprintf("lead-%x.lock", sum[:5]))
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(name), RawQuery: "mode=rwc&_txlock=exclusive&_pragma=busy_timeout(1)"}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, err
	}
	tx, err := db.BeginTx(context.WithoutCancel(ctx), nil) // ends with release
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	release := sync.OnceValue(func() error { return errors.Join(tx.Rollback(), db.Close()) })
	return &Lead{held: func(context.Context) error { return nil }, release: release}, nil
}

// leadConnection holds an advisory lock on a connection of its own.
func leadConnection(ctx context.Context, pool *sql.DB, queue string) (*Lead, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	var got bool
	const key = "hashtextextended(current_schema() || '/' || $1, 1482246978)"
	if err := conn.QueryRowContext(ctx, "select pg_try_advisory_lock("+key+")", queue).Scan(&got); err != nil {
		return nil, errors.Join(err, discard(conn))
	}
	if !got {
		return nil, errors.Join(fmt.Errorf("%w: it works off the jobs", kb.ErrLocked), conn.Close())
	}
	return &Lead{held: conn.PingContext, release: sync.OnceValue(func() error { return discard(conn) })}, nil
}

// discard closes a connection instead of giving it back to its pool, and with it ends its locks.
func discard(conn *sql.Conn) error {
	err := conn.Raw(func(any) error { return driver.ErrBadConn })
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return nil
	}
	return err
}
