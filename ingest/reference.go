package ingest

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// reference is another text as a text names it: by title, by number, or by both.
type reference struct {
	title      string // without the outer 《》
	number     string // normalised
	start, end int    // bytes in the text searched
}

// String returns 《title》（number）, or the one that is there.
func (r reference) String() string {
	switch {
	case r.title == "":
		return r.number
	case r.number == "":
		return "《" + r.title + "》"
	}
	return "《" + r.title + "》（" + r.number + "）"
}

// short returns the number, or 《title》 where there is none.
func (r reference) short() string {
	if r.number != "" {
		return r.number
	}
	return r.String()
}

// references finds the texts that s names, in order, as many as relations are read. A number in
// brackets after a title belongs to it.
func references(s string) []reference {
	var found []reference
	last := 0 // end of the reference before
	for at := 0; at < len(s) && len(found) < maxRelations; {
		r, n := utf8.DecodeRuneInString(s[at:])
		if r == '《' {
			if title, length := quotedTitle(s[at:]); length > 0 {
				ref := reference{title: title, start: at, end: at + length}
				if number, more := bracketedNumber(s[at+length:]); more > 0 {
					ref.number, ref.end = number, ref.end+more
				}
				found = append(found, ref)
				at, last = ref.end, ref.end
				continue
			}
		}
		if isYearBracket(r) {
			if number, from, to := numberAround(s[last:], at-last); number != "" {
				found = append(found, reference{number: number, start: last + from, end: last + to})
				at, last = last+to, last+to
				continue
			}
		}
		at += n
	}
	return found
}

// quotedTitle reads 《…》 at the head of s; marks may be nested.
func quotedTitle(s string) (title string, length int) {
	const longest, deepest = 600, 4
	depth := 0
	for i, r := range s {
		if i > longest || depth > deepest || r == '\n' {
			return "", 0
		}
		switch r {
		case '《':
			depth++
		case '》':
			depth--
		}
		if depth == 0 {
			end := i + len("》")
			return strings.TrimSpace(s[len("《"):i]), end
		}
	}
	return "", 0
}

// bracketedNumber reads （越人社发〔2025〕3号） after a title, with 以下简称 or a version behind it.
func bracketedNumber(s string) (number string, length int) {
	trimmed := strings.TrimLeftFunc(s, unicode.IsSpace)
	if !strings.HasPrefix(trimmed, "（") && !strings.HasPrefix(trimmed, "(") {
		return "", 0
	}
	end := closingBracket(trimmed)
	if end < 0 {
		return "", 0
	}
	if number = FindNumber(trimmed[:end]); number == "" {
		return "", 0
	}
	return number, len(s) - len(trimmed) + end
}

// closingBracket returns the end of the round bracket that opens s, -1 where it is not closed nearby.
func closingBracket(s string) int {
	const longest = 300
	depth := 0
	for i, r := range s {
		if i > longest {
			return -1
		}
		switch r {
		case '（', '(':
			depth++
		case '）', ')':
			if depth--; depth == 0 {
				return i + utf8.RuneLen(r)
			}
		}
	}
	return -1
}

func isYearBracket(r rune) bool {
	return strings.ContainsRune("〔［[【〖﹝(（", r) && r != utf8.RuneError
}

// FindNumber returns the first 发文字号 of s in its official spelling, 越人社发〔2025〕3号, whatever
// brackets, spaces and digits it is printed with; "" where there is none.
func FindNumber(s string) string {
	for at, r := range s {
		if !isYearBracket(r) {
			continue
		}
		if number, _, _ := numberAround(s, at); number != "" {
			return number
		}
	}
	return ""
}

// numberAround reads the 发文字号 whose year bracket stands at byte at of s.
func numberAround(s string, at int) (number string, from, to int) {
	_, n := utf8.DecodeRuneInString(s[at:])
	i := at + n + leadingSpace(s[at+n:])
	year, n := numeral(s[i:])
	if year < 1949 || year > 2100 || !isArabicRun(s[i:i+n]) {
		return "", 0, 0
	}
	i += n
	i += leadingSpace(s[i:])
	r, n := utf8.DecodeRuneInString(s[i:])
	if !strings.ContainsRune("〕］]】〗﹞)）", r) || r == utf8.RuneError {
		return "", 0, 0
	}
	i += n
	i += leadingSpace(s[i:])
	i += len(s[i:]) - len(strings.TrimPrefix(s[i:], "第"))
	serial, n := numeral(s[i:])
	if n == 0 || serial == 0 {
		return "", 0, 0
	}
	i += n
	i += leadingSpace(s[i:])
	if !strings.HasPrefix(s[i:], "号") {
		return "", 0, 0
	}
	code, from := organCode(s, at)
	if code == "" {
		return "", 0, 0
	}
	return code + "〔" + strconv.Itoa(year) + "〕" + strconv.Itoa(serial) + "号", from, i + len("号")
}

// organCode reads the 机关代字 that ends at byte at: at most twelve ideographs or letters.
func organCode(s string, at int) (code string, from int) {
	const longest = 12
	from = at
	for count := 0; from > 0; {
		r, n := utf8.DecodeLastRuneInString(s[:from])
		if r == ' ' || r == '\u3000' {
			if code == "" && from == at {
				from -= n
				at = from
				continue
			}
			break
		}
		if !unicode.Is(unicode.Han, r) && !unicode.IsLetter(r) || count == longest {
			break
		}
		from -= n
		count++
		code = s[from:at]
	}
	return trimOrganCode(code, from)
}

// trimOrganCode drops words of the sentence that run into the number: 根据国发〔2020〕1号.
func trimOrganCode(code string, from int) (string, int) {
	for _, w := range []string{"根据", "按照", "依据", "依照", "按", "以及", "和", "与", "文号", "字号", "见", "原", "号文", "废止", "经", "日"} {
		if i := strings.LastIndex(code, w); i >= 0 && len(code) > i+len(w) {
			code, from = code[i+len(w):], from+i+len(w)
		}
	}
	return code, from
}
