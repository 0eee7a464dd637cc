// Package sheet reads Excel workbooks and CSV files as ingest.Readers: each sheet a heading and its
// tables, merged cells repeated, numbers and dates as the file shows them.
//
// Formulas are not calculated: a cell shows the value that was saved with it. Hidden sheets, which
// hold the lists behind drop-down menus, stay out; older .xls files are none of its business.
package sheet

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/xuri/excelize/v2"

	"xiaoyue/ingest"
	"xiaoyue/ingest/container"
	"xiaoyue/ingest/text"
)

// FormatXLSX is the name that readings of workbooks carry.
const FormatXLSX = "xlsx"

// maxColumns is what rows are cut off at; what lies beyond lowers the coverage.
const maxColumns = 256

// XLSX implements ingest.Reader. The zero value is ready and safe for concurrent use.
type XLSX struct{}

// Read implements ingest.Reader.
func (XLSX) Read(ctx context.Context, r io.ReaderAt, size int64, limits ingest.Limits) (ingest.Reading, error) {
	limits = limits.Filled()
	reading := ingest.Reading{Format: FormatXLSX}
	if err := check(ctx, r, size, limits); err != nil {
		return reading, err
	}
	f, err := excelize.OpenReader(io.NewSectionReader(r, 0, size), excelize.Options{
		UnzipSizeLimit:    unpacked(size, limits),
		UnzipXMLSizeLimit: min(limits.PartBytes, unpacked(size, limits)),
		CultureInfo:       excelize.CultureNameZhCN,
	})
	if err != nil {
		return reading, damaged(err)
	}
	b := &book{ctx: ctx, file: f, limits: limits, out: ingest.NewCollector(limits)}
	err = errors.Join(b.sheets(), f.Close())
	if fault := new(ingest.ReadError); errors.As(err, &fault) {
		return reading, fault
	}
	if err != nil {
		return reading, err
	}
	reading.Blocks, reading.Properties, reading.Coverage = b.out.Blocks, b.properties(), b.coverage()
	if b.placed == 0 {
		return reading, text.Empty()
	}
	return reading, nil
}

// unpacked is how many bytes a workbook may unpack to.
func unpacked(size int64, limits ingest.Limits) int64 {
	return max(2*limits.PartBytes, min(size*int64(limits.Ratio), 4*limits.PartBytes))
}

// check unpacks every part once within limits and refuses declarations before the library sees
// anything.
func check(ctx context.Context, r io.ReaderAt, size int64, limits ingest.Limits) error {
	z, err := container.OpenZip(r, size, limits)
	if err != nil {
		return err
	}
	for _, f := range z.Files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if ext := strings.ToLower(path.Ext(f.Name)); ext != ".xml" && ext != ".rels" {
			continue
		}
		rc, err := z.OpenFile(f)
		if err != nil {
			return err
		}
		err = checkPart(rc)
		rc.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// checkPart looks for a document type declaration, which may only stand before the first element.
func checkPart(r io.Reader) error {
	br := bufio.NewReaderSize(r, 64<<10)
	for {
		chunk, err := br.ReadSlice('>')
		if bytes.Contains(chunk, []byte("<!DOCTYPE")) || bytes.Contains(chunk, []byte("<!ENTITY")) {
			return &ingest.ReadError{
				Status: ingest.StatusHostile,
				Reason: "文件内部带有实体声明（DOCTYPE），正常办公软件不会生成这样的文件，已拒绝读取，请核实来源后重新导出",
			}
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
	}
}

func damaged(err error) *ingest.ReadError {
	return &ingest.ReadError{
		Status: ingest.StatusDamaged,
		Reason: "工作簿读不出来，文件可能已损坏，请用 Excel 或 WPS 打开后另存为 xlsx 再上传",
		Err:    fmt.Errorf("xlsx: %w", err),
	}
}

// book is the state of one reading.
type book struct {
	ctx    context.Context // of the one Read call it lives for
	file   *excelize.File
	limits ingest.Limits
	out    *ingest.Collector
	cells  int

	seen, placed int // bytes of cell text met and of cell text that reached a block
}

func (b *book) properties() map[string]string {
	props := make(map[string]string)
	if p, err := b.file.GetDocProps(); err == nil && strings.TrimSpace(p.Title) != "" {
		props["title"] = strings.TrimSpace(p.Title)
	}
	return props
}

func (b *book) coverage() float64 {
	if b.seen == 0 {
		return 1
	}
	return float64(b.placed) / float64(b.seen)
}

// sheets reads the visible sheets in order.
func (b *book) sheets() error {
	names := b.file.GetSheetList()
	for _, name := range names {
		if visible, err := b.file.GetSheetVisible(name); err == nil && !visible {
			continue
		}
		rows, err := b.rows(name)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			continue
		}
		if len(names) > 1 || !strings.HasPrefix(name, "Sheet") {
			if err := b.out.Add(ingest.Block{Kind: ingest.BlockHeading, Level: 1, Text: name}); err != nil {
				return err
			}
		}
		if err := addTables(b.out, rows); err != nil {
			return err
		}
	}
	return nil
}

// rows reads a sheet and repeats its merged cells.
func (b *book) rows(sheet string) ([]row, error) {
	it, err := b.file.Rows(sheet)
	if err != nil {
		return nil, damaged(err)
	}
	defer it.Close()
	var rows []row
	for n := 1; it.Next(); n++ {
		if err := b.ctx.Err(); err != nil {
			return nil, err
		}
		cells, err := it.Columns()
		if err != nil {
			return nil, damaged(err)
		}
		if cells = b.trim(cells); len(cells) > 0 {
			rows = append(rows, row{number: n, cells: cells})
		}
		if b.cells += len(cells); b.cells > b.limits.Cells {
			return nil, &ingest.ReadError{
				Status: ingest.StatusTooLarge,
				Reason: fmt.Sprintf("表格超过 %d 格，请拆分成几个文件后再上传", b.limits.Cells),
			}
		}
	}
	if err := it.Error(); err != nil {
		return nil, damaged(err)
	}
	merged, err := b.file.GetMergeCells(sheet, true)
	if err != nil {
		return nil, damaged(err)
	}
	return rows, b.merge(rows, merged)
}

// trim cleans the cells of a row, and drops empty ones at its end and those past the last column.
func (b *book) trim(cells []string) []string {
	for i, c := range cells {
		cells[i] = text.Clean(c)
		b.seen += len(cells[i])
		if i < maxColumns {
			b.placed += len(cells[i])
		}
	}
	cells = cells[:min(len(cells), maxColumns)]
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	return cells
}
