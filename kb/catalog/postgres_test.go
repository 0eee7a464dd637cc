package catalog_test

import (
	"database/sql"
	"fmt"
	"net/url"
	"sync/atomic"
	"testing"
	"time"
)

var schemas atomic.Int64

// freshSchema makes an empty schema on the server and returns a DSN that uses it.
func freshSchema(t testing.TB, dsn string) string {
	t.Helper()
	name := fmt.Sprintf("t%d_%d", time.Now().UnixNano(), schemas.Add(1))
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
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
