package privacy

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// run is a row of digits, with single blanks or hyphens between groups left out.
type run struct {
	digits []byte
	ends   []int // byte after each digit
	groups []int // how many digits stand before each gap, and in all
}

// first returns the first n digits as a run.
func (r run) first(n int) run { return run{digits: r.digits[:n], ends: r.ends[:n], groups: r.groups} }

// solid reports whether no gap stands between the digits.
func (r run) solid() bool { return r.groups[0] >= len(r.digits) }

const maxRun = 40

// runAt reads the digits at byte at.
func runAt(text string, at int) run {
	var r run
	for at < len(text) && len(r.digits) < maxRun {
		d, n := digit(text[at:])
		if n == 0 {
			if !isGap(text[at]) || at+1 >= len(text) {
				break
			}
			if _, n := digit(text[at+1:]); n == 0 {
				break
			}
			r.groups = append(r.groups, len(r.digits))
			at++
			continue
		}
		at += n
		r.digits = append(r.digits, d)
		r.ends = append(r.ends, at)
	}
	r.groups = append(r.groups, len(r.digits))
	return r
}

func isGap(c byte) bool { return c == ' ' || c == '-' }

// numberAt reads the personal number at byte at, which begins a run of digits.
func numberAt(text string, at int) (finding, bool) {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	if isWordRune(before) || before == '.' || before == Mark {
		return finding{}, false
	}
	r := runAt(text, at)
	for i := len(r.groups) - 1; i >= 0; i-- {
		if f, ok := read(text, at, r.first(r.groups[i])); ok {
			return f, true
		}
	}
	return finding{}, false
}

// read tries the kinds of numbers on a run of digits.
func read(text string, at int, r run) (finding, bool) {
	for _, recognise := range []func(string, int, run) (int, int, Kind){identity, mobile, bankCard} {
		if n, end, kind := recognise(text, at, r); n > 0 {
			return finding{start: at, end: end, kind: kind, with: mask(string(r.digits[:n]), kind)}, true
		}
	}
	return finding{}, false
}

// mask keeps the leading and trailing characters that say what the number was without saying whose.
func mask(digits string, kind Kind) string {
	head, tail := 4, 4
	if kind == Mobile {
		head = 3
		if len(digits) == 13 {
			head = 5 // 86138
		}
	}
	last := digits[len(digits)-tail:]
	if kind == Identity && len(digits) == 17 {
		digits += "X"
		last = digits[len(digits)-tail:]
	}
	return digits[:head] + strings.Repeat(string(Mark), len(digits)-head-tail) + last
}

// identity recognises the 18 characters of GB 11643 with their check digit, and the 15 digits of
// the older cards. Beside the label 身份证 a wrong check digit is a slip of the pen and masked too.
func identity(text string, at int, r run) (digits, end int, kind Kind) {
	labelled := follows(text, at, "身份证", "公民身份号码")
	if !labelled && follows(text, at, "代码", "编码", "编号", "文号", "单号") {
		return 0, 0, ""
	}
	switch n := len(r.digits); {
	case n == 18 && closes(text, r.ends[17]) && born(r.digits[6:14]) && province(r.digits):
		if labelled || checkDigit(r.digits) == r.digits[17] {
			return 18, r.ends[17], Identity
		}
	case n == 17 && born(r.digits[6:14]) && province(r.digits):
		end := r.ends[16] + letterX(text[r.ends[16]:])
		if end > r.ends[16] && closes(text, end) && (labelled || checkDigit(r.digits) == 'X') {
			return 17, end, Identity
		}
	case n == 15 && r.solid() && closes(text, r.ends[14]) && province(r.digits) && born(append([]byte("19"), r.digits[6:12]...)):
		return 15, r.ends[14], Identity
	}
	return 0, 0, ""
}

// letterX returns the length of the X of either width at the head of s, 0 where there is none.
func letterX(s string) int {
	r, n := utf8.DecodeRuneInString(s)
	if r == 'X' || r == 'x' || r == 'Ｘ' || r == 'ｘ' {
		return n
	}
	return 0
}

// checkDigit computes the last character of an identity number from the first 17: ISO 7064 MOD 11-2,
// as GB 11643-1999 prescribes.
func checkDigit(d []byte) byte {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(d[i]-'0') * w
	}
	return "10X98765432"[sum%11]
}

func born(d []byte) bool {
	t, err := time.Parse("20060102", string(d))
	return err == nil && t.Year() >= 1880 && t.Year() <= 2100
}

// province reports whether the first two digits are those of a province (GB/T 2260).
func province(d []byte) bool {
	highest := [10]byte{1: 5, 2: 3, 3: 7, 4: 6, 5: 4, 6: 5, 7: 1, 8: 3} // 11–15, 21–23, 31–37 …
	first, second := d[0]-'0', d[1]-'0'
	return highest[first] > 0 && second <= highest[first] && (second > 0 || first == 5)
}

// mobile recognises the eleven digits of a mobile number, with 86 in front or not, in groups or not.
func mobile(text string, at int, r run) (digits, end int, kind Kind) {
	n, skip := len(r.digits), 0
	if n == 13 && r.digits[0] == '8' && r.digits[1] == '6' {
		skip = 2
	}
	if n-skip != 11 || r.digits[skip] != '1' || r.digits[skip+1] < '3' || !closes(text, r.ends[n-1]) {
		return 0, 0, ""
	}
	if follows(text, at, "代码", "编码", "编号", "文号", "单号") || counts(text[r.ends[n-1]:]) {
		return 0, 0, ""
	}
	return n, r.ends[n-1], Mobile
}

// bankCard recognises 16 to 19 digits that begin like a card and pass the Luhn check.
func bankCard(text string, at int, r run) (digits, end int, kind Kind) {
	n := len(r.digits)
	if n < 16 || n > 19 || !closes(text, r.ends[n-1]) || counts(text[r.ends[n-1]:]) {
		return 0, 0, ""
	}
	union := r.digits[0] == '6' && (r.digits[1] == '2' || r.digits[1] == '0')
	other := n == 16 && (r.digits[0] == '4' || r.digits[0] == '5' || r.digits[0] == '3')
	if !union && !other || !luhn(r.digits) || follows(text, at, "代码", "编码", "编号", "单号") {
		return 0, 0, ""
	}
	return n, r.ends[n-1], BankCard
}

// luhn checks the last digit of a card number (ISO/IEC 7812-1).
func luhn(d []byte) bool {
	sum := 0
	for i := range d {
		v := int(d[len(d)-1-i] - '0')
		if i%2 == 1 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}

// closes reports whether a number ends at byte at: no letter, digit or decimal point goes on.
func closes(text string, at int) bool {
	r, n := utf8.DecodeRuneInString(text[at:])
	if n == 0 {
		return true
	}
	if r == Mark {
		return false
	}
	if r == '.' {
		_, more := digit(text[at+1:])
		return more == 0
	}
	return !isWordRune(r)
}

// isWordRune reports whether a letter or digit continues a number or code.
func isWordRune(r rune) bool {
	return r != utf8.RuneError && (r < 0x2e80 && unicode.IsLetter(r) || r >= '0' && r <= '9' || r >= '０' && r <= '９' || r >= 'Ａ' && r <= 'ｚ' && unicode.IsLetter(r))
}

// counts reports whether a unit follows: the number is an amount.
func counts(after string) bool {
	after = strings.TrimLeft(after, " ")
	for _, unit := range []string{"元", "万", "亿", "%", "％", "人", "户", "个", "平方米", "吨"} {
		if strings.HasPrefix(after, unit) {
			return true
		}
	}
	return false
}

// follows reports whether one of the labels stands shortly before byte at.
func follows(text string, at int, labels ...string) bool {
	const reach = 36 // bytes, a dozen characters
	before := text[max(0, at-reach):at]
	if i := strings.LastIndexAny(before, "。；\n"); i >= 0 {
		before = before[i:]
	}
	for _, l := range labels {
		if strings.Contains(before, l) {
			return true
		}
	}
	return false
}
