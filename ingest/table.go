package ingest

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxHeadRunes is how long a cell of a head may be: heads name columns, they do not tell stories.
const maxHeadRunes = 40

// GuessHeads returns how many leading rows of a table with merged cells repeated are heads, for
// formats and files that do not mark them: none, one, or more where cells of the first row are
// merged across and others reach down beside them. At least one row is left as body.
func GuessHeads(rows [][]string) int {
	if len(rows) < 2 || len(rows[0]) < 2 || !namesColumns(rows[0]) {
		return 0
	}
	heads := 1
	for heads < len(rows)-1 && mergedAcross(rows[heads-1]) && reachesDown(rows[heads-1], rows[heads]) && namesColumns(rows[heads]) {
		heads++
	}
	return heads
}

// namesColumns says whether every cell is a short text with a letter in it; the corner may be empty.
func namesColumns(row []string) bool {
	for i, cell := range row {
		cell = strings.TrimSpace(cell)
		if cell == "" && i == 0 {
			continue
		}
		if utf8.RuneCountInString(cell) > maxHeadRunes || !strings.ContainsFunc(cell, unicode.IsLetter) {
			return false
		}
	}
	return true
}

// mergedAcross says whether neighbours are equal, as repeated cells are.
func mergedAcross(row []string) bool {
	for i := 1; i < len(row); i++ {
		if row[i] == row[i-1] {
			return true
		}
	}
	return false
}

// reachesDown says whether a cell goes on in the next row.
func reachesDown(row, next []string) bool {
	for i := range min(len(row), len(next)) {
		if row[i] != "" && row[i] == next[i] {
			return true
		}
	}
	return false
}
