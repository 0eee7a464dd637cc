package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"xiaoyue/kb"
)

// FromText makes a document of plain text that has no file: a case of an evaluation, a text that a
// person pastes. The title is not added to the text. The ID of the document is id, or a
// hash of title and text where id is empty.
func FromText(id, title, text string) (kb.Document, []kb.Passage) {
	p := layout(TextReading(text).Blocks, false)
	nodes := outlineOf(p)
	sum := sha256.Sum256([]byte(title + "\x00" + text))
	hash := hex.EncodeToString(sum[:])
	if id == "" {
		id = hash[:24]
	}
	doc := kb.Document{ID: id, Version: 1, Key: id, Hash: hash, Format: "text", Title: title,
		Text: p.text, Sections: sections(p, nodes), Coverage: 1}
	passages := split(p, nodes)
	identify(id, passages)
	for i := range passages {
		passages[i].Title, passages[i].Version = title, 1
	}
	return doc, passages
}

// TextReading is the reading of plain text that has no file. Given to Build it is described by rule,
// too, which FromText leaves out. Lines that begin with # are headings.
func TextReading(text string) Reading {
	var blocks []Block
	for line := range strings.FieldsFuncSeq(text, isLineEnd) {
		level := len(line) - len(strings.TrimLeft(line, "#"))
		if level > 0 && level <= 6 && strings.HasPrefix(line[level:], " ") {
			blocks = append(blocks, Block{Kind: BlockHeading, Level: level, Text: line[level:]})
			continue
		}
		blocks = append(blocks, Block{Kind: BlockParagraph, Text: line})
	}
	return Reading{Format: "text", Blocks: blocks, Coverage: 1}
}
