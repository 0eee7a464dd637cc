package retrieval

import (
	"context"
	"fmt"
)

// Row is a hit with its words, as the command line and the API print it.
type Row struct {
	Rank      int     `json:"rank"` // from 1
	Score     float64 `json:"score"`
	DocID     string  `json:"doc_id"`
	PassageID string  `json:"passage_id"`
	Title     string  `json:"title"`
	Clause    string  `json:"clause,omitempty"`
	Page      int     `json:"page,omitempty"`
	Text      string  `json:"text"`
}

// Rows reads the words of hits. A hit whose passage is gone meanwhile is left out.
func Rows(ctx context.Context, passages Passages, hits []Hit) ([]Row, error) {
	ids := make([]string, len(hits))
	scores := make(map[string]float64, len(hits))
	for i, h := range hits {
		ids[i], scores[h.PassageID] = h.PassageID, h.Score
	}
	found, err := passages.Passages(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("words of %d hits: %w", len(hits), err)
	}
	rows := make([]Row, len(found))
	for i, p := range found {
		rows[i] = Row{
			Rank: i + 1, Score: scores[p.ID], DocID: p.DocID, PassageID: p.ID,
			Title: p.Title, Clause: p.Clause, Page: p.Page, Text: p.Text,
		}
	}
	return rows, nil
}
