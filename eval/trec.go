package eval

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// WriteTREC writes rankings as trec_eval reads them: question, Q0, document, rank, score, tag.
func WriteTREC(w io.Writer, answers []Answered, tag string) error {
	b := bufio.NewWriter(w)
	for _, a := range answers {
		for i, d := range a.Documents {
			fmt.Fprintf(b, "%s Q0 %s %d %.6f %s\n", a.Question.ID, d.ID, i+1, d.Score, tag)
		}
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write run: %w", err)
	}
	return nil
}

// WriteRefused writes the IDs of the refused questions, one a line.
func WriteRefused(w io.Writer, answers ...[]Answered) error {
	b := bufio.NewWriter(w)
	for _, part := range answers {
		for _, a := range part {
			if a.Refused {
				fmt.Fprintln(b, a.Question.ID)
			}
		}
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write refused questions: %w", err)
	}
	return nil
}

// ReadTREC reads a run into rankings by question, ordered by rank.
func ReadTREC(r io.Reader) (map[string][]string, error) {
	type row struct {
		id   string
		rank int
	}
	rows := make(map[string][]row)
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		f := strings.Fields(lines.Text())
		if len(f) != 6 {
			return nil, fmt.Errorf("read run: line %d has %d columns, want 6", n, len(f))
		}
		rank, err := strconv.Atoi(f[3])
		if err != nil {
			return nil, fmt.Errorf("read run: line %d: %w", n, err)
		}
		rows[f[0]] = append(rows[f[0]], row{f[2], rank})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read run: %w", err)
	}
	out := make(map[string][]string, len(rows))
	for q, list := range rows {
		slices.SortStableFunc(list, func(a, b row) int { return cmp.Compare(a.rank, b.rank) })
		for _, r := range list {
			out[q] = append(out[q], r.id)
		}
	}
	return out, nil
}
