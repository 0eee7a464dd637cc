package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"xiaoyue/eval"
	"xiaoyue/ingest"
	"xiaoyue/kb"
)

// desk hands out the assistants that eval answers asks: the one of the data folder, or one that
// knows nothing but a case's own documents.
type desk struct {
	own    *engine
	folder string // temporary; empty: none
	tty    terminal
}

// newDesk opens the data folder. Where there is none, the sample is loaded into a temporary one:
// its questions are the cases that everybody has.
func newDesk(ctx context.Context, conf config, tty terminal) (*desk, error) {
	own, err := conf.open(ctx, access{quiet: true}, tty)
	if err == nil {
		return &desk{own: own, tty: tty}, nil
	}
	if !errors.Is(err, kb.ErrNotFound) {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "xiaoyue-sample-")
	if err != nil {
		return nil, err
	}
	d := &desk{folder: folder, tty: tty}
	fmt.Fprintf(tty.err, "%s 里没有数据，改用样例知识\n", conf.Data)
	conf = conf.apart(folder)
	if d.own, err = conf.openSample(ctx, tty); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return d, nil
}

// apart is the configuration of a folder that stands on its own.
func (c config) apart(folder string) config {
	c.Data, c.Catalog, c.Index = folder, catalogConfig{}, indexConfig{Store: storeEmbedded}
	return c
}

// openSample makes a data folder of the sample, indexed and embedded.
func (c config) openSample(ctx context.Context, tty terminal) (*engine, error) {
	e, err := c.open(ctx, access{write: true, quiet: true}, tty)
	if err != nil {
		return nil, err
	}
	err = e.loadSample(ctx, terminal{tty.in, tty.err, tty.err})
	if err == nil {
		err = e.drain(ctx, tty)
	}
	if err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

func (d *desk) home() string { return d.own.home }

// Close releases the data folder and removes a temporary one.
func (d *desk) Close() error {
	err := d.own.Close()
	if d.folder != "" {
		err = errors.Join(err, os.RemoveAll(d.folder))
	}
	return err
}

// Asker implements eval.Desk.
func (d *desk) Asker(ctx context.Context, documents []eval.CaseDocument) (eval.Asker, func() error, error) {
	if len(documents) == 0 {
		return d.own.guide, func() error { return nil }, nil
	}
	folder, err := os.MkdirTemp("", "xiaoyue-case-")
	if err != nil {
		return nil, nil, err
	}
	e, err := d.caseEngine(ctx, folder, documents)
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(folder))
	}
	return e.guide, func() error { return errors.Join(e.Close(), os.RemoveAll(folder)) }, nil
}

// caseEngine is an engine over the documents of one case, with the models of the desk's own.
func (d *desk) caseEngine(ctx context.Context, folder string, documents []eval.CaseDocument) (e *engine, err error) {
	e = &engine{
		conf: d.own.conf, log: d.own.log, regions: d.own.regions, home: d.own.home,
		embedder: d.own.embedder, chat: d.own.chat, reranker: d.own.reranker, missing: map[string]error{},
	}
	e.conf = e.conf.apart(folder)
	if e.queue, err = e.conf.queue(storeEmbedded); err != nil {
		return nil, err
	}
	if e.catalog, err = e.conf.openCatalog(ctx, e.queue, false); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.Close())
		}
	}()
	for _, document := range documents {
		if err := e.putCase(ctx, document); err != nil {
			return e, err
		}
	}
	if err := e.openIndex(ctx, access{write: true}); err != nil {
		return e, err
	}
	if err := e.drain(ctx, terminal{nil, io.Discard, io.Discard}); err != nil {
		return e, err
	}
	return e, e.staff()
}

// putCase stores one document of a case, described by rule where the case states nothing.
func (e *engine) putCase(ctx context.Context, document eval.CaseDocument) error {
	stated := ingest.Description{}
	if len(document.Metadata) > 0 {
		if err := json.Unmarshal(document.Metadata, &stated); err != nil {
			return fmt.Errorf("document %s: metadata: %w", document.ID, err)
		}
	}
	file := ingest.FileReading{Path: document.ID, Hash: document.ID, Reading: ingest.TextReading(document.Text)}
	doc, passages, report := ingest.Build(file, ingest.BuildOptions{ID: document.ID, Title: document.Title, Regions: e.regions})
	if doc.Text == "" {
		return fmt.Errorf("document %s: %s: %s", document.ID, report.Status, report.Reason)
	}
	stated.Apply(&doc, passages)
	_, _, err := e.catalog.PutDocument(ctx, doc, passages)
	return err
}
