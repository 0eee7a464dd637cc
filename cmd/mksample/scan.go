package main

import (
	"bytes"
	"fmt"
	"image"
	"math/rand/v2"
	"os"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// dotsPerInch is what an office scanner is set to; A4 is 1240 × 1754 dots then.
const (
	dotsPerInch          = 150
	dotsAcross, dotsDown = 1240, 1754
)

// scanPDF draws the pages with a font and wraps the pictures in a PDF without any text: black and
// white, a little crooked and with specks, as paper comes out of a scanner.
func scanPDF(s source, fontFile string) ([]byte, error) {
	file, err := os.ReadFile(fontFile)
	if err != nil {
		return nil, err
	}
	f, err := parseFont(file)
	if err != nil {
		return nil, fmt.Errorf("font %s: %w", fontFile, err)
	}
	pages, err := setPages(s)
	if err != nil {
		return nil, err
	}
	var w pdfWriter
	kids := &bytes.Buffer{}
	for i, p := range pages {
		picture, err := draw(p, f)
		if err != nil {
			return nil, err
		}
		at := 3 + 3*i
		fmt.Fprintf(kids, "%d 0 R ", at)
		w.object(at, fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.2f %.2f] /Resources << /XObject << /Im1 %d 0 R >> >> /Contents %d 0 R >>", pageWidth, pageHeight, at+2, at+1))
		w.stream(at+1, "", fmt.Appendf(nil, "%.2f 0 0 %.2f 0 0 cm /Im1 Do\n", pageWidth, pageHeight))
		size := picture.Bounds().Size()
		w.stream(at+2, fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /RunLengthDecode ", size.X, size.Y), runLengths(bits(picture)))
	}
	w.object(1, "<< /Type /Catalog /Pages 2 0 R >>")
	w.object(2, fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", len(pages), kids))
	return w.close(s), nil
}

// parseFont returns the font of a file; of a collection the one with simplified Chinese forms.
func parseFont(file []byte) (*opentype.Font, error) {
	all, err := opentype.ParseCollection(file)
	if err != nil {
		return nil, err
	}
	for i := range all.NumFonts() {
		f, err := all.Font(i)
		if err != nil {
			return nil, err
		}
		if name, err := f.Name(nil, sfnt.NameIDFull); err == nil && strings.Contains(name, " SC") {
			return f, nil
		}
	}
	return all.Font(0)
}

// draw sets the marks of a page as black on white.
func draw(p sheetOfPaper, f *opentype.Font) (*image.Gray, error) {
	const scale = dotsPerInch / 72.0
	img := image.NewGray(image.Rect(0, 0, dotsAcross, dotsDown))
	for i := range img.Pix {
		img.Pix[i] = 0xff
	}
	for _, m := range p {
		face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: m.size, DPI: dotsPerInch})
		if err != nil {
			return nil, err
		}
		d := font.Drawer{Dst: img, Src: image.Black, Face: face}
		x := m.x
		for _, r := range m.text {
			const slope = .004 // the sheet lay crooked
			d.Dot = fixed.Point26_6{X: fixed.Int26_6(x * scale * 64), Y: fixed.Int26_6((m.y + x*slope) * scale * 64)}
			d.DrawString(string(r))
			x += runeWidth(r) * m.size
		}
	}
	specks := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		img.Pix[specks.IntN(len(img.Pix))] = 0
	}
	return img, nil
}

// bits packs a picture into one bit a dot, rows padded to bytes, 1 being white.
func bits(img *image.Gray) []byte {
	size := img.Bounds().Size()
	row := (size.X + 7) / 8
	out := make([]byte, row*size.Y)
	for y := range size.Y {
		for x := range size.X {
			if img.GrayAt(x, y).Y > 0x80 {
				out[y*row+x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	return out
}

// runLengths packs bytes for the RunLengthDecode filter: a length below 128 precedes that many
// bytes and one more, above 128 a byte repeated 257 − length times; 128 is the end.
func runLengths(in []byte) []byte {
	const longest, end = 128, 128
	var out []byte
	for len(in) > 0 {
		n := sameBytes(in, longest)
		if n > 1 {
			out = append(out, byte(257-n), in[0])
		} else {
			for n < len(in) && n < longest && sameBytes(in[n:], 3) < 3 {
				n++
			}
			out = append(append(out, byte(n-1)), in[:n]...)
		}
		in = in[n:]
	}
	return append(out, end)
}

// sameBytes counts how often the first byte repeats, up to a limit.
func sameBytes(in []byte, limit int) int {
	n := 1
	for n < len(in) && n < limit && in[n] == in[0] {
		n++
	}
	return n
}
