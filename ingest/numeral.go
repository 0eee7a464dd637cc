package ingest

import "unicode/utf8"

// digitOf gives the value of a digit in any of the forms that official texts print.
func digitOf(r rune) (int, bool) {
	switch {
	case r >= '0' && r <= '9':
		return int(r - '0'), true
	case r >= '０' && r <= '９':
		return int(r - '０'), true
	}
	switch r {
	case '〇', '零', '○', 'Ｏ', '◯':
		return 0, true
	case '一', '壹':
		return 1, true
	case '二', '贰', '两':
		return 2, true
	case '三', '叁':
		return 3, true
	case '四', '肆':
		return 4, true
	case '五', '伍':
		return 5, true
	case '六', '陆':
		return 6, true
	case '七', '柒':
		return 7, true
	case '八', '捌':
		return 8, true
	case '九', '玖':
		return 9, true
	}
	return 0, false
}

func unitOf(r rune) int {
	switch r {
	case '十', '拾':
		return 10
	case '百', '佰':
		return 100
	case '千', '仟':
		return 1000
	}
	return 0
}

// maxNumeral bounds the numerals that are read; longer runs of digits are something else.
const maxNumeral = 99999

// numeral reads the number at the beginning of s, in Arabic digits of either width (2025), in Chinese
// units (二百一十三) or digit by digit (二〇二五). It returns the value and its length in bytes; the
// length is 0 where no number stands or the number is too large to be an ordinal or a year.
func numeral(s string) (value, length int) {
	if first, _ := utf8.DecodeRuneInString(s); isArabic(first) {
		return arabic(s)
	}
	total, digit, pending := 0, 0, false
	units := false
	for i, r := range s {
		d, isDigit := digitOf(r)
		u := unitOf(r)
		switch {
		case isArabic(r):
			return total + digit, i
		case isDigit && pending && !units:
			digit = digit*10 + d
		case isDigit:
			digit, pending = d, true
		case u > 0:
			if !pending {
				digit = 1 // 十三
			}
			total += digit * u
			digit, pending, units = 0, false, true
		default:
			return total + digit, i
		}
		if total+digit > maxNumeral {
			return 0, 0
		}
		length = i + utf8.RuneLen(r)
	}
	return total + digit, length
}

func arabic(s string) (value, length int) {
	for i, r := range s {
		if !isArabic(r) {
			return value, i
		}
		d, _ := digitOf(r)
		if value = value*10 + d; value > maxNumeral {
			return 0, 0
		}
		length = i + utf8.RuneLen(r)
	}
	return value, length
}
