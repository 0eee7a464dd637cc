package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"xiaoyue/assistant/guide"
	"xiaoyue/inference"
	"xiaoyue/inference/limit"
	"xiaoyue/ingest"
	"xiaoyue/kb"
	"xiaoyue/kb/catalog"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded"
	"xiaoyue/retrieval/segment"
)

// engine is the opened data folder with everything that answers questions from it.
type engine struct {
	conf     config
	log      *slog.Logger
	catalog  *catalog.Catalog
	index    *embedded.Index // nil: it could not be opened, answers come from the catalog alone
	embedder inference.Embedder
	chat     *limit.Chat     // nil: none is configured
	reranker *limit.Reranker // nil: none is configured
	regions  *kb.Regions
	home     string // region of callers who name none
	searcher retrieval.Searcher
	guide    *guide.Guide
	// missing says why there is no embedder or index, for doctor and for the log.
	missing map[string]error
	closers []io.Closer // the models that this engine opened
}

// access is how a command opens the data folder.
type access struct {
	write bool // own the index: serve, demo and ingest
	// shared allows another process to own the index: ingest then leaves indexing to it.
	shared bool
	// record keeps an account of answers in the catalog, which several processes may write.
	record bool
	quiet  bool // no log below errors: commands that print one result
}

// open opens the data folder. A missing model or a broken index leaves a plainer engine and is
// noted; a missing or foreign catalog is an error.
func (c config) open(ctx context.Context, how access, tty terminal) (*engine, error) {
	e := &engine{conf: c, log: c.logger(tty.err, how.quiet), missing: map[string]error{}}
	var err error
	e.catalog, err = catalog.Open(ctx, catalog.Options{Dir: c.Data, ReadOnly: !how.write && !(how.record && c.hasCatalog())})
	if errors.Is(err, kb.ErrNotFound) {
		return nil, fmt.Errorf("data folder %s is empty: run xiaoyue ingest or xiaoyue demo first: %w", c.Data, err)
	}
	if err != nil {
		return nil, err
	}
	if err := e.assemble(ctx, how); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

func (e *engine) assemble(ctx context.Context, how access) error {
	if err := e.places(ctx); err != nil {
		return err
	}
	if err := e.openModels(ctx); err != nil {
		return err
	}
	if err := e.openIndex(ctx, how); err != nil {
		return err
	}
	return e.staff()
}

// staff puts the searcher and the guide over the opened parts.
func (e *engine) staff() error {
	var err error
	if e.searcher, err = e.newSearcher(); err != nil {
		return err
	}
	opts := &guide.Options{Home: e.home, Logger: e.log}
	if e.chat != nil {
		opts.Chat, opts.Inspect = e.chat, e.inspectChat
	}
	e.guide, err = guide.New(e.searcher, e.catalog, e.regions, opts)
	return err
}

// stamp is how the running configuration builds an index.
func (e *engine) stamp() retrieval.Stamp { return stampOf(e.embedder) }

// stampOf is how an index is built with an embedder; nil: without vectors.
func stampOf(embedder inference.Embedder) retrieval.Stamp {
	s := retrieval.Stamp{Segmenter: segment.Version, Splitter: ingest.SplitterVersion}
	if embedder != nil {
		info := embedder.Info()
		s.Embedder, s.Dimension = info.Name+"@"+info.Digest, info.Dimension
	}
	return s
}

// absent says why a part is missing now: an embedding server may have come back.
func (e *engine) absent(part string) error {
	if a, ok := e.embedder.(*awaited); ok && part == kb.PartEmbed {
		return a.absent()
	}
	return e.missing[part]
}

// Close releases the data folder.
func (e *engine) Close() error {
	var errs []error
	for _, c := range e.closers {
		errs = append(errs, c.Close())
	}
	if e.index != nil {
		errs = append(errs, e.index.Close())
	}
	return errors.Join(append(errs, e.catalog.Close())...)
}

func (e *engine) indexFolder() string { return filepath.Join(e.conf.Data, "index") }

// logger writes text lines; quiet commands log errors only, unless the level was asked for.
func (c config) logger(w io.Writer, quiet bool) *slog.Logger {
	level := slog.LevelInfo
	if err := level.UnmarshalText([]byte(cmp.Or(c.Log, "info"))); err != nil {
		level = slog.LevelInfo
	}
	if quiet && c.Log == "info" {
		level = slog.LevelError
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

// hasCatalog reports whether the data folder holds a catalog: a question must not make one.
func (c config) hasCatalog() bool { return exists(filepath.Join(c.Data, "catalog.db")) }

// today is the civil date on which a command runs.
func today() kb.Date { return kb.DateOf(time.Now()) }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
