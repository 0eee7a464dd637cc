package pgvector

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// freshDatabase makes a database without extensions and returns its address.
func freshDatabase(t *testing.T) string {
	t.Helper()
	dsn := server(t)
	name := freshSchema(t, dsn) // a name that nothing has
	execute(t, dsn, "create database "+name+" template template0")
	t.Cleanup(func() { execute(t, dsn, "drop database "+name+" with (force)") })
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func wantError(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func TestMissingExtension(t *testing.T) {
	t.Parallel()
	dsn := freshDatabase(t)
	s := openStore(t, Options{DSN: dsn, MaxConns: 3})
	_, err := s.Create(t.Context(), stampOf(8))
	wantError(t, "create", err, ErrExtension)
	if err == nil || !strings.Contains(err.Error(), "CREATE EXTENSION") {
		t.Errorf("%v does not say what to do", err)
	}
	words := create(t, s, 0) // needs none
	if err := words.Put(t.Context(), []retrieval.Entry{public("a", "居住证", "办理居住证")}); err != nil {
		t.Fatal(err)
	}
	found, err := words.Search(t.Context(), retrieval.Request{Text: "居住证", Scope: everyone(), Limit: 3})
	if err != nil || len(found.Lexical) != 1 {
		t.Errorf("%d found by words, %v", len(found.Lexical), err)
	}
	wantError(t, "put a vector", words.Put(t.Context(), []retrieval.Entry{{ID: "b", Vector: []float32{1}}}), retrieval.ErrDimension)
	execute(t, dsn, "create extension vector")
	v := create(t, s, 8) // connections made before know of it now
	e := public("a", "", "居住证")
	e.Vector = []float32{1, 0, 0, 0, 0, 0, 0, 0}
	if err := v.Put(t.Context(), []retrieval.Entry{e}); err != nil {
		t.Error(err)
	}
}

func TestExtensionElsewhere(t *testing.T) {
	t.Parallel()
	dsn := freshDatabase(t)
	execute(t, dsn, "create schema extensions", "create extension vector schema extensions")
	v := create(t, openStore(t, Options{DSN: dsn}), 2)
	e := public("a", "", "居住证")
	e.Vector = []float32{1, 0}
	if err := v.Put(t.Context(), []retrieval.Entry{e}); err != nil {
		t.Error(err)
	}
}

func TestOldExtension(t *testing.T) {
	t.Parallel()
	dsn := freshDatabase(t)
	execute(t, dsn, "create extension vector", "update pg_extension set extversion = '0.7.4' where extname = 'vector'")
	_, err := openStore(t, Options{DSN: dsn}).Create(t.Context(), stampOf(8))
	wantError(t, "create", err, ErrExtension)
}

func TestForeignTables(t *testing.T) {
	t.Parallel()
	dsn := server(t)
	for _, table := range []string{"versions", "in_use", "passages_0123456789"} {
		schema := freshSchema(t, dsn)
		execute(t, dsn, "create schema "+schema, "create table "+schema+"."+table+" (key int)")
		_, err := Open(t.Context(), Options{DSN: dsn, Schema: schema})
		wantError(t, table, err, retrieval.ErrForeign)
		execute(t, dsn, "insert into "+schema+"."+table+" values (1)") // it is still there
	}
	s := freshStore(t)
	execute(t, dsn, "create table "+s.schema+".terms_"+stampOf(8).Key()+" (word text)")
	_, err := s.Create(t.Context(), stampOf(8))
	wantError(t, "create", err, retrieval.ErrForeign)
}

func TestDamagedVersion(t *testing.T) {
	t.Parallel()
	s := freshStore(t)
	create(t, s, 8)
	execute(t, server(t), "drop table "+s.schema+".forward_"+stampOf(8).Key())
	_, err := s.Open(t.Context(), stampOf(8))
	wantError(t, "open", err, retrieval.ErrCorrupt)
	_, err = s.Create(t.Context(), stampOf(8))
	wantError(t, "create", err, retrieval.ErrCorrupt)
	if err := s.Drop(t.Context(), stampOf(8)); err != nil {
		t.Fatal(err)
	}
	create(t, s, 8)
}

func TestNewerSchema(t *testing.T) {
	t.Parallel()
	s := freshStore(t)
	execute(t, server(t), fmt.Sprintf("insert into %s.%s (version_id, is_applied) values (%d, true)", s.schema, marker, latest+1))
	_, err := Open(t.Context(), Options{DSN: server(t), Schema: s.schema})
	wantError(t, "open", err, kb.ErrSchema)
}

func TestBadOptions(t *testing.T) {
	dsn := server(t)
	for _, schema := range []string{"Public", "a b", `a"; drop schema public; --`, strings.Repeat("a", 50)} {
		_, err := Open(t.Context(), Options{DSN: dsn, Schema: schema})
		wantError(t, schema, err, kb.ErrInvalid)
	}
	_, err := Open(t.Context(), Options{DSN: "postgres://u:secret@host:notaport/"})
	wantError(t, "address", err, kb.ErrInvalid)
	if strings.Contains(fmt.Sprint(err), "secret") {
		t.Errorf("the error shows the password: %v", err)
	}
	_, err = freshStore(t).Create(t.Context(), stampOf(maxDimension+1))
	wantError(t, "dimension", err, kb.ErrInvalid)
}

func TestNoServer(t *testing.T) {
	dsn := fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", freePort(t))
	_, err := Open(t.Context(), Options{DSN: dsn})
	wantError(t, "open", err, retrieval.ErrDown)
}

// TestTooManyConnections takes all connections that a role may have.
func TestTooManyConnections(t *testing.T) {
	t.Parallel()
	dsn := freshDatabase(t)
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	role := "r" + strings.TrimPrefix(u.Path, "/")
	execute(t, dsn, "create role "+role+" login connection limit 1", "grant create on database "+u.Path[1:]+" to "+role)
	t.Cleanup(func() { execute(t, dsn, "drop owned by "+role, "drop role "+role) })
	u.User = url.User(role)
	s := openStore(t, Options{DSN: u.String(), MaxConns: 1})
	defer s.Close()
	_, err = Open(t.Context(), Options{DSN: u.String(), MaxConns: 1})
	wantError(t, "open", err, retrieval.ErrDown)
}

// TestDroppedVersion uses a version that another store drops and makes again: statements prepared for the
// old tables must not linger.
func TestDroppedVersion(t *testing.T) {
	t.Parallel()
	s := freshStore(t)
	other := openStore(t, Options{DSN: server(t), Schema: s.schema, MaxConns: 2})
	v := create(t, s, 2)
	e := public("a", "", "居住证")
	e.Vector = []float32{1, 0}
	req := retrieval.Request{Text: "居住证", Vector: e.Vector, Scope: everyone(), Limit: 3}
	for round := range 3 {
		if err := v.Put(t.Context(), []retrieval.Entry{e}); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		found, err := v.Search(t.Context(), req)
		if err != nil || len(found.Lexical) != 1 || len(found.Dense) != 1 {
			t.Fatalf("round %d: %+v, %v", round, found, err)
		}
		if err := other.Drop(t.Context(), stampOf(2)); err != nil {
			t.Fatal(err)
		}
		_, err = v.Search(t.Context(), req)
		wantError(t, "search", err, kb.ErrNotFound)
		wantError(t, "put", v.Put(t.Context(), []retrieval.Entry{e}), kb.ErrNotFound)
		wantError(t, "delete", v.Delete(t.Context(), []string{"a"}), kb.ErrNotFound)
		_, err = v.Stats(t.Context())
		wantError(t, "stats", err, kb.ErrNotFound)
		create(t, other, 2)
	}
}

// TestWritersAtOnce lets stores of several processes write the same passages and terms.
func TestWritersAtOnce(t *testing.T) {
	t.Parallel()
	s := freshStore(t)
	v := create(t, s, historyDimension)
	var wait sync.WaitGroup
	for worker := range 4 {
		x := create(t, openStore(t, Options{DSN: server(t), Schema: s.schema, MaxConns: 2}), historyDimension)
		wait.Go(func() {
			for n := range 30 {
				one := stepOf(12*n + worker)
				if err := one.do(t.Context(), nil, x); err != nil {
					t.Errorf("worker %d: %v", worker, err)
				}
			}
		})
	}
	wait.Wait()
	consistent(t, v.(*Version))
}

// TestPrecision hands vectors back and puts them again: they do not wear out.
func TestPrecision(t *testing.T) {
	t.Parallel()
	v := create(t, freshStore(t), historyDimension)
	var batch []retrieval.Entry
	var ids []string
	for n := range 200 {
		for _, e := range stepOf(12 * n).put {
			e.ID = fmt.Sprintf("%d-%s", n, e.ID)
			if e.Vector != nil {
				batch, ids = append(batch, e), append(ids, e.ID)
			}
		}
	}
	var before [][]float32
	for round := range 4 {
		if err := v.Put(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		got, err := v.Vectors(t.Context(), ids)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			if round > 1 && fmt.Sprint(got[i]) != fmt.Sprint(before[i]) {
				t.Fatalf("round %d: vector %d has changed", round, i)
			}
			batch[i].Vector, batch[i].Zone = got[i], fmt.Sprint(round)
		}
		before = got
	}
}
