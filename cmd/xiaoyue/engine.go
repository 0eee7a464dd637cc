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
	"xiaoyue/retrieval/segment"
	"xiaoyue/retrieval/versions"
)

// engine is the opened data folder with everything that answers questions from it.
type engine struct {
	conf     config
	log      *slog.Logger
	catalog  *catalog.Catalog
	queue    string             // of the jobs of the place of the index
	place    *versions.Set      // of the index
	lead     *catalog.Lead      // nil: another process works off the jobs
	sole     *catalog.Lead      // nil: others may serve beside this process
	embedder inference.Embedder // of the configuration; nil: none, or servers that are away
	models   embedders
	chat     *limit.Chat     // nil: none is configured
	reranker *limit.Reranker // nil: none is configured
	regions  *kb.Regions
	home     string // region of callers who name none
	guide    *guide.Guide
	// missing says why there is no embedder, for doctor and for the log.
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
	if e.queue, err = c.queue(c.Index.Store); err != nil {
		return nil, err
	}
	e.catalog, err = c.openCatalog(ctx, e.queue, !how.write && !(how.record && c.hasCatalog()))
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

// staff puts the guide over the opened parts.
func (e *engine) staff() (err error) {
	opts := &guide.Options{Home: e.home, Logger: e.log}
	if e.chat != nil {
		opts.Chat, opts.Inspect = e.chat, e.inspectChat
	}
	e.guide, err = guide.New(e.place, e.catalog, e.regions, opts)
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
	if part == kb.PartIndex {
		_, err := e.place.Current()
		return err
	}
	e.models.mu.Lock()
	defer e.models.mu.Unlock()
	if w := e.models.waiting; w != nil && part == kb.PartEmbed {
		return w.absent()
	}
	return e.missing[part]
}

// Close releases the data folder.
func (e *engine) Close() error {
	var errs []error
	if e.place != nil {
		errs = append(errs, e.place.Close())
	}
	errs = append(errs, e.closeFormer()...)
	for _, c := range e.closers {
		errs = append(errs, c.Close())
	}
	if e.lead != nil {
		errs = append(errs, e.lead.Close())
	}
	if e.sole != nil {
		errs = append(errs, e.sole.Close())
	}
	return errors.Join(append(errs, e.catalog.Close())...)
}

// openCatalog opens the catalog, to work off a queue of index jobs.
func (c config) openCatalog(ctx context.Context, queue string, readOnly bool) (*catalog.Catalog, error) {
	opts, err := c.catalogPlace()
	if err != nil {
		return nil, err
	}
	opts.ReadOnly, opts.Queue = readOnly, queue
	return catalog.Open(ctx, opts)
}

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
func (c config) hasCatalog() bool {
	return c.Catalog.Postgres != "" || exists(filepath.Join(c.Data, "catalog.db"))
}

// today is the civil date on which a command runs.
func today() kb.Date { return kb.DateOf(time.Now()) }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
