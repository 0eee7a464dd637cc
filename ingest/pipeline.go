package ingest

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"xiaoyue/kb"
)

// Catalog is where documents go. Every call is one transaction; methods may be called concurrently
// with those of other processes.
type Catalog interface {
	// PutDocument stores a version. changed is false when the same hash is there already.
	PutDocument(ctx context.Context, d kb.Document, passages []kb.Passage) (stored kb.Document, changed bool, err error)
	// Unchanged reports whether the document at a place is there with this hash.
	Unchanged(ctx context.Context, tenant, source, key, hash string) (bool, error)
	// Keys returns the places of a source that are in use.
	Keys(ctx context.Context, tenant, source string) ([]string, error)
	// Withdraw takes documents out of use, all or none.
	Withdraw(ctx context.Context, tenant, source string, keys []string) error
}

// Records is where service items and regions go; a Catalog may be one too.
type Records interface {
	PutItems(ctx context.Context, items []kb.ServiceItem) error
	PutRegions(ctx context.Context, regions []kb.Region) error
}

// Files reads files, each under limits and apart from this process. Faults of a file are in the
// readings; an error is one of the machinery, or ctx's.
type Files interface {
	Read(ctx context.Context, path string, limits Limits) ([]FileReading, error)
}

// Options of a pipeline. The zero value is usable.
type Options struct {
	Regions  *kb.Regions // nil: no region is read from texts
	Tenant   string      // empty: kb.DefaultTenant
	Source   string      // named feed; empty: none, and nothing is ever withdrawn
	Region   string      // for texts that name none
	Zone     string      // 专区 of the feed
	Access   kb.Access   // of texts that mark nothing; empty: public
	Limits   Limits
	Workers  int  // files read at once [1]
	DryRun   bool // report only; the catalog is not touched and may be nil
	Withdraw bool // withdraw vanished files even where they are more than a fifth of the source
	Now      func() time.Time
}

// Change is what became of one file.
type Change string

// The changes.
const (
	Added     Change = "added" // new or a new version
	Unchanged Change = "unchanged"
	Refused   Change = "refused" // its status says why
	Withdrawn Change = "withdrawn"
)

// Progress is sent for every document, item file, withdrawn key and unreadable file, in the order of
// the files.
type Progress struct {
	Done, Total int // files; members of an archive share their file's number
	Change      Change
	Report      Report
}

// Summary counts what a run did.
type Summary struct {
	Files     int            `json:"files"`
	Documents map[Change]int `json:"documents"`
	Statuses  map[Status]int `json:"statuses"`
	Items     int            `json:"items"`
	Regions   int            `json:"regions"`
	// Held are vanished files that were not withdrawn, being more than a fifth of their source.
	Held []string `json:"held,omitempty"`
}

// Pipeline takes files into a catalog. It may be used again, one Run at a time.
type Pipeline struct {
	catalog Catalog
	files   Files
	opts    Options
}

// New returns a pipeline. nil options are the zero Options.
func New(catalog Catalog, files Files, o *Options) *Pipeline {
	p := &Pipeline{catalog: catalog, files: files}
	if o != nil {
		p.opts = *o
	}
	p.opts.Limits = p.opts.Limits.Filled()
	p.opts.Workers = max(p.opts.Workers, 1)
	if p.opts.Tenant == "" {
		p.opts.Tenant = kb.DefaultTenant
	}
	if p.opts.Now == nil {
		p.opts.Now = time.Now
	}
	return p
}

// Run ingests the files below paths in order. Files that are unchanged are skipped, changed ones
// become versions, each in a transaction of its own, so that an interrupted run is taken up by the
// next. A file that cannot be read is reported and the rest goes on; the error is one of the
// catalog, the reading machinery or ctx, after which the summary counts what was done.
//
// In a named source, files that were there before and have vanished are withdrawn, unless a path is
// no folder, is empty or could not be looked through, or they are more than a fifth of the source.
func (p *Pipeline) Run(ctx context.Context, paths []string, progress func(Progress)) (Summary, error) {
	r := &run{Pipeline: p, regions: p.opts.Regions, seen: map[string]bool{}, failed: []string{}, described: map[string]Description{},
		summary: Summary{Documents: map[Change]int{}, Statuses: map[Status]int{}}}
	r.report = func(s Progress) {
		r.summary.Documents[s.Change]++
		if s.Change != Withdrawn && s.Report.Status != "" {
			r.summary.Statuses[s.Report.Status]++
		}
		if progress != nil {
			progress(s)
		}
	}
	t, err := walk(paths, p.opts.Source)
	if err != nil {
		return r.summary, err
	}
	r.summary.Files = len(t.files)
	slices.SortStableFunc(t.files, func(a, b found) int { return recordRank(a.path) - recordRank(b.path) })
	r.describe(t.files)
	if err := r.ingest(ctx, t.files); err != nil {
		return r.summary, err
	}
	return r.summary, r.withdraw(ctx, t)
}

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
		r.send(Refused, Report{Path: got.path, Status: StatusDamaged, Reason: "文件打不开：" + cause(got.found.err)})
	case isRecords(got.path):
		return r.storeRecords(ctx, got.path)
	case got.unchanged:
		r.seen[got.key] = true
		r.send(Unchanged, Report{Path: got.path, Status: StatusOK})
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
		report.Title, report.Metadata = doc.Title, metadata(doc, shorts(doc.Relations), o.Now)
	}
	return doc, passages, report
}

// shorts names the text of each relation.
func shorts(relations []kb.Relation) []string {
	names := make([]string, len(relations))
	for i, r := range relations {
		names[i] = r.ToRef
	}
	return names
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
