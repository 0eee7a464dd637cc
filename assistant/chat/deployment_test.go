package chat_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"xiaoyue/assistant/chat"
	"xiaoyue/kb"
	"xiaoyue/kb/catalog"
)

// deployment is several replicas over one store: in memory and fake time, or over catalogs of their own on
// one file or one server, as several processes have them.
type deployment struct {
	open  func(t *testing.T) store
	lease time.Duration
}

// busyLease is long enough for a replica on a busy machine to renew it in time.
const busyLease = 5 * time.Second

type store interface {
	chat.Store
	chat.Eraser
}

// everywhere runs a test on deployments over all stores.
func everywhere(t *testing.T, test func(t *testing.T, d deployment)) {
	t.Run("memory", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			m := newMemory()
			test(t, deployment{open: func(*testing.T) store { return m }, lease: 10 * time.Second})
		})
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel() // it mostly waits
		dir := t.TempDir()
		test(t, deployment{open: func(t *testing.T) store { return openCatalog(t, catalog.Options{Dir: dir}) }, lease: busyLease})
	})
	t.Run("postgres", func(t *testing.T) {
		dsn := os.Getenv("XIAOYUE_TEST_POSTGRES")
		if dsn == "" && os.Getenv("CI") != "" && !testing.Short() {
			t.Fatal("XIAOYUE_TEST_POSTGRES is not set: run the tests under .ci/with-postgres.sh")
		}
		if dsn == "" {
			t.Skip("XIAOYUE_TEST_POSTGRES is not set: replicas are not tested on PostgreSQL")
		}
		t.Parallel()
		dsn = freshSchema(t, dsn)
		test(t, deployment{open: func(t *testing.T) store { return openCatalog(t, catalog.Options{DSN: dsn}) }, lease: busyLease})
	})
}

func openCatalog(t *testing.T, o catalog.Options) store {
	t.Helper()
	c, err := catalog.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// freshSchema makes an empty schema on the server and returns a DSN that uses it.
func freshSchema(t *testing.T, dsn string) string {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("chat%d", time.Now().UnixNano())
	t.Cleanup(func() {
		if _, err := db.Exec("drop schema " + name + " cascade"); err != nil {
			t.Error(err)
		}
		db.Close()
	})
	if _, err := db.Exec("create schema " + name); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String()
}

// replica starts a replica; kill ends its life without a goodbye.
func (d deployment) replica(t *testing.T, answerer chat.Answerer, opts chat.Options) (c *chat.Conversations, kill func()) {
	t.Helper()
	opts.Lease, opts.Logger = d.lease, slog.New(slog.DiscardHandler)
	m := &mortal{store: d.open(t)}
	c = chat.New(answerer, m, &opts)
	t.Cleanup(c.Close)
	return c, func() { m.dead.Store(true) }
}

// mortal is a store to which a dead replica writes no more.
type mortal struct {
	store
	dead atomic.Bool
}

var errDead = errors.New("dead")

func (m *mortal) AppendEvents(ctx context.Context, tenant string, events []kb.Event) error {
	if m.dead.Load() {
		return errDead
	}
	return m.store.AppendEvents(ctx, tenant, events)
}

func (m *mortal) RenewReplica(ctx context.Context, replica string, lease time.Duration) ([]chat.Ref, error) {
	if m.dead.Load() {
		return nil, errDead
	}
	return m.store.RenewReplica(ctx, replica, lease)
}

func (m *mortal) LeaveTurn(ctx context.Context, ref chat.Ref) error {
	if m.dead.Load() {
		return errDead
	}
	return m.store.LeaveTurn(ctx, ref)
}

func (m *mortal) EndReplica(ctx context.Context, replica string) error {
	if m.dead.Load() {
		return errDead
	}
	return m.store.EndReplica(ctx, replica)
}
