package main

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// workbook writes an xlsx: a sheet per "@ " block, its title over all columns, merged cells, numbers
// as numbers and "=2023-05-18" as a date shown the Chinese way.
func workbook(s source) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	name := ""
	for i, b := range s.blocks {
		var err error
		switch b.kind {
		case sheet:
			name = b.text
			err = addSheet(f, name)
		case title:
			err = sheetTitle(f, name, b.text, len(s.blocks[i+1].rows[0]))
		case table:
			err = sheetTable(f, name, b.rows)
		default:
			err = fmt.Errorf("%q does not belong in a workbook", b.text)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := f.SetDocProps(&excelize.DocProperties{Title: s.meta["title"], Creator: s.meta["issuer"], Created: s.meta["issued_on"] + "T01:00:00Z", Modified: s.meta["issued_on"] + "T01:00:00Z"}); err != nil {
		return nil, err
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return repack(b.Bytes())
}

// addSheet names the sheet that every new workbook has, or appends one.
func addSheet(f *excelize.File, name string) error {
	if first := f.GetSheetName(0); first == "Sheet1" {
		return f.SetSheetName(first, name)
	}
	_, err := f.NewSheet(name)
	return err
}

func sheetTitle(f *excelize.File, sheet, text string, columns int) error {
	end, err := excelize.CoordinatesToCellName(columns, 1)
	if err != nil {
		return err
	}
	if err := f.SetCellStr(sheet, "A1", text); err != nil {
		return err
	}
	return f.MergeCell(sheet, "A1", end)
}

// sheetTable writes the rows below the title.
func sheetTable(f *excelize.File, sheet string, rows [][]string) error {
	const below = 2 // the first row is 1, the title takes it
	cells, _, err := grid(rows)
	if err != nil {
		return err
	}
	for _, c := range cells {
		from, err := excelize.CoordinatesToCellName(c.col+1, c.row+below)
		if err != nil {
			return err
		}
		if err := setCell(f, sheet, from, c.text); err != nil {
			return err
		}
		if c.wide == 1 && c.high == 1 {
			continue
		}
		to, err := excelize.CoordinatesToCellName(c.col+c.wide, c.row+c.high-1+below)
		if err != nil {
			return err
		}
		if err := f.MergeCell(sheet, from, to); err != nil {
			return err
		}
	}
	last, err := excelize.ColumnNumberToName(len(rows[0]))
	if err != nil {
		return err
	}
	return f.SetColWidth(sheet, "A", last, 24)
}

func setCell(f *excelize.File, sheet, at, text string) error {
	if day, ok := strings.CutPrefix(text, "="); ok {
		return setDate(f, sheet, at, day)
	}
	if n, err := strconv.Atoi(text); err == nil {
		return f.SetCellInt(sheet, at, int64(n))
	}
	return f.SetCellStr(sheet, at, text)
}

func setDate(f *excelize.File, sheet, at, day string) error {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return err
	}
	format := `yyyy"年"m"月"d"日"`
	style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
	if err != nil {
		return err
	}
	if err := f.SetCellValue(sheet, at, t); err != nil {
		return err
	}
	return f.SetCellStyle(sheet, at, at, style)
}

// repack gives the package a fixed order, fixed times and no compression.
func repack(b []byte) ([]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	var parts []part
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part{f.Name, string(text)})
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.name, b.name) })
	return archive(parts)
}
