package docx

import (
	"encoding/xml"
	"path"
	"strings"

	"xiaoyue/ingest"
	"xiaoyue/ingest/container"
)

// readNotes reads footnotes and endnotes; separators are notes to Word and nothing to us.
func (p *parser) readNotes(dir string) (map[string]string, error) {
	notes := make(map[string]string)
	for _, kind := range []string{"footnote", "endnote"} {
		err := p.part(path.Join(dir, kind+"s.xml"), func(x *container.XML) error {
			return x.Inside(func(e xml.StartElement) error {
				if e.Name.Local != kind {
					return nil
				}
				if t := container.Attr(e, "type"); t != "" && t != "normal" {
					return x.Skip()
				}
				var lines []string
				err := p.blocks(x, func(b ingest.Block) error {
					lines = append(lines, b.Text)
					return nil
				})
				notes[kind+" "+container.Attr(e, "id")] = strings.Join(lines, "\n")
				return err
			})
		})
		if err != nil {
			return nil, err
		}
	}
	return notes, nil
}

// note marks the place of a note in the text and puts its words after the paragraph.
func (p *parser) note(g *paragraph, kind, id string) {
	text := p.notes[kind+" "+id]
	if text == "" {
		return
	}
	mark := "[^" + id + "]"
	g.text.WriteString(mark)
	g.after = append(g.after, ingest.Block{Kind: ingest.BlockParagraph, Text: mark + " " + text})
}
