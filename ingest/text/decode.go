package text

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"xiaoyue/ingest"
)

const (
	// plausible is the share of ordinary characters from which bytes count as UTF-16. Text in that
	// encoding reaches nearly all, text in another falls into rare blocks.
	plausible = 0.8
	// torn is the share of broken characters up to which UTF-8 with an accident, such as a cut in
	// the middle of a character, is still taken for UTF-8.
	torn = 0.002
	// garbage is the share of broken or control characters from which bytes are no text.
	garbage = 0.1
	// accident is how many characters in a row GBK may look like UTF-8 by chance; the odds halve with
	// each, at the least.
	accident = 16
	// sample bounds how many bytes the guesses look at.
	sample = 1 << 16
)

// Decoded is text with what was lost in decoding it.
type Decoded struct {
	Text     string
	Encoding string // UTF-8, UTF-16LE, UTF-16BE, GB18030
	Runes    int
	Broken   int // runes that stand for bytes that could not be decoded (U+FFFD)
}

// Coverage is the share of characters that were decoded.
func (d Decoded) Coverage() float64 {
	if d.Runes == 0 {
		return 1
	}
	return 1 - float64(d.Broken)/float64(d.Runes)
}

// Decode finds the encoding of b by its byte order mark, by validity and by plausibility, in this
// order, and falls back on GB18030, of which GB2312 and GBK are parts. Bytes that are no text in
// any of these are a *ingest.ReadError with StatusDamaged.
func Decode(b []byte) (Decoded, error) {
	d := decode(b)
	controls := 0
	for _, r := range d.Text[:min(len(d.Text), sample)] {
		if r < ' ' && !strings.ContainsRune("\t\n\r\f\v\x1a", r) {
			controls++
		}
	}
	if float64(controls+d.Broken) > garbage*float64(min(d.Runes, sample)) {
		return d, &ingest.ReadError{
			Status: ingest.StatusDamaged,
			Reason: "文件不是能识别的文本（编码不明或内容损坏），请用记事本打开后另存为 UTF-8 编码再上传",
		}
	}
	return d, nil
}

func decode(b []byte) Decoded {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return counted(strings.ToValidUTF8(string(b[3:]), "\ufffd"), "UTF-8")
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return utf16(b[2:], unicode.LittleEndian)
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return utf16(b[2:], unicode.BigEndian)
	}
	if bytes.IndexByte(b[:min(len(b), sample)], 0) >= 0 {
		if order, ok := guessUTF16(b); ok {
			return utf16(b, order)
		}
	}
	if IsUTF8(b) || tornUTF8(b) {
		return counted(strings.ToValidUTF8(string(b), "\ufffd"), "UTF-8")
	}
	d := through(simplifiedchinese.GB18030, b, "GB18030")
	if order, ok := guessUTF16(b); ok && d.Broken > 0 {
		return utf16(b, order)
	}
	return d
}

// IsUTF8 says whether b is UTF-8 that anyone would write in Chinese. Short words in GBK, such as 目录,
// are valid UTF-8 by accident, but then all of their characters are of the two-byte kind (Latin with
// marks, Greek, Cyrillic, Arabic).
func IsUTF8(b []byte) bool {
	if !utf8.Valid(b) {
		return false
	}
	two, more := 0, 0
	for _, r := range string(b[:min(len(b), sample)]) {
		switch {
		case r >= 0x800:
			more++
		case r >= 0x80:
			two++
		}
	}
	return two <= more || two > accident
}

// tornUTF8 says whether b is UTF-8 but for a few broken places.
func tornUTF8(b []byte) bool {
	wide, broken := 0, 0
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			broken++
		case n > 1:
			wide++
		}
		i += n
	}
	return broken > 0 && broken < wide && float64(broken) <= max(utf8.UTFMax-1, torn*float64(wide))
}

// guessUTF16 tells the byte order of UTF-16 without a mark: NUL bytes of ASCII signs fall on one
// side, and the right order gives ordinary characters.
func guessUTF16(b []byte) (unicode.Endianness, bool) {
	b = b[:min(len(b), sample)&^1]
	little, big := 0, 0
	for i := 0; i+1 < len(b); i += 2 {
		little += ordinary(rune(b[i]) | rune(b[i+1])<<8)
		big += ordinary(rune(b[i+1]) | rune(b[i])<<8)
	}
	order, best := unicode.LittleEndian, little
	if big > little {
		order, best = unicode.BigEndian, big
	}
	return order, len(b) > 0 && float64(best) >= plausible*float64(len(b)/2)
}

// ordinary is 1 for characters that Chinese text is made of, else 0.
func ordinary(r rune) int {
	switch {
	case r == '\n', r == '\r', r == '\t', r >= ' ' && r < 0x7f,
		r >= 0x2010 && r <= 0x2027, r >= 0x3000 && r <= 0x303f, r >= 0x4e00 && r <= 0x9fa5, r >= 0xff00 && r <= 0xff5e:
		return 1
	}
	return 0
}

func utf16(b []byte, order unicode.Endianness) Decoded {
	name := "UTF-16LE"
	if order == unicode.BigEndian {
		name = "UTF-16BE"
	}
	return through(unicode.UTF16(order, unicode.IgnoreBOM), b, name)
}

// through decodes with a decoder that puts U+FFFD for what it cannot decode and so never fails.
func through(e encoding.Encoding, b []byte, name string) Decoded {
	s, _ := e.NewDecoder().Bytes(b)
	return counted(string(s), name)
}

func counted(s, name string) Decoded {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return Decoded{Text: s, Encoding: name, Runes: utf8.RuneCountInString(s), Broken: strings.Count(s, "\ufffd")}
}
