// Command xiaoyue (小越) is an assistant and retrieval engine for government services: one binary that
// ingests documents, searches them, answers questions on a command line or in a browser, and measures
// itself. This package reads files, flags and environment, wires the parts, and holds no logic of theirs.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes: 0 for any printed outcome, 1 for a failure, 2 for wrong usage.
const (
	exitFailure = 1
	exitUsage   = 2
)

func main() { os.Exit(program(os.Args[1:])) }

// program runs one command line in this process until it ends or is told to.
func program(args []string) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	told := make(chan os.Signal, 2)
	signal.Notify(told, os.Interrupt, syscall.SIGTERM)
	go obey(told, cancel) // as long as the process
	return run(ctx, args, terminal{os.Stdin, os.Stdout, os.Stderr})
}

// obey ends the command when the process is told to stop, and the process at once when it is told again.
func obey(told <-chan os.Signal, cancel context.CancelFunc) {
	<-told
	cancel()
	<-told
	os.Exit(exitFailure)
}

// terminal is where a command reads and writes.
type terminal struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// usageError is a mistake in the command line; its text is one helpful line.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// run executes one command line and returns its exit code.
func run(ctx context.Context, args []string, tty terminal) int {
	root := newRoot(tty)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintln(tty.err, "xiaoyue:", sentence(err))
	if _, ok := errors.AsType[usageError](err); ok {
		return exitUsage
	}
	return exitFailure
}

// newRoot builds the command tree. Every command gets the configuration through conf, which is read
// when the command runs.
func newRoot(tty terminal) *cobra.Command {
	root := &cobra.Command{
		Use:           "xiaoyue",
		Short:         "小越：政务服务问答与检索引擎",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetOut(tty.out)
	root.SetErr(tty.err)
	root.SetIn(tty.in)
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usagef("%v; see %s --help", err, c.CommandPath())
	})
	conf := &source{}
	conf.flags(root.PersistentFlags())
	for _, build := range []func(*source, terminal) *cobra.Command{
		demoCommand, serveCommand, ingestCommand, indexCommand, searchCommand, askCommand, replayCommand, evalCommand, doctorCommand, readerCommand,
		backupCommand, restoreCommand, readyCommand,
	} {
		root.AddCommand(build(conf, tty))
	}
	return root
}

// noArgs refuses words that are not a command, naming the ones there are.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("unknown command or argument %q; see %s --help", args[0], c.CommandPath())
	}
	return nil
}

// atLeastOne refuses a command line without its subject.
func atLeastOne(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usagef("%s is missing; usage: %s", what, c.UseLine())
		}
		return nil
	}
}

// exactlyOne wants one argument.
func exactlyOne(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usagef("want one %s; usage: %s", what, c.UseLine())
		}
		return nil
	}
}
