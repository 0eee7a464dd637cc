package figures

import (
	"fmt"
	"math/big"
	"strings"
)

// date reads 2025年3月1日, 2025年3月, 2025年, 3月1日, 3月, 每月15日, 二〇二五年三月, 2025-03-01 and
// 2025/3/1. Years are 1900 to 2100; other 年 are durations.
func (s *scanner) date() (Figure, int, bool) {
	if f, end, ok := s.numericDate(); ok {
		return f, end, true
	}
	y, at, hasYear := s.part(s.at, "年", 1900, 2100)
	if !hasYear {
		at = s.at
	}
	m, behind, hasMonth := s.part(at, "月", 1, 12)
	if !hasMonth {
		if hasYear && s.peek(at) != '级' {
			return Figure{Kind: Date, Value: fmt.Sprintf("%04d", y)}, at, true
		}
		return s.dayOfMonth()
	}
	if s.has(behind, "份") {
		behind++
	}
	d, end, hasDay := s.part(behind, "日", 1, 31)
	if !hasDay {
		d, end, hasDay = s.part(behind, "号", 1, 31)
	}
	if !hasDay {
		end = behind
	}
	return Figure{Kind: Date, Value: dateValue(y, m, d)}, end, true
}

// numericDate reads 2025-03-01, 2025/3/1 and 2025.3.1.
func (s *scanner) numericDate() (Figure, int, bool) {
	var parts [3]int
	at := s.at
	for i := range parts {
		if i > 0 {
			if sep := s.peek(at); !strings.ContainsRune("-/.", sep) || i == 2 && sep != s.peek(s.at+4) {
				return Figure{}, 0, false
			}
			at++
		}
		start := at
		for isDigit(s.peek(at)) && at-start < 4 {
			parts[i] = parts[i]*10 + int(s.peek(at)-'0')
			at++
		}
		if at == start || i == 0 && at-start != 4 || i > 0 && at-start > 2 {
			return Figure{}, 0, false
		}
	}
	if isDigit(s.peek(at)) || parts[0] < 1900 || parts[0] > 2100 || !within(parts[1], 1, 12) || !within(parts[2], 1, 31) {
		return Figure{}, 0, false
	}
	return Figure{Kind: Date, Value: dateValue(parts[0], parts[1], parts[2])}, at, true
}

// dayOfMonth reads 15日 behind 每月, 当月 or 次月.
func (s *scanner) dayOfMonth() (Figure, int, bool) {
	if s.peek(s.at-1) != '月' {
		return Figure{}, 0, false
	}
	for _, name := range []string{"日", "号"} {
		if d, end, ok := s.part(s.at, name, 1, 31); ok {
			return Figure{Kind: Date, Value: dateValue(0, 0, d)}, end, true
		}
	}
	return Figure{}, 0, false
}

// part reads a whole number in [low, high] followed by the name of its place.
func (s *scanner) part(i int, name string, low, high int) (int, int, bool) {
	i = s.skipSpaces(i)
	v, end, ok := s.number(i)
	if !ok || !v.IsInt() || v.Cmp(new(big.Rat).SetInt64(int64(high))) > 0 {
		return 0, i, false
	}
	end = s.skipSpaces(end)
	n := int(v.Num().Int64())
	if !within(n, low, high) || !s.has(end, name) {
		return 0, i, false
	}
	return n, end + 1, true
}

func within(n, low, high int) bool { return n >= low && n <= high }

func dateValue(y, m, d int) string {
	switch {
	case y > 0 && d > 0:
		return fmt.Sprintf("%04d-%02d-%02d", y, m, d)
	case y > 0:
		return fmt.Sprintf("%04d-%02d", y, m)
	case m > 0 && d > 0:
		return fmt.Sprintf("--%02d-%02d", m, d)
	case m > 0:
		return fmt.Sprintf("--%02d", m)
	}
	return fmt.Sprintf("---%02d", d)
}

func dateText(value string) string {
	var y, m, d int
	switch {
	case strings.HasPrefix(value, "---"):
		_, _ = fmt.Sscanf(value, "---%d", &d)
		return fmt.Sprintf("%d日", d)
	case strings.HasPrefix(value, "--"):
		if n, _ := fmt.Sscanf(value, "--%d-%d", &m, &d); n == 2 {
			return fmt.Sprintf("%d月%d日", m, d)
		}
		return fmt.Sprintf("%d月", m)
	}
	switch n, _ := fmt.Sscanf(value, "%d-%d-%d", &y, &m, &d); n {
	case 3:
		return fmt.Sprintf("%d年%d月%d日", y, m, d)
	case 2:
		return fmt.Sprintf("%d年%d月", y, m)
	}
	return fmt.Sprintf("%d年", y)
}
