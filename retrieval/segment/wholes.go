package segment

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// appendWholes appends the numbers of documents and of clauses, in one spelling each.
func appendWholes(terms []Term, text string) []Term {
	for i := range len(text) {
		switch text[i] {
		case '[', '(':
			terms = appendDocument(terms, text, i)
		case "〔"[0]:
			if r, _ := utf8.DecodeRuneInString(text[i:]); r == '〔' || r == '【' || r == '〈' {
				terms = appendDocument(terms, text, i)
			}
		case "第"[0]:
			if strings.HasPrefix(text[i:], "第") {
				if t, ok := clauseNumber(text[i:]); ok {
					terms = append(terms, Term{t, Whole})
				}
			}
		}
	}
	return terms
}

func appendDocument(terms []Term, text string, i int) []Term {
	if t, ok := documentNumber(text, i); ok {
		return append(terms, Term{t, Whole})
	}
	return terms
}

// issuerRunes bounds the abbreviation of an issuing body before the year: 越政办发, 浙人社规.
const issuerRunes = 12

// documentNumber reads the 发文字号 whose year bracket opens at byte i: 越人社发〔2025〕3号 gives
// 越人社发〔2025〕3号 however its brackets and leading zeros are written.
func documentNumber(text string, i int) (string, bool) {
	_, open := utf8.DecodeRuneInString(text[i:])
	year, rest := leadingDigits(text[i+open:])
	closing, n := utf8.DecodeRuneInString(rest)
	if len(year) != 4 || !strings.ContainsRune("〕])】〉", closing) {
		return "", false
	}
	rest = strings.TrimPrefix(strings.TrimLeft(rest[n:], " "), "第")
	number, rest := leadingDigits(rest)
	if number == "" || len(number) > 6 || !strings.HasPrefix(strings.TrimLeft(rest, " "), "号") {
		return "", false
	}
	issuer := strings.TrimRight(text[:i], " ")
	start := len(issuer)
	for range issuerRunes {
		r, n := utf8.DecodeLastRuneInString(issuer[:start])
		if n == 0 || !isHan(r) {
			break
		}
		start -= n
	}
	if start == len(issuer) {
		return "", false
	}
	return lastWords(issuer[start:]) + "〔" + year + "〕" + strings.TrimLeft(number, "0") + "号", true
}

// lastWords cuts connecting words from before an issuer's abbreviation: 根据越政发 is 越政发.
func lastWords(issuer string) string {
	for _, w := range []string{"根据", "按照", "依据", "依照", "关于", "印发", "参照", "落实", "执行", "废止", "以及", "和", "与", "及", "见", "由"} {
		if i := strings.LastIndex(issuer, w); i >= 0 && i+len(w) < len(issuer) {
			issuer = issuer[i+len(w):]
		}
	}
	return issuer
}

// clauseNumber reads 第十二条 or 第 12 条 and gives 第12条; 章, 节, 条, 款 and 项 count as clauses.
func clauseNumber(text string) (string, bool) {
	rest := strings.TrimLeft(strings.TrimPrefix(text, "第"), " ")
	n, rest, ok := Number(rest)
	if !ok {
		return "", false
	}
	unit, size := utf8.DecodeRuneInString(strings.TrimLeft(rest, " "))
	if size == 0 || !strings.ContainsRune("章节条款项号批届", unit) {
		return "", false
	}
	return "第" + strconv.Itoa(n) + string(unit), true
}

func leadingDigits(s string) (digits, rest string) {
	n := 0
	for n < len(s) && isDigit(rune(s[n])) {
		n++
	}
	return s[:n], s[n:]
}
