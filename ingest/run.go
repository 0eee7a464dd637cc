package ingest

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"xiaoyue/kb"
)

// run is the state of one Run. It is used by one goroutine; those that read files send results.
type run struct {
	*Pipeline
	regions *kb.Regions
	seen    map[string]bool // keys
	// described are the descriptions found among the files, by path.
	described map[string]Description
	failed    []string // keys of files that could not be read: their members may still be there
	summary   Summary
	done      int
	report    func(Progress)
}

// result is what reading one file gave.
type result struct {
	found
	hash      string
	unchanged bool
	readings  []FileReading
	err       error
}

// ingest reads up to Workers files ahead and stores them in order.
func (r *run) ingest(ctx context.Context, files []found) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	pending := make(chan chan result, r.opts.Workers-1)
	go func() {
		defer close(pending)
		for _, f := range files {
			one := make(chan result, 1)
			select {
			case pending <- one:
			case <-ctx.Done():
				return
			}
			go func() { one <- r.read(ctx, f) }()
		}
	}()
	for one := range pending {
		got := <-one
		if err := ctx.Err(); err != nil {
			break
		}
		r.done++
		if err := r.store(ctx, got); err != nil {
			cancel()
			drain(pending)
			return err
		}
	}
	drain(pending)
	return ctx.Err()
}

// drain waits for the readers that are still under way.
func drain(pending <-chan chan result) {
	for one := range pending {
		<-one
	}
}

// read hashes a file, and reads it unless it is known.
func (r *run) read(ctx context.Context, f found) result {
	got := result{found: f}
	if f.err != nil || isRecords(f.path) {
		return got
	}
	if got.hash, got.err = hashFile(f.path, r.opts.Limits.FileBytes); got.err != nil {
		got.found.err, got.err = got.err, nil
		return got
	}
	if d, ok := r.described[f.path]; ok {
		got.hash += d.digest()
	}
	if !r.opts.DryRun && got.hash != "" {
		if got.unchanged, got.err = r.catalog.Unchanged(ctx, r.opts.Tenant, r.source(), f.key, got.hash); got.err != nil || got.unchanged {
			return got
		}
	}
	got.readings, got.err = r.files.Read(ctx, f.path, r.opts.Limits)
	return got
}

// source is the name under which documents are kept.
func (r *run) source() string {
	if r.opts.Source == "" {
		return DefaultSource
	}
	return r.opts.Source
}

// store puts what was read of one file into the catalog.
func (r *run) store(ctx context.Context, got result) error {
	switch {
	case got.err != nil:
		return fmt.Errorf("ingest %s: %w", got.path, got.err)
	case got.found.err != nil:
		r.failed = append(r.failed, got.key)
		report := newReport(got.path, "")
		report.Status, report.Reason = StatusDamaged, "文件打不开："+cause(got.found.err)
		r.send(Refused, report)
	case isRecords(got.path):
		return r.storeRecords(ctx, got.found)
	case got.unchanged:
		r.seen[got.key] = true
		r.send(Unchanged, newReport(got.path, ""))
	default:
		for _, reading := range got.readings {
			if err := r.storeReading(ctx, got, reading); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) storeReading(ctx context.Context, got result, reading FileReading) error {
	key := got.key + strings.TrimPrefix(reading.Path, got.path)
	r.seen[key] = true
	doc, passages, report := r.build(reading, key)
	switch {
	case report.Status != StatusOK && report.Status != StatusThin:
		r.failed = append(r.failed, key)
		r.send(Refused, report)
		return nil
	case r.opts.DryRun:
		r.send(Added, report)
		return nil
	}
	_, changed, err := r.catalog.PutDocument(ctx, doc, passages)
	if err != nil {
		return fmt.Errorf("ingest %s: %w", reading.Path, err)
	}
	if changed {
		r.send(Added, report)
	} else {
		r.send(Unchanged, report)
	}
	return nil
}

// build makes the document of a reading, with what a description states about it.
func (r *run) build(reading FileReading, key string) (kb.Document, []kb.Passage, Report) {
	described, ok := r.described[filepath.FromSlash(reading.Path)]
	o := BuildOptions{Regions: r.regions, Tenant: r.opts.Tenant, Source: r.source(), ID: described.ID,
		Key: key, Region: r.opts.Region, Zone: r.opts.Zone, Access: r.opts.Access, Now: r.opts.Now()}
	if described.Secrecy != "" {
		return kb.Document{}, nil, classified(reading, described.Secrecy)
	}
	if ok && reading.Hash != "" {
		reading.Hash += described.digest()
	}
	doc, passages, report := Build(reading, o)
	if ok && doc.Text != "" {
		described.Apply(&doc, passages)
		report.Title, report.Metadata = doc.Title, metadata(doc, o.Now)
	}
	return doc, passages, report
}

func (r *run) send(c Change, report Report) {
	r.report(Progress{Done: r.done, Total: r.summary.Files, Change: c, Report: report})
}

// withdraw takes out of use what has vanished from a named source.
func (r *run) withdraw(ctx context.Context, t tree) error {
	if r.opts.Source == "" || r.opts.DryRun || !t.whole {
		return nil
	}
	known, err := r.catalog.Keys(ctx, r.opts.Tenant, r.opts.Source)
	if err != nil {
		return fmt.Errorf("ingest: withdraw vanished files: %w", err)
	}
	gone := slices.DeleteFunc(slices.Clone(known), func(key string) bool { return r.seen[key] || r.unread(key) })
	const most = 5 // a fifth
	if len(gone) == 0 {
		return nil
	}
	if len(gone)*most > len(known) && !r.opts.Withdraw {
		r.summary.Held = gone
		return nil
	}
	if err := r.catalog.Withdraw(ctx, r.opts.Tenant, r.opts.Source, gone); err != nil {
		return fmt.Errorf("ingest: withdraw vanished files: %w", err)
	}
	for _, key := range gone {
		r.send(Withdrawn, Report{Path: key})
	}
	return nil
}

// unread reports whether a key is that of a file, or of a member of a file, that is there and could
// not be read this time.
func (r *run) unread(key string) bool {
	return slices.ContainsFunc(r.failed, func(f string) bool {
		return key == f || strings.HasPrefix(key, f+"!/") || strings.HasPrefix(key, f+"/")
	})
}
