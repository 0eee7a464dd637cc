package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

func askCommand(src *source, tty terminal) *cobra.Command {
	var (
		scope  scopeFlags
		asJSON bool
	)
	c := &cobra.Command{
		Use:   "ask [--json] QUESTION",
		Short: "提问：给出有依据的回答",
		Args:  atLeastOne("question"),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the whole answer as JSON")
	scope.flags(c.Flags())
	c.RunE = func(c *cobra.Command, args []string) error {
		return withEngine(c.Context(), src, access{quiet: true, record: true}, tty, func(e *engine) error {
			turn, err := scope.turn(strings.Join(args, " "), e.regions, e.home)
			if err != nil {
				return err
			}
			answer, record, err := e.guide.Answer(c.Context(), turn, func(kb.Event) error { return nil })
			if err != nil {
				return err
			}
			if err := e.catalog.PutRecord(c.Context(), record); err != nil {
				e.log.Error("record of the answer is lost", "trace", record.TraceID, "err", err)
			}
			if asJSON {
				return printJSON(tty.out, answer)
			}
			printAnswer(tty, answer)
			return nil
		})
	}
	return c
}

// printAnswer writes an answer for a person at a terminal.
func printAnswer(tty terminal, a kb.Answer) {
	fmt.Fprintln(tty.out, a.Text)
	for _, n := range a.Notes {
		fmt.Fprintln(tty.out, "※", n)
	}
	for _, c := range a.Citations {
		fmt.Fprintf(tty.out, "[%d] 《%s》%s%s：%s\n", c.N, c.Title, c.Number, c.Clause, strings.ReplaceAll(c.Quote, "\n", " "))
	}
	for _, o := range a.Options {
		fmt.Fprintln(tty.out, "·", o.Label)
	}
}

// withEngine opens the data folder for one command.
func withEngine(ctx context.Context, src *source, how access, tty terminal, f func(*engine) error) (err error) {
	conf, err := src.read()
	if err != nil {
		return err
	}
	e, err := conf.open(ctx, how, tty)
	if err != nil {
		return err
	}
	defer func() {
		if closing := e.Close(); err == nil {
			err = closing
		}
	}()
	return f(e)
}

// search finds the rows for a question.
func (e *engine) search(ctx context.Context, flags scopeFlags, question string, limit int) ([]retrieval.Row, error) {
	turn, err := flags.turn(question, e.regions, e.home)
	if err != nil {
		return nil, err
	}
	scope, err := turn.Scope(e.regions, today())
	if err != nil {
		return nil, err
	}
	result, err := e.place.Search(ctx, retrieval.Query{Text: question, Scope: scope, Limit: limit})
	if err != nil {
		return nil, err
	}
	return retrieval.Rows(ctx, e.catalog, result.Hits)
}
