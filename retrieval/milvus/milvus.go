// Package milvus keeps versions of an index in a Milvus server.
//
// One version is one collection, named PREFIX_KEY by its stamp, which also stands in the collection's
// description; the version in use is the alias PREFIX, so that a swap is one step for everybody. A row is a
// passage: its ID, its document, what a scope looks at, and its vector. The scope of a request is a filter
// inside the query. Text is not kept: the catalog has it.
//
// Words are ranked by our own terms and BM25 whatever the server can do. From Milvus 2.4 on they are sparse
// vectors beside the dense one; an older server has none, and the words go to a companion, a lexical-only
// version in another Store (a folder, PostgreSQL), written before the vectors and searched beside them. The
// server's declared version decides. Every write is idempotent, so that a job delivered again heals what a
// crash left between the two.
//
// What Put and Delete acknowledged is seen by every later search of this process: they wait until the server
// shows it, a time tick (200 ms where nobody changed it), so that searches need not. Another process may see
// it a tick later. A batch of one RPC (maxRows, maxBytes) is visible as a whole or not at all; a larger one
// becomes visible in parts.
package milvus

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/milvus-io/milvus-sdk-go/v2/client"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/segment"
)

// Options say where the server is and how it is used; zero fields mean the defaults.
type Options struct {
	Address            string // HOST:PORT, or a URL; https means TLS
	Username, Password string
	APIKey             string // instead of a user
	Database           string // empty: the server's default one
	TLS                bool
	Prefix             string          // of collection names and the name of the alias, "xiaoyue"
	Words              retrieval.Store // companion for a server before 2.4; the caller closes it
	Version            string          // of a server that does not tell its own, such as milvus-lite: "2.5.1"
	Partitions         int             // that tenants are spread over, on a server from 2.4 on, 16
	Timeout            time.Duration   // of one call that a question waits for, 3 s; others have patience
	MeanLength         float64         // terms of a passage (Segmenter.Passage), by which new versions weigh words; 400
	Segmenter          *segment.Segmenter
	Logger             *slog.Logger // nil: silent
}

const (
	defaultPrefix     = "xiaoyue"
	defaultPartitions = 16
	defaultTimeout    = 3 * time.Second
	patience          = 30 * time.Second // for one call that writes, loads or changes collections
)

var prefixes = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,99}$`)

// Store implements retrieval.Store.
type Store struct {
	opts   Options
	client client.Client
	log    *slog.Logger
	server server

	mu     sync.Mutex
	shared map[string]*shared // by collection; what all its Versions in this process have in common
	stop   context.CancelFunc
	life   context.Context
	wait   sync.WaitGroup // of loading behind
}

var _ retrieval.Store = (*Store)(nil)

// Open connects to a server. Errors: retrieval.ErrDown where it does not answer, kb.ErrInvalid for options
// that cannot be used with it.
func Open(ctx context.Context, opts Options) (*Store, error) {
	s, err := open(ctx, opts)
	if err != nil {
		return nil, fmt.Errorf("open Milvus at %s: %w", opts.Address, err)
	}
	return s, nil
}

func open(ctx context.Context, opts Options) (*Store, error) {
	if err := opts.settle(); err != nil {
		return nil, err
	}
	s := &Store{opts: opts, log: opts.Logger, shared: map[string]*shared{}}
	if err := s.connect(ctx); err != nil {
		return nil, err
	}
	if err := s.recognise(ctx); err != nil {
		s.client.Close()
		return nil, err
	}
	s.life, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	return s, nil
}

// settle fills the defaults in.
func (o *Options) settle() (err error) {
	if o.Prefix == "" {
		o.Prefix = defaultPrefix
	}
	if !prefixes.MatchString(o.Prefix) || o.Address == "" {
		return fmt.Errorf("address %q, prefix %q (letters, digits, _): %w", o.Address, o.Prefix, kb.ErrInvalid)
	}
	if o.Partitions <= 0 {
		o.Partitions = defaultPartitions
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.MeanLength <= 0 {
		o.MeanLength = meanLength
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Segmenter == nil {
		o.Segmenter, err = segment.New(nil)
	}
	return err
}

// Close ends the connection and what runs behind. Versions are closed before.
func (s *Store) Close() error {
	s.stop()
	s.wait.Wait()
	return s.client.Close()
}

// server is what the server declares.
type server struct {
	version string
	sparse  bool // has sparse vectors
	lite    bool // is milvus-lite: no aliases, no HNSW, no partition key
	keyed   bool // partitions by tenant; an upsert of 2.3 hashes the wrong field (milvus-io/milvus#30772)
}

// recognise asks for the version of the server, which decides where words go.
func (s *Store) recognise(ctx context.Context) error {
	version, err := s.version(ctx)
	if err != nil {
		return err
	}
	s.server = server{version: version, lite: s.opts.Version != ""}
	var major, minor int
	if _, err := fmt.Sscanf(strings.TrimPrefix(version, "v"), "%d.%d", &major, &minor); err != nil {
		return fmt.Errorf("the server's version is %q, which is no version: %w", version, kb.ErrInvalid)
	}
	s.server.sparse = major > 2 || major == 2 && minor >= 4
	s.server.keyed = s.server.sparse && !s.server.lite
	if !s.server.sparse && s.opts.Words == nil {
		return fmt.Errorf("server of version %s has no sparse vectors (2.4 and later have): configure where words are kept beside it, or upgrade: %w",
			version, kb.ErrInvalid)
	}
	return nil
}

func (s *Store) version(ctx context.Context) (version string, err error) {
	if s.opts.Version != "" {
		return s.opts.Version, nil
	}
	err = s.call(ctx, func(ctx context.Context) (err error) {
		version, err = s.client.GetVersion(ctx)
		return err
	})
	return version, err
}
