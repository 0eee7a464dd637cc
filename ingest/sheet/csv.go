package sheet

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"xiaoyue/ingest"
	"xiaoyue/ingest/text"
)

// FormatCSV is the name that readings of CSV files carry.
const FormatCSV = "csv"

// CSV implements ingest.Reader for values separated by commas, semicolons or tabs. The zero value is
// ready and safe for concurrent use.
type CSV struct{}

// Read implements ingest.Reader.
func (CSV) Read(ctx context.Context, r io.ReaderAt, size int64, limits ingest.Limits) (ingest.Reading, error) {
	limits = limits.Filled()
	reading := ingest.Reading{Format: FormatCSV}
	decoded, err := text.ReadAll(r, size, limits)
	if err != nil {
		return reading, err
	}
	rows, err := parseCSV(ctx, decoded.Text, limits)
	if err != nil {
		return reading, err
	}
	out := ingest.NewCollector(limits)
	if err := addTables(out, rows); err != nil {
		return reading, err
	}
	reading.Blocks, reading.Coverage = out.Blocks, decoded.Coverage()
	if len(out.Blocks) == 0 {
		return reading, text.Empty()
	}
	return reading, nil
}

func parseCSV(ctx context.Context, s string, limits ingest.Limits) ([]row, error) {
	cr := csv.NewReader(strings.NewReader(s))
	cr.Comma = comma(s)
	cr.FieldsPerRecord = -1
	cr.LazyQuotes = true
	var rows []row
	cells := 0
	for n := 1; ; n++ {
		record, err := cr.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		if len(record) > maxColumns {
			return nil, &ingest.ReadError{
				Status: ingest.StatusTooLarge,
				Reason: fmt.Sprintf("CSV 第 %d 行超过 %d 列，请核对分隔符或拆分后再上传", n, maxColumns),
			}
		}
		if cells += len(record); cells > limits.Cells {
			return nil, &ingest.ReadError{
				Status: ingest.StatusTooLarge,
				Reason: fmt.Sprintf("表格超过 %d 格，请拆分成几个文件后再上传", limits.Cells),
			}
		}
		filled := false
		for i := range record {
			record[i] = text.Clean(record[i])
			filled = filled || record[i] != ""
		}
		if filled {
			rows = append(rows, row{number: n, cells: record})
		}
	}
}

// comma returns the separator that the first line uses most.
func comma(s string) rune {
	line, _, _ := strings.Cut(s, "\n")
	best, most := ',', strings.Count(line, ",")
	for _, c := range []rune{'\t', ';', '，'} {
		if n := strings.Count(line, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}
