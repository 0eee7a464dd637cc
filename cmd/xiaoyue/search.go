package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"xiaoyue/retrieval"
)

func searchCommand(src *source, tty terminal) *cobra.Command {
	var (
		scope  scopeFlags
		limit  int
		asJSON bool
	)
	c := &cobra.Command{
		Use:   "search [--json] QUESTION",
		Short: "检索：列出与问题最相关的条款",
		Args:  atLeastOne("question"),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	c.Flags().IntVar(&limit, "limit", 10, "number of passages")
	scope.flags(c.Flags())
	c.RunE = func(c *cobra.Command, args []string) error {
		if limit < 1 || limit > 1000 {
			return usagef("--limit %d: want 1 to 1000", limit)
		}
		return withEngine(c.Context(), src, access{quiet: true}, tty, func(e *engine) error {
			rows, err := e.search(c.Context(), scope, strings.Join(args, " "), limit)
			if err != nil {
				return err
			}
			return printRows(tty, rows, asJSON)
		})
	}
	return c
}

func printRows(tty terminal, rows []retrieval.Row, asJSON bool) error {
	for _, r := range rows {
		if asJSON {
			if err := printJSON(tty.out, r); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(tty.out, "%2d  %.3f  %s %s\n    %s\n", r.Rank, r.Score, r.Title, r.Clause, strings.ReplaceAll(r.Text, "\n", " "))
	}
	return nil
}
