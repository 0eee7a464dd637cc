package docx

import (
	"encoding/xml"
	"strings"

	"xiaoyue/ingest"
	"xiaoyue/ingest/container"
)

// paragraph is one w:p while it is read.
type paragraph struct {
	format
	style   string
	deleted bool // its mark is deleted: it runs on into the next paragraph
	text    strings.Builder
	run     int64 // bytes of run text in text
	after   []ingest.Block
}

// paragraph reads the w:p just started. before is what ran on from paragraphs with a deleted mark.
func (p *parser) paragraph(x *container.XML, before *paragraph) (*paragraph, error) {
	g := &paragraph{format: noFormat, style: p.styles.standard}
	if before != nil {
		g.text.WriteString(before.text.String())
		g.run, g.after = before.run, before.after
	}
	return g, x.Inside(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "pPr":
			return g.properties(x)
		case "r":
			return p.runs(x, g)
		}
		return p.inline(x, e, g)
	})
}

// properties reads w:pPr.
func (g *paragraph) properties(x *container.XML) error {
	return x.Inside(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "pStyle":
			g.style = container.Attr(e, "val")
		case "rPr":
			return x.Inside(func(e xml.StartElement) error {
				g.deleted = g.deleted || e.Name.Local == "del"
				return nil
			})
		case "pPrChange", "sectPr":
			return x.Skip()
		default:
			g.read(e)
		}
		return nil
	})
}

// inline handles what stands between runs, or passes into it.
func (p *parser) inline(x *container.XML, e xml.StartElement, g *paragraph) error {
	switch e.Name.Local {
	case "del", "moveFrom", "Fallback", "rt", "sdtPr", "delText", "instrText", "fldData":
		return x.Skip()
	case "t":
		return p.text(x, g)
	case "txbxContent":
		return p.blocks(x, func(b ingest.Block) error {
			g.after = append(g.after, b)
			return nil
		})
	case "footnoteReference":
		p.note(g, "footnote", container.Attr(e, "id"))
	case "endnoteReference":
		p.note(g, "endnote", container.Attr(e, "id"))
	case "blip", "imagedata":
		p.pictures++
	}
	return nil
}

// runs reads a w:r.
func (p *parser) runs(x *container.XML, g *paragraph) error {
	hidden := p.styles.resolve(g.style).hidden == "1"
	return x.Inside(func(e xml.StartElement) error {
		if e.Name.Local == "rPr" {
			f, err := p.runFormat(x)
			if f.hidden != "" {
				hidden = f.hidden == "1"
			}
			return err
		}
		if hidden {
			return x.Skip()
		}
		switch e.Name.Local {
		case "tab", "ptab":
			g.text.WriteByte('\t')
		case "br":
			if kind := container.Attr(e, "type"); kind == "" || kind == "textWrapping" {
				g.text.WriteByte('\n')
			}
		case "cr":
			g.text.WriteByte('\n')
		case "noBreakHyphen":
			g.text.WriteByte('-')
		case "sym":
			g.text.WriteString(symbol(container.Attr(e, "font"), container.Attr(e, "char")))
		}
		return p.inline(x, e, g)
	})
}

// runFormat reads w:rPr with the character style it names.
func (p *parser) runFormat(x *container.XML) (format, error) {
	f, base := noFormat, noFormat
	err := x.Inside(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "rStyle":
			base = p.styles.resolve(container.Attr(e, "val"))
		case "rPrChange":
			return x.Skip()
		default:
			f.read(e)
		}
		return nil
	})
	return f.over(base), err
}

// text appends the w:t just started.
func (p *parser) text(x *container.XML, g *paragraph) error {
	s, err := x.Text()
	p.seen += int64(len(s))
	g.run += int64(len(s))
	if int64(g.text.Len()+len(s)) > p.limits.TextBytes {
		return &ingest.ReadError{Status: ingest.StatusTooLarge, Reason: "文档里有一段文字过长，请拆分成几个文件后再上传"}
	}
	g.text.WriteString(s)
	return err
}

// symbol maps the check boxes that forms set in symbol fonts; other signs of such fonts mean
// nothing outside of them.
func symbol(font, char string) string {
	if !strings.HasPrefix(font, "Wingdings") {
		return ""
	}
	switch strings.TrimPrefix(strings.TrimPrefix(strings.ToUpper(char), "F0"), "00") {
	case "A3", "6F", "A8":
		return "□"
	case "52", "FE":
		return "☑"
	case "53", "FD":
		return "☒"
	case "D6", "FC":
		return "√"
	}
	return ""
}

// block turns a finished paragraph into a block, number in front.
func (p *parser) block(g *paragraph) ingest.Block {
	f := g.over(p.styles.resolve(g.style))
	text := clean(g.text.String())
	if f.numID != "" && f.numID != "0" {
		number := p.numbers.next(f.numID, f.level, g.style, p.styles) // counts empty paragraphs, as Word does
		if text != "" {
			text = number + text
		}
	}
	b := ingest.Block{Kind: ingest.BlockParagraph, Text: text}
	switch f.align {
	case "center":
		b.Centered = true
	case "right", "end":
		b.Right = true
	}
	switch {
	case p.styles.is(g.style, "title"):
		b.Kind = ingest.BlockHeading
	case f.outline >= 0 && f.outline < levels:
		b.Kind, b.Level = ingest.BlockHeading, f.outline+1
	}
	return b
}

// clean trims every line of a paragraph and drops what only moves the pen.
func clean(s string) string {
	lines := strings.Split(strings.NewReplacer("\t", " ", "\u00a0", " ", "\u00ad", "", "\u200b", "", "\r", "").Replace(s), "\n")
	kept := lines[:0]
	for _, l := range lines {
		if l = strings.TrimSpace(l); l != "" {
			kept = append(kept, l)
		}
	}
	return strings.Join(kept, "\n")
}
