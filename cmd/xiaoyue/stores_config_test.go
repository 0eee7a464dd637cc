package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const describedStores = `
catalog: {postgres: "postgres://cat@file:5432/c", password_file: /file/catalog}
index:
  store: pgvector
  pgvector: {postgres: "postgres://vec@file:5432/v", password_file: /file/pgvector, schema: tables}
  milvus: {address: "file:19530", user: root, password_file: /file/milvus, tls: true, database: d, prefix: names}
`

// TestStoresAreDescribed gives file, environment and flags, the later one winning.
func TestStoresAreDescribed(t *testing.T) {
	file := func() config {
		var c config
		c.Catalog = catalogConfig{"postgres://cat@file:5432/c", "/file/catalog"}
		c.Index = indexConfig{
			Store:    storePgvector,
			Pgvector: pgvectorConfig{"postgres://vec@file:5432/v", "/file/pgvector", "tables"},
			Milvus:   milvusConfig{"file:19530", "root", "/file/milvus", true, "d", "names"},
		}
		return c
	}
	for _, tt := range []struct {
		name  string
		env   map[string]string
		flags []string
		want  func(*config)
	}{
		{"file alone", nil, nil, func(*config) {}},
		{"environment over the file", map[string]string{
			"XIAOYUE_CATALOG": "postgres://env/c", "XIAOYUE_CATALOG_PASSWORD_FILE": "/env/catalog",
			"XIAOYUE_PGVECTOR": "postgres://env/v", "XIAOYUE_PGVECTOR_PASSWORD_FILE": "/env/pgvector",
			"XIAOYUE_MILVUS": "env:1", "XIAOYUE_MILVUS_USER": "u", "XIAOYUE_MILVUS_PASSWORD_FILE": "/env/milvus",
			"XIAOYUE_INDEX": "milvus",
		}, nil, func(c *config) {
			c.Catalog = catalogConfig{"postgres://env/c", "/env/catalog"}
			c.Index.Pgvector = pgvectorConfig{"postgres://env/v", "/env/pgvector", "tables"}
			c.Index.Milvus = milvusConfig{"env:1", "u", "/env/milvus", true, "d", "names"}
			c.Index.Store = storeMilvus
		}},
		{"flags over the environment", map[string]string{
			"XIAOYUE_CATALOG": "postgres://env/c", "XIAOYUE_MILVUS": "env:1", "XIAOYUE_INDEX": "milvus",
		}, []string{"--catalog", "postgres://flag/c", "--milvus", "flag:1", "--index", "embedded"}, func(c *config) {
			c.Catalog.Postgres, c.Index.Milvus.Address, c.Index.Store = "postgres://flag/c", "flag:1", storeEmbedded
		}},
		{"an empty variable takes the file's place", map[string]string{"XIAOYUE_CATALOG": ""}, nil,
			func(c *config) { c.Catalog.Postgres = "" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for name, value := range tt.env {
				t.Setenv(name, value)
			}
			got, err := configOf(t, describedStores, tt.flags...)
			if err != nil {
				t.Fatal(err)
			}
			want := file()
			tt.want(&want)
			if diff := cmp.Diff(want.Catalog, got.Catalog); diff != "" {
				t.Errorf("catalog (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(want.Index, got.Index); diff != "" {
				t.Errorf("index (-want +got):\n%s", diff)
			}
		})
	}
	got, err := configOf(t, "")
	if want := (indexConfig{Store: storeEmbedded}); err != nil || got.Index != want || got.Catalog != (catalogConfig{}) {
		t.Errorf("nothing given: %+v, %+v, %v", got.Catalog, got.Index, err)
	}
}

// TestWrongStores refuses what cannot be meant in one line, and repeats no password.
func TestWrongStores(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		flags      []string
		says       string
	}{
		{"password in the catalog's address", "catalog: {postgres: 'postgres://u:hidden@h/d'}", nil, "catalog.postgres: the address holds a password; it belongs into a password_file"},
		{"password in a flag", "", []string{"--catalog", "postgres://u:hidden@h/d"}, "password_file"},
		{"password as a parameter", "index: {pgvector: {postgres: 'postgres://u@h/d?password=hidden'}}", nil, "index.pgvector.postgres: the address holds a password"},
		{"password of a key", "index: {pgvector: {postgres: 'postgres://u@h/d?sslpassword=hidden'}}", nil, "password_file"},
		{"parameters that cannot be read", "index: {pgvector: {postgres: 'postgres://u@h/d?a=b;password=hidden'}}", nil, "postgres://USER@HOST"},
		{"words instead of an address", "catalog: {postgres: 'host=h password=hidden'}", nil, "postgres://USER@HOST"},
		{"address that cannot be read", "catalog: {postgres: 'postgres://u:hidden%zz@h/d'}", nil, "postgres://USER@HOST"},
		{"address of something else", "catalog: {postgres: 'mysql://u:hidden@h/d'}", nil, "postgres://USER@HOST"},
		{"address in the wrong place", "catalog: 'postgres://u:hidden@h/d'", nil, "catalogConfig"},
		{"unknown store", "index: {store: qdrant}", nil, `index store "qdrant": want embedded, pgvector or milvus`},
		{"no store", "index: {store: ''}", nil, "want embedded, pgvector or milvus"},
		{"pgvector without PostgreSQL", "index: {store: pgvector}", nil, "index.pgvector.postgres, or the catalog's own"},
		{"milvus without address", "index: {store: milvus}", nil, "index.milvus.address"},
		{"milvus without port", "", []string{"--index", "milvus", "--milvus", "host"}, "index.milvus.address: want HOST:PORT"},
		{"milvus with a password", "", []string{"--milvus", "root:hidden@host:19530"}, "want HOST:PORT"},
		{"milvus with a token", "", []string{"--milvus", "hidden@host:19530"}, "want HOST:PORT"},
		{"schema that quotes", `index: {pgvector: {schema: 'a"; drop'}}`, nil, "index.pgvector.schema: want small letters"},
		{"schema in capitals", "index: {pgvector: {schema: Index}}", nil, "index.pgvector.schema"},
		{"prefix with a hyphen", "index: {milvus: {prefix: xiao-yue}}", nil, "index.milvus.prefix: want small letters"},
		{"prefix that is long", "index: {milvus: {prefix: " + strings.Repeat("a", 31) + "}}", nil, "at most 30"},
		{"misspelt key", "index: {milvus: {adress: 'h:1'}}", nil, "adress"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := configOf(t, tt.file, tt.flags...)
			if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "hidden") {
				t.Errorf("got %v; want an error that says %q", err, tt.says)
			}
			if _, ok := errors.AsType[usageError](err); !ok {
				t.Errorf("%v is no mistake of usage", err)
			}
		})
	}
}

// TestPgvectorBesideTheCatalog keeps the tables of the index in the database of the catalog.
func TestPgvectorBesideTheCatalog(t *testing.T) {
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("a/b@c d\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := fmt.Sprintf("index: {store: pgvector}\ncatalog: {postgres: 'postgres://u@h:5432/d?sslmode=require', password_file: %s}", password)
	conf, err := configOf(t, file)
	if err != nil {
		t.Fatal(err)
	}
	const want = "postgres://u:a%2Fb%40c%20d@h:5432/d?sslmode=require"
	if got, err := conf.pgvectorDSN(); got != want || err != nil {
		t.Errorf("address %q, %v; want %q", got, err, want)
	}
}

// notThere is an address at which nothing listens.
const notThere = "127.0.0.1:1"

// awayStores describes stores that are away, with a password that must not be seen.
func awayStores(t *testing.T, store, password string) config {
	t.Helper()
	conf, err := configOf(t, "", "--index", store, "--data", t.TempDir(), "--catalog", "postgres://u@"+notThere+"/d", "--milvus", notThere)
	if err != nil {
		t.Fatal(err)
	}
	conf.Index.Pgvector.Postgres = conf.Catalog.Postgres
	conf.Catalog.PasswordFile, conf.Index.Pgvector.PasswordFile, conf.Index.Milvus.PasswordFile = password, password, password
	if store == storeMilvus { // its words are in a folder
		conf.Catalog, conf.Index.Milvus.User = catalogConfig{}, "root"
	}
	return conf
}

// TestUnreadablePassword says whose password it is.
func TestUnreadablePassword(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	for store, says := range map[string]string{storePgvector: "password of pgvector", storeMilvus: "password of Milvus"} {
		conf := awayStores(t, store, missing)
		_, err := conf.connect(store, true, conf.logger(t.Output(), false))(t.Context())
		if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), missing) {
			t.Errorf("%s: %v; want %q and the file", store, err, says)
		}
	}
	conf := awayStores(t, storePgvector, missing)
	if _, err := conf.openCatalog(t.Context(), "index", true); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "password of catalog") {
		t.Errorf("catalog: %v; want its password file named", err)
	}
}

// TestPasswordsAreNotShown prints the configuration, and every error and line of the log of stores that are away.
func TestPasswordsAreNotShown(t *testing.T) {
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("hidden\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, store := range []string{storePgvector, storeMilvus} {
		conf := awayStores(t, store, password)
		conf.Log = "debug"
		var shown bytes.Buffer
		fmt.Fprintf(&shown, "%+v\n%#v\n", conf, conf)
		log := conf.logger(&shown, false)
		log.Info("configuration", "conf", conf)
		limit, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err := conf.connect(store, true, log)(limit)
		if err == nil {
			t.Fatalf("%s: a store that is not there is opened", store)
		}
		fmt.Fprintf(&shown, "%v\n%+v\n%#v\n%s\n%+v\n", err, err, err, sentence(err), indexFault(conf, err))
		if conf.Catalog.Postgres != "" {
			_, err := conf.openCatalog(limit, "index", true)
			if err == nil {
				t.Fatal("a catalog that is not there is opened")
			}
			fmt.Fprintf(&shown, "%v\n%+v\n%s\n", err, err, sentence(err))
		}
		if strings.Contains(shown.String(), "hidden") {
			t.Errorf("%s: the password is shown:\n%s", store, shown.String())
		}
	}
}
