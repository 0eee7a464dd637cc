package main

import (
	"fmt"
	"strings"
)

const (
	xmlHead      = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	wordSpace    = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	packageSpace = "http://schemas.openxmlformats.org/package/2006/"
	officeSpace  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	wordType     = "application/vnd.openxmlformats-officedocument.wordprocessingml."
)

// wordParts returns the parts of the package around the body.
func wordParts(s source, body string, notes []string) []part {
	parts := []part{
		{"[Content_Types].xml", contentTypes()},
		{"_rels/.rels", relationships(
			relationship{"rId1", officeSpace + "officeDocument", "word/document.xml"},
			relationship{"rId2", packageSpace + "relationships/metadata/core-properties", "docProps/core.xml"})},
		{"docProps/core.xml", coreProperties(s)},
		{"word/_rels/document.xml.rels", relationships(
			relationship{"rId1", officeSpace + "styles", "styles.xml"},
			relationship{"rId2", officeSpace + "numbering", "numbering.xml"},
			relationship{"rId3", officeSpace + "header", "header1.xml"},
			relationship{"rId4", officeSpace + "footer", "footer1.xml"},
			relationship{"rId5", officeSpace + "footnotes", "footnotes.xml"})},
		{"word/document.xml", xmlHead + `<w:document ` + wordSpace + `><w:body>` + "\n" + body + sectionProperties + `</w:body></w:document>`},
		{"word/footer1.xml", edge("ftr", s.meta["footer"])},
		{"word/footnotes.xml", footnotes(notes)},
		{"word/header1.xml", edge("hdr", s.meta["header"])},
		{"word/numbering.xml", numberingPart()},
		{"word/styles.xml", xmlHead + `<w:styles ` + wordSpace + `>` + styles + `</w:styles>`},
	}
	return parts
}

// sectionProperties set A4 with the margins of GB/T 9704: 37 mm above, 28 mm left, a text area of
// 156 × 225 mm.
const sectionProperties = `<w:sectPr><w:headerReference w:type="default" r:id="rId3"/><w:footerReference w:type="default" r:id="rId4"/>` +
	`<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1587" w:header="851" w:footer="1400" w:gutter="0"/></w:sectPr>`

const styles = `
<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="仿宋_GB2312"/><w:sz w:val="32"/><w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault>
<w:pPrDefault><w:pPr><w:spacing w:line="579" w:lineRule="exact"/></w:pPr></w:pPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="Body"><w:name w:val="Body Text"/><w:basedOn w:val="a"/><w:pPr><w:ind w:firstLineChars="200" w:firstLine="640"/><w:jc w:val="both"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:basedOn w:val="a"/><w:pPr><w:spacing w:before="289" w:after="289"/><w:jc w:val="center"/></w:pPr><w:rPr><w:rFonts w:eastAsia="方正小标宋简体"/><w:sz w:val="44"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/><w:basedOn w:val="a"/><w:pPr><w:jc w:val="center"/><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:rFonts w:eastAsia="黑体"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Centre"><w:name w:val="Centred"/><w:basedOn w:val="a"/><w:pPr><w:jc w:val="center"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Right"><w:name w:val="Signature"/><w:basedOn w:val="a"/><w:pPr><w:ind w:rightChars="200" w:right="640"/><w:jc w:val="right"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Cell"><w:name w:val="Cell"/><w:basedOn w:val="a"/><w:pPr><w:spacing w:line="400"/><w:jc w:val="center"/></w:pPr><w:rPr><w:sz w:val="24"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Note"><w:name w:val="footnote text"/><w:basedOn w:val="a"/><w:pPr><w:spacing w:line="300"/></w:pPr><w:rPr><w:sz w:val="18"/></w:rPr></w:style>
<w:style w:type="character" w:styleId="NoteMark"><w:name w:val="footnote reference"/><w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>
<w:style w:type="table" w:styleId="Grid"><w:name w:val="Table Grid"/><w:tblPr><w:tblBorders><w:top w:val="single" w:sz="4"/><w:left w:val="single" w:sz="4"/><w:bottom w:val="single" w:sz="4"/><w:right w:val="single" w:sz="4"/><w:insideH w:val="single" w:sz="4"/><w:insideV w:val="single" w:sz="4"/></w:tblBorders></w:tblPr></w:style>
`

func contentTypes() string {
	var b strings.Builder
	b.WriteString(xmlHead + `<Types xmlns="` + packageSpace + `content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>`)
	for _, o := range [][2]string{
		{"document", "document.main"}, {"styles", "styles"}, {"numbering", "numbering"},
		{"header1", "header"}, {"footer1", "footer"}, {"footnotes", "footnotes"},
	} {
		fmt.Fprintf(&b, `<Override PartName="/word/%s.xml" ContentType="%s%s+xml"/>`, o[0], wordType, o[1])
	}
	b.WriteString(`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`)
	return b.String()
}

type relationship struct{ id, kind, target string }

func relationships(all ...relationship) string {
	var b strings.Builder
	b.WriteString(xmlHead + `<Relationships xmlns="` + packageSpace + `relationships">`)
	for _, r := range all {
		fmt.Fprintf(&b, `<Relationship Id="%s" Type="%s" Target="%s"/>`, r.id, r.kind, r.target)
	}
	b.WriteString(`</Relationships>`)
	return b.String()
}

// coreProperties dates the file on the day the text was issued.
func coreProperties(s source) string {
	return xmlHead + `<cp:coreProperties xmlns:cp="` + packageSpace + `metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
		`<dc:title>` + escape(s.meta["title"]) + `</dc:title><dc:creator>` + escape(s.meta["issuer"]) + `</dc:creator>` +
		`<dcterms:created xsi:type="dcterms:W3CDTF">` + s.meta["issued_on"] + `T01:00:00Z</dcterms:created></cp:coreProperties>`
}

// edge is a header or footer; {page} becomes the page number field.
func edge(element, text string) string {
	before, after, found := strings.Cut(text, "{page}")
	run := func(t string) string { return `<w:r><w:t xml:space="preserve">` + escape(t) + `</w:t></w:r>` }
	body := run(before)
	if found {
		body += `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> PAGE </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>` +
			run("1") + `<w:r><w:fldChar w:fldCharType="end"/></w:r>` + run(after)
	}
	return xmlHead + `<w:` + element + ` ` + wordSpace + `><w:p><w:pPr><w:pStyle w:val="Cell"/></w:pPr>` + body + `</w:p></w:` + element + `>`
}

func footnotes(notes []string) string {
	var b strings.Builder
	b.WriteString(xmlHead + `<w:footnotes ` + wordSpace + `><w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote><w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>`)
	for i, n := range notes {
		fmt.Fprintf(&b, `<w:footnote w:id="%d"><w:p><w:pPr><w:pStyle w:val="Note"/></w:pPr><w:r><w:rPr><w:rStyle w:val="NoteMark"/></w:rPr><w:footnoteRef/></w:r><w:r><w:t xml:space="preserve"> %s</w:t></w:r></w:p></w:footnote>`, i+1, escape(n))
	}
	b.WriteString(`</w:footnotes>`)
	return b.String()
}

// numberingPart defines the lists of levels; all w:abstractNum stand before the first w:num.
func numberingPart() string {
	var b, nums strings.Builder
	b.WriteString(xmlHead + `<w:numbering ` + wordSpace + ">\n")
	for i, l := range levels {
		if l.depth == 0 {
			fmt.Fprintf(&b, `<w:abstractNum w:abstractNumId="%d"><w:multiLevelType w:val="multilevel"/>`+"\n", l.list)
			fmt.Fprintf(&nums, `<w:num w:numId="%d"><w:abstractNumId w:val="%d"/></w:num>`, l.list, l.list)
		}
		fmt.Fprintf(&b, `<w:lvl w:ilvl="%d"><w:start w:val="1"/><w:numFmt w:val="%s"/><w:suff w:val="%s"/><w:lvlText w:val="%s"/><w:lvlJc w:val="left"/>%s</w:lvl>`+"\n", l.depth, l.format, l.suffix, l.text, l.indent)
		if i+1 == len(levels) || levels[i+1].depth == 0 {
			b.WriteString("</w:abstractNum>\n")
		}
	}
	return b.String() + nums.String() + `</w:numbering>`
}
