package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
)

//go:embed page.html
var pageText string

// pageBlock is a heading of a level, a paragraph, or a table whose cells carry their spans.
type pageBlock struct {
	Level       int // 0: a paragraph
	Align, Text string
	Rows        [][]pageCell
}

type pageCell struct {
	Text       string
	Wide, High int
}

var statusWords = map[string]string{
	"in_force": "有效", "expired": "失效", "superseded": "废止", "repealed": "废止", "amended": "已修改",
}

// page writes a page as the site of a government shows it: the table of metadata and the text
// amid navigation, sharing and related reading.
func page(s source) ([]byte, error) {
	t, err := template.New("page").Parse(pageText)
	if err != nil {
		return nil, err
	}
	var blocks []pageBlock
	for i, b := range s.blocks {
		if i == 0 && b.kind == title && b.text == s.meta["title"] {
			continue // shown above the text
		}
		p, err := pageOf(b)
		if err != nil {
			return nil, err
		}
		blocks = append(blocks, p)
	}
	var out bytes.Buffer
	err = t.Execute(&out, map[string]any{
		"Title": s.meta["title"], "Issuer": s.meta["issuer"], "Number": s.meta["number"],
		"Index": s.meta["index"], "Issued": s.meta["issued_on"], "Published": s.meta["published_on"],
		"Status": statusWords[s.meta["status"]], "Blocks": blocks,
	})
	return out.Bytes(), err
}

func pageOf(b block) (pageBlock, error) {
	switch b.kind {
	case title:
		return pageBlock{Level: 2, Text: b.text}, nil
	case heading:
		return pageBlock{Level: 3, Text: b.text}, nil
	case centred:
		return pageBlock{Align: "center", Text: b.text}, nil
	case right:
		return pageBlock{Align: "right", Text: b.text}, nil
	case paragraph, addressee:
		return pageBlock{Text: b.text}, nil
	case table:
		rows, err := pageRows(b.rows)
		return pageBlock{Rows: rows}, err
	}
	return pageBlock{}, fmt.Errorf("a page cannot hold %q", b.text)
}

func pageRows(rows [][]string) ([][]pageCell, error) {
	cells, _, err := grid(rows)
	if err != nil {
		return nil, err
	}
	all := make([][]pageCell, len(rows))
	for _, c := range cells {
		all[c.row] = append(all[c.row], pageCell{c.text, c.wide, c.high})
	}
	return all, nil
}
