package docx

import (
	"encoding/xml"

	"xiaoyue/ingest"
	"xiaoyue/ingest/container"
)

// sink takes blocks in reading order.
type sink func(ingest.Block) error

// flow is a run of paragraphs and tables: a body, a text box, a note or a cell.
type flow struct {
	parser *parser
	emit   sink
	open   *paragraph // its mark is deleted: it runs on into the next paragraph
}

// blocks reads the flow inside the element just started.
func (p *parser) blocks(x *container.XML, emit sink) error {
	f := &flow{parser: p, emit: emit}
	if err := x.Inside(func(e xml.StartElement) error { return f.element(x, e) }); err != nil {
		return err
	}
	return f.close()
}

// element reads one element of the flow. Wrappers (content controls, insertions, alternate content)
// are passed into.
func (f *flow) element(x *container.XML, e xml.StartElement) error {
	p := f.parser
	if err := p.ctx.Err(); err != nil {
		return err
	}
	switch e.Name.Local {
	case "p":
		return f.paragraph(x)
	case "tbl":
		return p.tableBlocks(x, f.emit)
	case "del", "moveFrom", "Fallback", "sectPr", "sdtPr", "pPr":
		return x.Skip()
	case "altChunk":
		p.altChunks = append(p.altChunks, container.Attr(e, "id"))
	}
	return nil
}

func (f *flow) paragraph(x *container.XML) error {
	g, err := f.parser.paragraph(x, f.open)
	if f.open = nil; err != nil {
		return err
	}
	if g.deleted {
		f.open = g
		return nil
	}
	return f.parser.emit(g, f.emit)
}

// close emits a last paragraph that has nothing to run on into.
func (f *flow) close() error {
	if f.open == nil {
		return nil
	}
	return f.parser.emit(f.open, f.emit)
}

// emit hands on a finished paragraph and what hangs on it. A table of contents repeats the
// headings, so it is left out.
func (p *parser) emit(g *paragraph, emit sink) error {
	if p.styles.contents(g.style) {
		p.seen -= g.run
		return nil
	}
	if err := emit(p.block(g)); err != nil {
		return err
	}
	p.placed += g.run
	for _, b := range g.after {
		if err := emit(b); err != nil {
			return err
		}
	}
	return nil
}
