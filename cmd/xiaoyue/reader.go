package main

import (
	"github.com/spf13/cobra"

	"xiaoyue/ingest"
	"xiaoyue/ingest/dispatch"
	"xiaoyue/ingest/docx"
	"xiaoyue/ingest/format"
	"xiaoyue/ingest/html"
	"xiaoyue/ingest/markdown"
	"xiaoyue/ingest/ofd"
	"xiaoyue/ingest/pdf"
	"xiaoyue/ingest/sandbox"
	"xiaoyue/ingest/sheet"
	"xiaoyue/ingest/text"
)

// readerCommand is the child side of the sandbox: it reads files for its parent until that closes
// its input. Nobody types it.
func readerCommand(_ *source, tty terminal) *cobra.Command {
	return &cobra.Command{
		Use:    "read-worker",
		Short:  "（内部）在受限的子进程里读文件",
		Hidden: true,
		Args:   noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			pages, err := pdf.New(c.Context(), nil)
			if err != nil {
				return err
			}
			defer pages.Close()
			return sandbox.Serve(c.Context(), tty.in, tty.out, dispatch.New(readers(pages)).File)
		},
	}
}

// readers are the formats that are read, besides archives.
func readers(pages *pdf.Reader) map[format.Format]ingest.Reader {
	return map[format.Format]ingest.Reader{
		format.DOCX:     docx.Reader{},
		format.PDF:      pages,
		format.XLSX:     sheet.XLSX{},
		format.CSV:      sheet.CSV{},
		format.HTML:     html.Reader{},
		format.Markdown: markdown.Reader{},
		format.OFD:      ofd.Reader{},
		format.Text:     text.Reader{},
	}
}
