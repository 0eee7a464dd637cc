package main

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
)

// textPDF writes a PDF with a text layer. The font is the standard Chinese one that is not
// embedded; a map to Unicode says what its codes mean, so that every reader extracts the text.
func textPDF(s source) ([]byte, error) {
	pages, err := setPages(s)
	if err != nil {
		return nil, err
	}
	var w pdfWriter
	const fontObject = 3
	kids := make([]string, len(pages))
	for i, p := range pages {
		at := fontObject + 4 + 2*i
		kids[i] = fmt.Sprintf("%d 0 R", at)
		w.object(at, fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.2f %.2f] /Resources << /Font << /F1 %d 0 R >> >> /Contents %d 0 R >>", pageWidth, pageHeight, fontObject, at+1))
		w.stream(at+1, "", []byte(content(p)))
	}
	w.object(1, "<< /Type /Catalog /Pages 2 0 R /Lang (zh-CN) >>")
	w.object(2, fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", len(kids), strings.Join(kids, " ")))
	w.object(fontObject, "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts [4 0 R] /ToUnicode 6 0 R >>")
	// Characters 1 to 95 of Adobe-GB1 are ASCII and half as wide as the rest.
	w.object(4, "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /DW 1000 /W [1 95 500] /FontDescriptor 5 0 R >>")
	w.object(5, "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>")
	w.stream(6, "", []byte(toUnicode()))
	return w.close(s), nil
}

// content returns the drawing commands of a page.
func content(p sheetOfPaper) string {
	var b strings.Builder
	b.WriteString("0.5 w\n")
	for _, m := range p {
		if m.text == "" {
			fmt.Fprintf(&b, "%.2f %.2f %.2f %.2f re S\n", m.x, pageHeight-m.y-m.high, m.wide, m.high)
			continue
		}
		fmt.Fprintf(&b, "BT /F1 %.1f Tf %.2f %.2f Td <%s> Tj ET\n", m.size, m.x, pageHeight-m.y, hex(m.text))
	}
	return b.String()
}

// hex returns a text as hexadecimal UTF-16, big end first.
func hex(text string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String()
}

// toUnicode returns the map from codes to Unicode: the codes are UTF-16 already. A range may not
// cross a change of its first byte, hence one for each.
func toUnicode() string {
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /Identity-UTF16 def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	const block = 64 // at most 100 ranges may stand in one block
	for first := 0; first < 256; first += block {
		fmt.Fprintf(&b, "%d beginbfrange\n", block)
		for i := first; i < first+block; i++ {
			fmt.Fprintf(&b, "<%02X00> <%02XFF> <%02X00>\n", i, i, i)
		}
		b.WriteString("endbfrange\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.String()
}

// pdfWriter writes numbered objects in any order and the table of their places at the end.
type pdfWriter struct {
	out    bytes.Buffer
	places []int // by object number; 0: not written
}

func (w *pdfWriter) object(number int, body string) {
	if w.out.Len() == 0 {
		w.out.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	}
	for len(w.places) <= number {
		w.places = append(w.places, 0)
	}
	w.places[number] = w.out.Len()
	fmt.Fprintf(&w.out, "%d 0 obj\n%s\nendobj\n", number, body)
}

// stream writes an object with data; keys are further entries of its dictionary.
func (w *pdfWriter) stream(number int, keys string, data []byte) {
	w.object(number, fmt.Sprintf("<< %s/Length %d >>\nstream\n%s\nendstream", keys, len(data), data))
}

// close writes the information dictionary, the table of places and the trailer.
func (w *pdfWriter) close(s source) []byte {
	info := len(w.places)
	date := strings.ReplaceAll(s.meta["issued_on"], "-", "")
	w.object(info, fmt.Sprintf("<< /Title <FEFF%s> /Author <FEFF%s> /CreationDate (D:%s090000+08'00') >>", hex(s.meta["title"]), hex(s.meta["issuer"]), date))
	start := w.out.Len()
	fmt.Fprintf(&w.out, "xref\n0 %d\n0000000000 65535 f \n", len(w.places))
	for _, at := range w.places[1:] {
		fmt.Fprintf(&w.out, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&w.out, "trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(w.places), info, start)
	return w.out.Bytes()
}
