// Package readertest helps the tests of readers: it shows what was read as lines that a test can
// spell out. No program imports it.
package readertest

import (
	"strings"

	"xiaoyue/ingest"
)

// Lines renders blocks as lines: # for headings, one more for each level, | for rows, > for the
// heads among them, c and r in front of what is centred or at the right. Pages are not shown.
func Lines(blocks []ingest.Block) []string {
	var out []string
	for _, b := range blocks {
		l := b.Text
		if b.Kind == ingest.BlockHeading {
			l = strings.Repeat("#", b.Level+1) + " " + l
		}
		if b.Centered {
			l = "c " + l
		}
		if b.Right {
			l = "r " + l
		}
		if b.Kind != ingest.BlockTable {
			out = append(out, l)
		}
		for i, r := range b.Rows {
			mark := "| "
			if i < b.Heads {
				mark = "> "
			}
			out = append(out, mark+strings.Join(r, " | "))
		}
	}
	return out
}
