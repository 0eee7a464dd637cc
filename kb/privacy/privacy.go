// Package privacy masks personal data in Chinese text before it is stored, logged or sent to a
// model: identity numbers, mobile numbers, bank cards, home addresses and names beside a label.
//
// It is for what people write and what bureaus print, and it leaves alone what an answer needs:
// office telephones and addresses, document numbers, item codes, credit codes of institutions,
// amounts and dates. It is no anonymiser: a name in running text stays. It uses the standard
// library alone, works in one pass and keeps no state.
package privacy

import (
	"log/slog"
	"slices"
	"strings"
	"unicode/utf8"
)

// Kind is a kind of personal data.
type Kind string

// The kinds that are masked.
const (
	Identity Kind = "identity" // 居民身份证号码
	Mobile   Kind = "mobile"
	BankCard Kind = "bank_card"
	Address  Kind = "address" // 家庭住址
	Name     Kind = "name"
)

// Mark stands for every masked character.
const Mark = '＊'

// finding is a piece of personal data at bytes [start, end) and what replaces it.
type finding struct {
	start, end int
	kind       Kind
	with       string
}

// Mask returns text with its personal data masked and the kinds found, each once, in order. Equal
// data get equal masks; masking again changes nothing.
func Mask(text string) (masked string, found []Kind) {
	var b strings.Builder
	from := 0
	for at := 0; at < len(text); {
		f, ok := findingAt(text, at)
		if !ok {
			at = next(text, at)
			continue
		}
		b.WriteString(text[from:f.start])
		b.WriteString(f.with)
		from, at = f.end, f.end
		if !slices.Contains(found, f.kind) {
			found = append(found, f.kind)
		}
	}
	if from == 0 {
		return text, nil
	}
	b.WriteString(text[from:])
	return b.String(), found
}

// MaskField masks the value of a field by its label, as in a form or a column of a table.
func MaskField(label, value string) (masked string, found []Kind) {
	const colon = "："
	masked, found = Mask(label + colon + value)
	_, masked, _ = strings.Cut(masked, colon)
	return masked, found
}

// Text is text that shows itself masked wherever it is printed or logged.
type Text string

// LogValue returns the masked text.
func (t Text) LogValue() slog.Value { return slog.StringValue(t.String()) }

// String returns the masked text.
func (t Text) String() string {
	masked, _ := Mask(string(t))
	return masked
}

// findingAt returns the personal data that begins, with its label if it has one, at byte at.
func findingAt(text string, at int) (finding, bool) {
	switch r, _ := utf8.DecodeRuneInString(text[at:]); r {
	case '姓', '联', '申', '经', '收', '户', '当', '持', '监', '患', '来', '反', '举', '居', '现', '住':
		return labelledAt(text, at)
	case '小', '花', '新', '公', '嘉', '名', '雅', '佳':
		return homeAt(text, at)
	case '家':
		if f, ok := labelledAt(text, at); ok {
			return f, true
		}
		return homeAt(text, at)
	}
	if _, n := digit(text[at:]); n > 0 {
		return numberAt(text, at)
	}
	return finding{}, false
}

// next returns where to look next: after a run of digits, or after one character.
func next(text string, at int) int {
	end := at
	for end < len(text) {
		_, n := digit(text[end:])
		if n == 0 {
			break
		}
		end += n
	}
	if end > at {
		return end
	}
	_, n := utf8.DecodeRuneInString(text[at:])
	return at + n
}

// digit reads one digit of either width.
func digit(s string) (byte, int) {
	if s != "" && s[0] >= '0' && s[0] <= '9' {
		return s[0], 1
	}
	r, n := utf8.DecodeRuneInString(s)
	if r >= '０' && r <= '９' {
		return byte(r-'０') + '0', n
	}
	return 0, 0
}
