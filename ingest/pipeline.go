package ingest

import (
	"context"
	"slices"
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
