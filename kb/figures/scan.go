package figures

import (
	"math/big"
	"strings"
	"unicode/utf8"
)

// scanner walks over a text rune by rune, full-width forms folded to half-width ones.
type scanner struct {
	text   string
	runes  []rune
	offset []int // byte offset of each rune, and the length of the text
	at     int
	// multiplier holds, by byte offset of a figure, the 万 or 亿 that its last part carries.
	multiplier map[int]int64
}

func newScanner(text string) *scanner {
	s := &scanner{text: text, multiplier: map[int]int64{}}
	for i, r := range text {
		s.runes = append(s.runes, fold(r))
		s.offset = append(s.offset, i)
	}
	s.offset = append(s.offset, len(text))
	return s
}

// fold maps full-width ASCII and the ideographic space to their ordinary forms.
func fold(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		return r - '！' + '!'
	case r == '　':
		return ' '
	}
	return r
}

func (s *scanner) peek(i int) rune {
	if i < 0 || i >= len(s.runes) {
		return utf8.RuneError
	}
	return s.runes[i]
}

// has reports whether word begins at rune i.
func (s *scanner) has(i int, word string) bool {
	for _, r := range word {
		if s.peek(i) != r {
			return false
		}
		i++
	}
	return true
}

func (s *scanner) skipSpaces(i int) int {
	for s.peek(i) == ' ' {
		i++
	}
	return i
}

// pass moves on: over a whole run of digits, which is a code when it is no figure, or one rune.
func (s *scanner) pass() {
	code := isDigit(s.peek(s.at))
	s.at++
	for code && (isDigit(s.peek(s.at)) || s.peek(s.at) == '.') {
		s.at++
	}
}

// next reads the figure that begins exactly at s.at and moves behind it; without one it stays.
func (s *scanner) next() (Figure, bool) {
	if isDigit(s.peek(s.at)) && isLetter(s.peek(s.at-1)) {
		return Figure{}, false // part of a name such as E5 or MB0X01234
	}
	for _, read := range []func() (Figure, int, bool){s.phone, s.date, s.percent, s.halfYear, s.quantity} {
		if f, end, ok := read(); ok {
			f.Start, f.End = s.offset[s.at], s.offset[end]
			s.at = end
			return f, true
		}
	}
	return Figure{}, false
}

// phone reads 0570-88001203, 400-812-3456, 13800001234, 12345 and 12333; and nothing inside a longer number.
func (s *scanner) phone() (Figure, int, bool) {
	end, digits := s.at, 0
	for digits <= maxPhoneDigits && (isDigit(s.peek(end)) || s.peek(end) == '-' && isDigit(s.peek(end+1)) && digits > 0) {
		if isDigit(s.peek(end)) {
			digits++
		}
		end++
	}
	written := string(s.runes[s.at:end])
	if !looksLikePhone(written, digits) || s.dated(end) {
		return Figure{}, 0, false
	}
	return Figure{Kind: Phone, Value: written}, end, true
}

func (s *scanner) dated(end int) bool {
	r := s.peek(s.skipSpaces(end))
	return strings.ContainsRune("年月日元万亿千百人件户个号%.", r)
}

// maxPhoneDigits is the length of the longest number of ITU-T E.164.
const maxPhoneDigits = 15

func looksLikePhone(written string, digits int) bool {
	area, rest, hyphen := strings.Cut(written, "-")
	switch {
	case digits > maxPhoneDigits:
		return false
	case hyphen && strings.HasPrefix(area, "0"):
		return (len(area) == 3 || len(area) == 4) && len(rest) >= 5
	case hyphen && (area == "400" || area == "800"):
		return digits == 10
	case hyphen:
		return false
	case digits == 11 && written[0] == '1' && written[1] >= '3':
		return true
	case digits == 5:
		return strings.HasPrefix(written, "12") || strings.HasPrefix(written, "95")
	case digits == 8:
		return written[0] >= '2' && !strings.HasPrefix(written, "20")
	}
	return false
}

// percent reads 百分之五十, 50% and 50％.
func (s *scanner) percent() (Figure, int, bool) {
	at := s.at
	prefixed := s.has(at, "百分之")
	if prefixed {
		at += 3
	}
	v, end, ok := s.number(at)
	if !ok {
		return Figure{}, 0, false
	}
	behind := s.skipSpaces(end)
	switch {
	case prefixed:
	case s.peek(behind) == '%':
		end = behind + 1
	case s.peek(behind) == '‰':
		return Figure{Kind: Percent, Value: decimal(v), Unit: "‰"}, behind + 1, true
	case s.has(behind, "个百分点"):
		return Figure{Kind: Percent, Value: decimal(v), Unit: "个百分点"}, behind + 4, true
	default:
		return Figure{}, 0, false
	}
	return Figure{Kind: Percent, Value: decimal(v), Unit: "%"}, end, true
}

// halfYear reads 半年 as six months, but not the halves of a calendar year.
func (s *scanner) halfYear() (Figure, int, bool) {
	if !s.has(s.at, "半年") || strings.ContainsRune("上下前后", s.peek(s.at-1)) {
		return Figure{}, 0, false
	}
	return Figure{Kind: Duration, Value: "6", Unit: "个月"}, s.at + 2, true
}

// quantity reads a number with its unit.
func (s *scanner) quantity() (Figure, int, bool) {
	v, end, ok := s.number(s.at)
	if !ok {
		return Figure{}, 0, false
	}
	behind := s.skipSpaces(end)
	if strings.ContainsRune("余多", s.peek(behind)) {
		behind++
	}
	u, n := s.unit(behind)
	if n == 0 {
		return Figure{Kind: Number, Value: decimal(v)}, end, s.certain(s.at, end)
	}
	if u.kind == Ordinal && u.needsPrefix && s.peek(s.at-1) != '第' {
		return Figure{Kind: Number, Value: decimal(v)}, end, s.certain(s.at, end)
	}
	return Figure{Kind: u.kind, Value: decimal(v), Unit: u.canonical}, behind + n, true
}

// certain reports whether the runes of a number without a unit are surely meant as a number.
func (s *scanner) certain(from, to int) bool {
	for _, r := range s.runes[from:to] {
		if isDigit(r) {
			return true
		}
	}
	return to-from > 1 && strings.ContainsAny(string(s.runes[from:to]), "十百千万亿拾佰仟")
}

func (s *scanner) rangeBetween(from, to int) bool {
	switch strings.TrimSpace(s.text[from:to]) {
	case "-", "—", "－", "–", "~", "～", "至", "到", "——":
		return true
	}
	return false
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

// decimal writes a number without needless zeros; parts below 10^-6 are dropped.
func decimal(v *big.Rat) string {
	if v.IsInt() {
		return v.Num().String()
	}
	return strings.TrimRight(v.FloatString(6), "0")
}

func times(value string, m int64) string {
	v, ok := new(big.Rat).SetString(value)
	if !ok {
		return value
	}
	return decimal(v.Mul(v, new(big.Rat).SetInt64(m)))
}
