package ingest

import (
	"strings"
	"time"

	"xiaoyue/kb"
)

// dateAt reads the date at the beginning of s and returns its length in bytes; the length is 0
// where none stands. It knows 2025年3月1日, 二〇二五年三月一日 and 2025-03-01 with -, / or points.
func dateAt(s string) (kb.Date, int) {
	year, at := numeral(s)
	if year < 1900 || year > 2200 {
		return kb.Date{}, 0
	}
	at += leadingSpace(s[at:])
	month, n := datePart(s[at:], "年", "-", "/", ".", "．")
	if n == 0 {
		return kb.Date{}, 0
	}
	at += n
	day, n := datePart(s[at:], "月", "-", "/", ".", "．")
	if n == 0 {
		return kb.Date{}, 0
	}
	at += n
	d, err := kb.NewDate(year, time.Month(month), day)
	if err != nil {
		return kb.Date{}, 0
	}
	rest := strings.TrimLeft(s[at:], " \u3000")
	if strings.HasPrefix(rest, "日") {
		at = len(s) - len(rest) + len("日")
	}
	return d, at
}

// datePart reads one of the separators and the number after it.
func datePart(s string, separators ...string) (value, length int) {
	for _, sep := range separators {
		if !strings.HasPrefix(s, sep) {
			continue
		}
		at := len(sep) + leadingSpace(s[len(sep):])
		value, n := numeral(s[at:])
		if n == 0 {
			return 0, 0
		}
		at += n
		return value, at + leadingSpace(s[at:])
	}
	return 0, 0
}
