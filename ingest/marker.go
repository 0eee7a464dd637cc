package ingest

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// rank orders the markers of structure from the outermost to the innermost. Laws number 编、章、节、
// 条、项、目; official letters number 一、（一）1.（1）①. A text may leave out any level.
type rank int

const (
	rankNone      rank = 0
	rankAnnex     rank = 1  // 附件1
	rankPart      rank = 10 // 第一编, 第一部分
	rankSubpart   rank = 15 // 第一分编
	rankChapter   rank = 20 // 第一章
	rankDivision  rank = 30 // 第一节
	rankArticle   rank = 40 // 第一条
	rankFirst     rank = 50 // 一、
	rankParagraph rank = 60 // a 款 after the items of another one: it prints no number
	rankSecond    rank = 60 // （一）
	rankThird     rank = 70 // 1.
	rankDecimal   rank = 70 // 1.1 and deeper: plus the number of points
	rankFourth    rank = 80 // （1）
	rankFifth     rank = 90 // ①
)

// marker is the number that opens a line.
type marker struct {
	rank   rank
	number string // as printed
	value  int    // of its last part: 3 for 第三条, 2 for 1.2
	length int    // bytes of the line up to its own words
	spaced bool   // white space stands between the number and the words
}

// markerOf reads the marker at the beginning of a line. It says what the line could be; whether it
// is a heading there and then (第三条规定的… is a reference) is decided by the outline.
func markerOf(line string) (marker, bool) {
	r, n := utf8.DecodeRuneInString(line)
	switch {
	case r == '第':
		return ordinalMarker(line, n)
	case r == '（' || r == '(':
		return bracketMarker(line, n)
	case r >= '①' && r <= '⑳':
		return closed(line, marker{rank: rankFifth, number: line[:n], value: int(r-'①') + 1, length: n})
	case r >= '㈠' && r <= '㈩':
		return closed(line, marker{rank: rankSecond, number: line[:n], value: int(r-'㈠') + 1, length: n})
	case r >= '⑴' && r <= '⒇':
		return closed(line, marker{rank: rankFourth, number: line[:n], value: int(r-'⑴') + 1, length: n})
	case r >= '⒈' && r <= '⒛':
		return closed(line, marker{rank: rankThird, number: line[:n], value: int(r-'⒈') + 1, length: n})
	case isArabic(r):
		return arabicMarker(line)
	}
	if _, ok := digitOf(r); ok || unitOf(r) > 0 {
		return firstMarker(line)
	}
	return marker{}, false
}

// ordinalRanks are the units after 第N, longest first where one begins with another.
var ordinalRanks = []struct {
	unit string
	rank rank
}{
	{"分编", rankSubpart}, {"编", rankPart}, {"部分", rankPart}, {"篇", rankPart},
	{"章", rankChapter}, {"节", rankDivision}, {"条", rankArticle},
}

func ordinalMarker(line string, at int) (marker, bool) {
	at += leadingSpace(line[at:])
	value, n := numeral(line[at:])
	if n == 0 {
		return marker{}, false
	}
	at += n
	at += leadingSpace(line[at:])
	for _, o := range ordinalRanks {
		if strings.HasPrefix(line[at:], o.unit) {
			at += len(o.unit)
			at += insertedOrdinal(line[at:])
			return closed(line, marker{rank: o.rank, number: line[:at], value: value, length: at})
		}
	}
	return marker{}, false
}

// insertedOrdinal returns the length of 之一 in 第一百二十条之一.
func insertedOrdinal(s string) int {
	const zhi = "之"
	if !strings.HasPrefix(s, zhi) {
		return 0
	}
	if _, n := numeral(s[len(zhi):]); n > 0 {
		return len(zhi) + n
	}
	return 0
}

func bracketMarker(line string, at int) (marker, bool) {
	inner := at + leadingSpace(line[at:])
	value, n := numeral(line[inner:])
	if n == 0 || value == 0 || value > 199 {
		return marker{}, false
	}
	end := inner + n
	end += leadingSpace(line[end:])
	r, size := utf8.DecodeRuneInString(line[end:])
	if r != '）' && r != ')' {
		return marker{}, false
	}
	first, _ := utf8.DecodeRuneInString(line[inner:])
	m := marker{rank: rankSecond, number: line[:end+size], value: value, length: end + size}
	if isArabic(first) {
		m.rank = rankFourth
	}
	return closed(line, m)
}

// firstMarker reads 一、 at the head of a line. 一、二级医院 is not one.
func firstMarker(line string) (marker, bool) {
	value, n := numeral(line)
	if n == 0 || value == 0 || value > 199 {
		return marker{}, false
	}
	at := n + leadingSpace(line[n:])
	r, size := utf8.DecodeRuneInString(line[at:])
	if r != '、' && r != '．' && r != '.' {
		return marker{}, false
	}
	rest := line[at+size:]
	if _, next := numeral(rest); next > 0 && strings.HasPrefix(rest[next:], "、") || enumerates(rest) {
		return marker{}, false
	}
	return closed(line, marker{rank: rankFirst, number: line[:at+size], value: value, length: at + size})
}

// enumerates reports whether the words after 一、 go on counting: 一、二级, 一、三类.
func enumerates(rest string) bool {
	_, n := numeral(rest)
	if n == 0 {
		return false
	}
	r, _ := utf8.DecodeRuneInString(rest[n:])
	return strings.ContainsRune("级类等档期批次线", r)
}

// arabicMarker reads 1. and 1、 and 1） and the decimals 1.1 and 1.1.1. The number 1.5 of 1.5万元 and
// the date 2025.3.1 are not markers: decimals are confirmed by the outline.
func arabicMarker(line string) (marker, bool) {
	value, n := numeral(line)
	if n == 0 || value > 199 || !isArabicRun(line[:n]) {
		return marker{}, false
	}
	at, points := n, 0
	for at < len(line) && line[at] == '.' {
		v, m := numeral(line[at+1:])
		if m == 0 || !isArabicRun(line[at+1:at+1+m]) {
			break
		}
		value, points = v, points+1
		at += 1 + m
	}
	r, size := utf8.DecodeRuneInString(line[at:])
	switch {
	case points > 0 && points <= 5 && (r == ' ' || r == '\u3000' || unicode.Is(unicode.Han, r)):
		return closed(line, marker{rank: rankDecimal + rank(points), number: line[:at], value: value, length: at})
	case points == 0 && strings.ContainsRune(".．、)）", r) && r != utf8.RuneError:
		return closed(line, marker{rank: rankThird, number: line[:at+size], value: value, length: at + size})
	}
	return marker{}, false
}

// closed takes the white space after the number into the marker.
func closed(line string, m marker) (marker, bool) {
	n := leadingSpace(line[m.length:])
	m.length += n
	m.spaced = n > 0 || m.length == len(line)
	return m, true
}

func leadingSpace(s string) int { return len(s) - len(strings.TrimLeftFunc(s, unicode.IsSpace)) }

func isArabic(r rune) bool { return r >= '0' && r <= '9' || r >= '０' && r <= '９' }

func isArabicRun(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !isArabic(r) }) < 0
}
