package segment

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Number reads the whole number that s begins with, in Arabic or Chinese numerals (12, 十二, 一百零三,
// 二〇二五), and returns it and the rest of s. Numbers of a hundred million and more are not read.
func Number(s string) (n int, rest string, ok bool) {
	if digits, rest := leadingDigits(s); digits != "" {
		n, err := strconv.Atoi(digits)
		return n, rest, err == nil && len(digits) <= 8
	}
	span := 0
	for i, r := range s {
		if !strings.ContainsRune(numerals, r) {
			break
		}
		span = i + utf8.RuneLen(r)
	}
	if span == 0 || span > 3*16 {
		return 0, s, false
	}
	n, ok = chineseNumber(s[:span])
	return n, s[span:], ok
}

const (
	digitRunes = "〇零一二两三四五六七八九"
	numerals   = digitRunes + "十百千万"
)

func chineseNumber(s string) (int, bool) {
	if !strings.ContainsAny(s, "十百千万") {
		return positional(s)
	}
	total, section, digit := 0, 0, -1
	for _, r := range s {
		switch r {
		case '十', '百', '千':
			if digit <= 0 { // 十二, and 一百十二
				digit = 1
			}
			section += digit * powerOf(r)
			digit = -1
		case '万':
			total = (total + section + max(digit, 0)) * 10000
			section, digit = 0, -1
		default:
			digit = digitValue(r)
		}
		if total > 1e8 {
			return 0, false
		}
	}
	return total + section + max(digit, 0), true
}

func powerOf(r rune) int {
	switch r {
	case '十':
		return 10
	case '百':
		return 100
	}
	return 1000
}

// positional reads digit by digit: 二〇二五.
func positional(s string) (int, bool) {
	n, count := 0, 0
	for _, r := range s {
		n = n*10 + digitValue(r)
		count++
	}
	return n, count <= 8
}

func digitValue(r rune) int {
	switch r {
	case '〇', '零':
		return 0
	case '两':
		return 2
	}
	return strings.Index("一二三四五六七八九", string(r))/len("一") + 1
}
