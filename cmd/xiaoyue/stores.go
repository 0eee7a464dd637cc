package main

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// catalogConfig says where the catalog is: by default a file in the data folder.
type catalogConfig struct {
	Postgres     string `yaml:"postgres"`      // postgres://USER@HOST:PORT/DATABASE?…, without a password
	PasswordFile string `yaml:"password_file"` // file with the password
}

// indexConfig says where the index is. The stores that are not chosen may be described too: an index is
// copied between them.
type indexConfig struct {
	Store    string         `yaml:"store"` // embedded (the default), pgvector or milvus
	Pgvector pgvectorConfig `yaml:"pgvector"`
	Milvus   milvusConfig   `yaml:"milvus"`
}

type pgvectorConfig struct {
	Postgres     string `yaml:"postgres"`      // empty: the database of the catalog
	PasswordFile string `yaml:"password_file"` // file with the password
	Schema       string `yaml:"schema"`        // of the tables, xiaoyue_index
}

type milvusConfig struct {
	Address      string `yaml:"address"` // HOST:PORT
	User         string `yaml:"user"`
	PasswordFile string `yaml:"password_file"` // file with the user's password
	TLS          bool   `yaml:"tls"`
	Database     string `yaml:"database"` // empty: the default one
	Prefix       string `yaml:"prefix"`   // of the names of collections, xiaoyue
}

// The stores of an index.
const (
	storeEmbedded = "embedded"
	storePgvector = "pgvector"
	storeMilvus   = "milvus"
)

var stores = []string{storeEmbedded, storePgvector, storeMilvus}

// checkStores refuses what cannot be meant, without repeating an address that holds a password.
func (c *config) checkStores() error {
	for _, one := range []struct{ what, dsn string }{
		{"catalog.postgres", c.Catalog.Postgres}, {"index.pgvector.postgres", c.Index.Pgvector.Postgres},
	} {
		if err := checkDSN(one.dsn); err != nil {
			return usagef("configuration: %s: %v", one.what, err)
		}
	}
	if m := c.Index.Milvus; m.Address != "" {
		if _, _, err := net.SplitHostPort(m.Address); err != nil || strings.Contains(m.Address, "@") {
			return usagef("configuration: index.milvus.address: want HOST:PORT")
		}
	}
	for _, one := range []struct{ what, name string }{
		{"index.pgvector.schema", c.Index.Pgvector.Schema}, {"index.milvus.prefix", c.Index.Milvus.Prefix},
	} {
		if one.name != "" && !plainName.MatchString(one.name) {
			return usagef("configuration: %s: want small letters, digits and _, at most 30", one.what)
		}
	}
	return c.checkStore(c.Index.Store)
}

// plainName is what names on a server may be.
var plainName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,29}$`)

// checkStore refuses a store that is not known, or not described.
func (c *config) checkStore(store string) error {
	switch {
	case !slices.Contains(stores, store):
		return usagef("index store %q: want embedded, pgvector or milvus", store)
	case store == storePgvector && c.Index.Pgvector.Postgres == "" && c.Catalog.Postgres == "":
		return usagef("index store pgvector: give index.pgvector.postgres, or the catalog's own PostgreSQL")
	case store == storeMilvus && c.Index.Milvus.Address == "":
		return usagef("index store milvus: give index.milvus.address (or --milvus HOST:PORT)")
	}
	return nil
}

func checkDSN(dsn string) error {
	if dsn == "" {
		return nil
	}
	u, err := url.Parse(dsn)
	if err != nil || u.Host == "" || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return errors.New("the address is not of the form postgres://USER@HOST:PORT/DATABASE")
	}
	parameters, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return errors.New("the parameters of the address cannot be read; want postgres://USER@HOST:PORT/DATABASE?NAME=VALUE&…")
	}
	if _, has := u.User.Password(); has || parameters.Has("password") || parameters.Has("sslpassword") {
		return errors.New("the address holds a password; it belongs into a password_file")
	}
	return nil
}

// secret reads a file with a password; without a file there is none.
func secret(what, file string) (string, error) {
	if file == "" {
		return "", nil
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("password of %s: %w", what, err)
	}
	return strings.TrimSpace(string(raw)), nil
}

// dsn joins an address with the password of a file. It is not to be shown.
func dsn(what, address, file string) (string, error) {
	password, err := secret(what, file)
	if err != nil || password == "" || address == "" {
		return address, err
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("address of %s: not an address", what)
	}
	u.User = url.UserPassword(u.User.Username(), password)
	return u.String(), nil
}

// pgvectorDSN is where the tables of the index are.
func (c *config) pgvectorDSN() (string, error) {
	if c.Index.Pgvector.Postgres != "" {
		return dsn("pgvector", c.Index.Pgvector.Postgres, c.Index.Pgvector.PasswordFile)
	}
	return c.catalogDSN()
}

func (c *config) catalogDSN() (string, error) {
	return dsn("catalog", c.Catalog.Postgres, c.Catalog.PasswordFile)
}

// queue names the jobs of a place: an index that is somewhere else has missed changes, and has a queue
// of its own. A folder beside the catalog has the queue that there has always been.
func (c *config) queue(store string) (string, error) {
	switch store {
	case storePgvector:
		address := c.Index.Pgvector.Postgres
		if address == "" {
			return queueName(store, c.Index.Pgvector.Schema, "catalog"), nil
		}
		u, err := url.Parse(address)
		if err != nil {
			return "", err
		}
		return queueName(store, c.Index.Pgvector.Schema, u.Host+u.Path), nil
	case storeMilvus:
		m := c.Index.Milvus
		return queueName(store, m.Prefix, m.Address+"/"+m.Database), nil
	}
	if c.Catalog.Postgres == "" {
		return "index", nil
	}
	folder, err := c.folderID()
	return queueName(storeEmbedded, "", folder), err
}

// queueName is short whatever the place is called, and says what it is.
func queueName(store, name, place string) string {
	sum := sha256.Sum256([]byte(name + "|" + place))
	return fmt.Sprintf("%s-%x", store, sum[:4])
}

// folderID tells folders of several machines apart that share a catalog.
func (c *config) folderID() (string, error) {
	path := filepath.Join(c.Data, "place")
	raw, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(raw)), nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("identity of the data folder: %w", err)
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return "", fmt.Errorf("identity of the data folder: %w", err)
	}
	return newFolderID(path)
}

// newFolderID makes the identity; of two processes that do so at once one wins.
func newFolderID(path string) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "place-")
	if err != nil {
		return "", fmt.Errorf("identity of the data folder: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(rand.Text())
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Link(f.Name(), path)
	}
	if err != nil && !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("identity of the data folder: %w", err)
	}
	raw, err := os.ReadFile(path)
	return strings.TrimSpace(string(raw)), err
}
