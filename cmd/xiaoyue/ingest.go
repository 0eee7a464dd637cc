package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"xiaoyue/ingest"
	"xiaoyue/ingest/sandbox"
	"xiaoyue/kb"
)

// ingestJob says what to ingest and how.
type ingestJob struct {
	paths    []string
	source   string
	region   string
	withdraw bool
	asJSON   bool
	quiet    bool // no line for a document that went well
}

func ingestCommand(src *source, tty terminal) *cobra.Command {
	var job ingestJob
	var dryRun bool
	c := &cobra.Command{
		Use:   "ingest [--dry-run] [--json] [--source NAME] PATH…",
		Short: "入库：读取文件和文件夹，建立目录与索引",
		Args:  atLeastOne("PATH"),
	}
	c.Flags().BoolVar(&dryRun, "dry-run", false, "read and report, store nothing")
	c.Flags().BoolVar(&job.asJSON, "json", false, "one JSON object a document")
	c.Flags().StringVar(&job.source, "source", "", "name of the feed; files that vanished from it are withdrawn")
	c.Flags().StringVar(&job.region, "region", "", "region code of texts that name no place")
	c.Flags().BoolVar(&job.withdraw, "withdraw", false, "withdraw vanished files even if they are more than a fifth")
	c.RunE = func(c *cobra.Command, args []string) error {
		job.paths = args
		conf, err := src.read()
		if err != nil {
			return err
		}
		if dryRun {
			return conf.dryRun(c.Context(), tty, job)
		}
		return conf.ingest(c.Context(), tty, job)
	}
	return c
}

// dryRun reads without a data folder.
func (c config) dryRun(ctx context.Context, tty terminal, job ingestJob) error {
	regions, err := mergedRegions(nil)
	if err != nil {
		return err
	}
	pool, err := sandbox.New(nil)
	if err != nil {
		return err
	}
	defer pool.Close()
	pipeline := ingest.New(nil, pool, &ingest.Options{Regions: regions, Source: job.source, Region: job.region, DryRun: true})
	_, err = pipeline.Run(ctx, job.paths, job.printer(tty))
	return missingPath(err)
}

// ingest stores documents and, unless a running server does it, brings the index up to date.
func (c config) ingest(ctx context.Context, tty terminal, job ingestJob) error {
	e, err := c.open(ctx, access{write: true, shared: true}, tty)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	summary, err := e.ingest(ctx, tty, job)
	if err != nil {
		return missingPath(err)
	}
	printSummary(tty.err, summary)
	if e.lead == nil {
		fmt.Fprintln(tty.err, "正在运行的小越会为新内容建立索引。")
		return nil
	}
	return e.drain(ctx, tty)
}

// ingest runs the pipeline over paths into the catalog.
func (e *engine) ingest(ctx context.Context, tty terminal, job ingestJob) (ingest.Summary, error) {
	pool, err := sandbox.New(nil)
	if err != nil {
		return ingest.Summary{}, err
	}
	defer pool.Close()
	pipeline := ingest.New(e.catalog, pool, &ingest.Options{
		Regions: e.regions, Source: job.source, Region: job.region, Withdraw: job.withdraw,
	})
	return pipeline.Run(ctx, job.paths, job.printer(tty))
}

// printer shows progress, and a line or an object for every document.
func (j ingestJob) printer(tty terminal) func(ingest.Progress) {
	bar := newProgress(tty.err, "读取文件")
	return func(p ingest.Progress) {
		bar.at(p.Done, p.Total)
		if p.Done == p.Total {
			bar.end()
		}
		switch bad := p.Report.Status != ingest.StatusOK; {
		case j.asJSON:
			_ = printJSON(tty.out, p.Report) // a closed pipe ends the process by its signal
		case bad && p.Change != ingest.Withdrawn:
			fmt.Fprintf(tty.out, "%s\t%s\t%s\n", p.Report.Status, p.Report.Path, p.Report.Reason)
		case !j.quiet:
			fmt.Fprintf(tty.out, "%s\t%s\t%s\n", p.Change, p.Report.Path, p.Report.Title)
		}
	}
}

func printSummary(w io.Writer, s ingest.Summary) {
	fmt.Fprintf(w, "共 %d 个文件：新增或更新 %d，未变 %d，未收 %d，撤下 %d；事项 %d 个\n", s.Files,
		s.Documents[ingest.Added], s.Documents[ingest.Unchanged], s.Documents[ingest.Refused], s.Documents[ingest.Withdrawn], s.Items)
	if len(s.Held) > 0 {
		fmt.Fprintf(w, "有 %d 个文件不见了，超过该来源的五分之一，没有撤下；确认无误请加 --withdraw 再运行一次\n", len(s.Held))
	}
}

// missingPath turns a path that is not there into a mistake of the command line.
func missingPath(err error) error {
	if errors.Is(err, kb.ErrNotFound) {
		return usageError{err}
	}
	return err
}
