package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

// check looks at one part of an installation, or at several of a kind.
type check func(context.Context, config) []finding

// checks are what doctor looks at, in this order: what the rest stands on comes first.
var checks = []check{checkClock, checkDisk, checkCatalog, checkEmbedder, checkIndex, checkQueues, checkChat, checkReranker}

func doctorCommand(src *source, tty terminal) *cobra.Command {
	c := &cobra.Command{
		Use:   "doctor",
		Short: "体检：检查时钟、磁盘、数据目录、索引和模型服务器，并说明怎么处理",
		Args:  noArgs,
	}
	asJSON := c.Flags().Bool("json", false, "one JSON object a line")
	c.RunE = func(c *cobra.Command, _ []string) error {
		conf, err := src.read()
		if err != nil {
			return err
		}
		sick := 0
		for _, check := range checks {
			for _, f := range check(c.Context(), conf) {
				if !f.Good {
					sick++
				}
				if err := f.print(tty, *asJSON); err != nil {
					return err
				}
			}
		}
		if sick > 0 {
			return fmt.Errorf("%d 项需要处理，见上", sick)
		}
		return nil
	}
	return c
}

// finding is the result of one check. A missing optional part is good, with what it costs.
type finding struct {
	Part   string `json:"part"`
	Good   bool   `json:"good"`
	Detail string `json:"detail"`
	Remedy string `json:"remedy,omitempty"`
}

func (f finding) print(tty terminal, asJSON bool) error {
	if asJSON {
		return printJSON(tty.out, f)
	}
	mark := "✓"
	if !f.Good {
		mark = "✗"
	}
	line := fmt.Sprintf("%s %s：%s", mark, f.Part, f.Detail)
	if f.Remedy != "" {
		line += "。" + f.Remedy
	}
	_, err := fmt.Fprintln(tty.out, line)
	return err
}
