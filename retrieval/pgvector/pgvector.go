// Package pgvector keeps indexes in PostgreSQL, for who runs one anyway: vectors in the half precision of
// the extension pgvector, searched through a graph (HNSW) or exactly, and our own terms ranked with the
// BM25 of package lexical, both in one statement with the scope inside.
//
// Everything lies in one schema. A table of versions (migrated by goose) says what is there; each version
// has tables of its own, named by its key:
//
//	passages  ID, attributes, length; a row per passage, numbered by a slot
//	vectors   unit vectors as halfvec, with the graph once there are enough
//	terms     hash of a term, its number, in how many passages it occurs
//	postings  for each term the slots that hold it, in blocks
//	forward   for each passage its terms, to score a candidate exactly
//
// Vectors lose precision once, when they are stored: a cosine is within 1e-3, typically 3e-5, of that of
// single precision, and vectors that are handed back and put again are stored as they were. The texts
// themselves are not kept. Writers of one version follow each other, readers never wait.
//
// The package is no catalog and needs none of its tables. A lexical version needs no extension.
package pgvector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"text/template"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	vectors "github.com/pgvector/pgvector-go/pgx"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/segment"
)

// ErrExtension reports that the database lacks the extension vector, or has one that is too old.
var ErrExtension = errors.New("the database needs the extension vector 0.8.0 or later: " +
	"install the package pgvector on the server and run CREATE EXTENSION vector as a superuser (ALTER EXTENSION vector UPDATE where it is older)")

// Options configure a Store; zero fields mean the defaults.
type Options struct {
	DSN       string             // postgres://…
	Schema    string             // xiaoyue_index
	Segmenter *segment.Segmenter // segment.New(nil)
	MaxConns  int                // 16
	// GraphFrom is the number of vectors from which Use builds a graph; fewer are searched exactly. 10,000.
	GraphFrom int
	Logger    *slog.Logger // silent
}

const (
	defaultSchema    = "xiaoyue_index"
	defaultMaxConns  = 16
	defaultGraphFrom = 10_000
)

// Store implements retrieval.Store. Several processes may have it open at once.
type Store struct {
	pool      *pgxpool.Pool
	schema    string
	segmenter *segment.Segmenter
	graphFrom int
	log       *slog.Logger
	words     *template.Template // of wordsSQL
}

var _ retrieval.Store = (*Store)(nil)

// Open connects to a database and makes the schema in it ready. Errors: retrieval.ErrDown where it does
// not answer, retrieval.ErrForeign where the schema holds another program's tables, kb.ErrSchema where a
// newer xiaoyue has written it, kb.ErrInvalid for options that cannot be meant.
func Open(ctx context.Context, o Options) (*Store, error) {
	s, err := open(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("pgvector: open schema %s: %w", cmp.Or(o.Schema, defaultSchema), fault(ctx, err))
	}
	return s, nil
}

func open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{schema: o.Schema, segmenter: o.Segmenter, graphFrom: o.GraphFrom, log: o.Logger}
	if s.schema == "" {
		s.schema = defaultSchema
	}
	if !regexp.MustCompile(`^[a-z_][a-z0-9_]{0,39}$`).MatchString(s.schema) {
		return nil, fmt.Errorf("schema %.50q: %w: want small letters, digits and _", s.schema, kb.ErrInvalid)
	}
	if s.graphFrom <= 0 {
		s.graphFrom = defaultGraphFrom
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if s.words, err = template.New("words").Parse(wordsSQL); err != nil {
		return nil, err
	}
	if s.segmenter == nil {
		if s.segmenter, err = segment.New(nil); err != nil {
			return nil, err
		}
	}
	if s.pool, err = s.connect(ctx, o); err != nil {
		return nil, err
	}
	if err := s.migrate(ctx); err != nil {
		s.pool.Close()
		return nil, err
	}
	return s, nil
}

// connect makes the pool. It reconnects by itself; what holds of a connection is set when it is made.
func (s *Store) connect(ctx context.Context, o Options) (*pgxpool.Pool, error) {
	c, err := pgxpool.ParseConfig(o.DSN)
	if err != nil {
		return nil, fmt.Errorf("%w: data source name cannot be read", kb.ErrInvalid) // without the password in it
	}
	c.MaxConns = defaultMaxConns
	if o.MaxConns > 0 {
		c.MaxConns = int32(o.MaxConns)
	}
	c.MaxConnIdleTime = 5 * time.Minute
	if c.ConnConfig.ConnectTimeout == 0 {
		c.ConnConfig.ConnectTimeout = 5 * time.Second
	}
	for name, value := range map[string]string{
		"application_name": "xiaoyue",
		"search_path":      s.schema + ", public",
		"jit":              "off", // compiling takes longer than any search
	} {
		c.ConnConfig.RuntimeParams[name] = value
	}
	c.AfterConnect = s.prepare
	return pgxpool.NewWithConfig(ctx, c)
}

// prepare tells a new connection where the extension lies and what its types are, if it is there.
func (s *Store) prepare(ctx context.Context, conn *pgx.Conn) error {
	var schema string
	err := conn.QueryRow(ctx, `select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace
		where e.extname = 'vector'`).Scan(&schema)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	path := s.schema + ", " + pgx.Identifier{schema}.Sanitize()
	if _, err := conn.Exec(ctx, "select set_config('search_path', $1, false)", path); err != nil {
		return err
	}
	return vectors.RegisterTypes(ctx, conn)
}

// Close closes all connections; it waits for calls that still use one.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}
