package main

import "fmt"

// cell is a cell of a table with its spans, in columns and rows.
type cell struct {
	text       string
	row, col   int
	wide, high int
}

// grid resolves the << and ^^ marks of a table: the cells in reading order, and for every place
// the index of the cell that covers it.
func grid(rows [][]string) (cells []cell, owner [][]int, err error) {
	owner = make([][]int, len(rows))
	for r, row := range rows {
		if len(row) != len(rows[0]) {
			return nil, nil, fmt.Errorf("table row %d has %d cells, the first row has %d", r+1, len(row), len(rows[0]))
		}
		owner[r] = make([]int, len(row))
		for c, text := range row {
			switch {
			case text == "<<" && c > 0:
				owner[r][c] = owner[r][c-1]
			case text == "^^" && r > 0:
				owner[r][c] = owner[r-1][c]
			default:
				owner[r][c] = len(cells)
				cells = append(cells, cell{text: text, row: r, col: c})
			}
			own := &cells[owner[r][c]]
			own.wide = max(own.wide, c-own.col+1)
			own.high = max(own.high, r-own.row+1)
		}
	}
	return cells, owner, nil
}
