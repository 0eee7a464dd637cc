package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // driver pgx
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"maragu.dev/goqite"
)

// The advisory lock under which writers that read first follow each other, as they do in SQLite.
const advisoryLock = 1482246978

// postgres returns the dialect of PostgreSQL 14 and later.
func postgres() *dialect {
	return &dialect{
		name:       "postgres",
		goose:      goose.DialectPostgres,
		migrations: sub("migrations/postgres"),
		queue:      goqite.SQLFlavorPostgreSQL,
		numbered:   true,
		snapshot:   sql.LevelRepeatableRead,
		clock:      "(extract(epoch from clock_timestamp()) * 1000000000)::bigint",
		serialize:  fmt.Sprintf("select pg_advisory_xact_lock(%d)", advisoryLock),
		foreign: `select count(*) from information_schema.tables
			where table_schema = current_schema() and table_name in ('files', 'documents', 'passages', 'goqite')
			and to_regclass('` + versionTable + `') is null`,
		versioned: "select count(to_regclass('" + versionTable + "'))",
		integrity: "select 'ok'",
		lead:      leadConnection,
		kind:      postgresFault,
	}
}

func (c *Catalog) connectPostgres(ctx context.Context, o Options) error {
	db, err := sql.Open("pgx", o.DSN)
	if err != nil {
		return err
	}
	c.read = db
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	if err := db.PingContext(ctx); err != nil {
		return err
	}
	if o.ReadOnly {
		return c.mustBeReady(ctx, db)
	}
	c.write = db
	if ok, err := c.ready(ctx, db); ok || err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	return c.migrate(ctx, db, goose.WithSessionLocker(locker))
}

func postgresFault(err error) faultKind {
	var network net.Error
	var connect *pgconn.ConnectError
	var e *pgconn.PgError
	if errors.As(err, &e) && (strings.HasPrefix(e.Code, "28") || e.Code == "42501") { // login refused, insufficient privilege
		return faultDenied
	}
	if errors.As(err, &connect) || errors.As(err, &network) {
		return faultDown
	}
	if e == nil {
		return faultOther
	}
	switch e.Code { // Appendix A of the PostgreSQL manual
	case "53100": // disk_full
		return faultFull
	case "XX001", "XX002": // data_corrupted, index_corrupted
		return faultDamaged
	case "55P03": // lock_not_available
		return faultBusy
	case "57P01", "57P02", "57P03", "53300": // shutdowns, starting up, too_many_connections
		return faultDown
	case "23505": // unique_violation
		return faultDuplicate
	case "23503": // foreign_key_violation
		return faultOrphan
	}
	return faultOther
}
