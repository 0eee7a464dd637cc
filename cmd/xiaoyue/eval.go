package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"xiaoyue/eval"
	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

func evalCommand(src *source, tty terminal) *cobra.Command {
	c := &cobra.Command{
		Use:   "eval",
		Short: "评测：检索（retrieval）与回答（answers）",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("say what to measure: %s retrieval or %s answers", c.CommandPath(), c.CommandPath())
			}
			return noArgs(c, args)
		},
		RunE: func(*cobra.Command, []string) error { return nil },
	}
	c.AddCommand(evalRetrievalCommand(src, tty), evalAnswersCommand(src, tty))
	return c
}

func evalRetrievalCommand(src *source, tty terminal) *cobra.Command {
	var run retrievalRun
	c := &cobra.Command{
		Use:   "retrieval --corpus DIR [--pipeline default|bm25|dense] [--store embedded|pgvector|milvus] [--limit N] [--run FILE] [--json]",
		Short: "在 BEIR 格式的语料上测量检索",
		Args:  noArgs,
	}
	f := c.Flags()
	f.StringVar(&run.corpus, "corpus", "", "folder in BEIR layout")
	f.StringVar(&run.method, "pipeline", string(retrieval.MethodFused), "default, bm25 or dense")
	f.StringVar(&run.store, "store", storeEmbedded, "where the index of the measurement is: embedded, pgvector or milvus")
	f.IntVar(&run.limit, "limit", 0, "only the first N questions; the corpus is always whole")
	f.StringVar(&run.trec, "run", "", "write the ranking as a TREC run, and the refused ids to FILE.refused")
	f.StringVar(&run.vectors, "vectors", "", "file that keeps vectors for the next run with the same model")
	f.BoolVar(&run.asJSON, "json", false, "print JSON")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := run.check(); err != nil {
			return err
		}
		conf, err := src.read()
		if err != nil {
			return err
		}
		return run.do(c.Context(), conf, tty)
	}
	return c
}

func evalAnswersCommand(src *source, tty terminal) *cobra.Command {
	var (
		scope  scopeFlags
		file   string
		asJSON bool
	)
	c := &cobra.Command{
		Use:   "answers --cases FILE.jsonl [--json]",
		Short: "逐例核对回答",
		Args:  noArgs,
	}
	c.Flags().StringVar(&file, "cases", "", "file of cases, one JSON object a line")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	scope.flags(c.Flags())
	c.RunE = func(c *cobra.Command, _ []string) error {
		conf, err := src.read()
		if err != nil {
			return err
		}
		cases, err := readCases(file, scope)
		if err != nil {
			return err
		}
		d, err := newDesk(c.Context(), conf, tty)
		if err != nil {
			return err
		}
		defer d.Close()
		bar := newProgress(tty.err, "提问")
		caller := kb.Caller{Tenant: kb.DefaultTenant, Channel: kb.ChannelCLI, Region: d.home()}
		report, err := eval.Answers(c.Context(), d, caller, cases, func(_ string, done, total int) { bar.at(done, total) })
		bar.end()
		if err != nil {
			return err
		}
		if asJSON {
			return printJSON(tty.out, report)
		}
		printAnswers(tty.out, report)
		return nil
	}
	return c
}

// readCases reads the file of cases; the flags say what a case leaves open.
func readCases(file string, scope scopeFlags) ([]eval.Case, error) {
	if file == "" {
		return nil, usagef("--cases is missing: name a file of cases, such as kb/sample/questions.jsonl")
	}
	day, err := kb.ParseDate(scope.asOf)
	if err != nil {
		return nil, usagef("--as-of: %v", err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, usagef("cases: %v", err)
	}
	cases, err := eval.ReadCases(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	for i := range cases {
		fallback(&cases[i].AsOf, day)
		fallback(&cases[i].Region, scope.region)
		fallback(&cases[i].Zone, scope.zone)
		fallback(&cases[i].Audience, scope.audience)
	}
	return cases, nil
}

func fallback[T comparable](field *T, otherwise T) {
	var nothing T
	if *field == nothing {
		*field = otherwise
	}
}

func printAnswers(w io.Writer, r eval.AnswersReport) {
	fmt.Fprintf(w, "共 %d 例，对 %d，错 %d（答错 %d，错误拒答 %d）\n", r.Cases, r.Right, r.Wrong, r.AnsweredWrong, r.RefusedWrong)
	fmt.Fprintf(w, "引用：精确率 %.3f，召回率 %.3f；用时 %.1f 秒\n", r.CitationPrecision, r.CitationRecall, r.Seconds)
	for _, f := range r.Failures {
		fmt.Fprintf(w, "✗ %s 应为 %s，得到 %s：%v\n  %s\n", f.ID, f.Expected, f.Outcome, f.Why, f.Text)
	}
}
