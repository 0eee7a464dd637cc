package docx

import (
	"strconv"
	"strings"
)

// printNumber prints v in one of the number formats of ECMA-376 part 1, 17.18.59; those that no
// Chinese document uses come out in arabic digits.
func printNumber(format string, v int) string {
	switch format {
	case "none":
		return ""
	case "decimalZero":
		if v >= 0 && v < 10 {
			return "0" + strconv.Itoa(v)
		}
	case "decimalFullWidth", "decimalFullWidth2":
		return digits(v, "０１２３４５６７８９")
	case "upperLetter":
		return letters(v, 'A')
	case "lowerLetter":
		return letters(v, 'a')
	case "upperRoman":
		return roman(v)
	case "lowerRoman":
		return strings.ToLower(roman(v))
	case "chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting", "taiwaneseCountingThousand":
		return chinese(v, "零一二三四五六七八九", "十百千万")
	case "chineseLegalSimplified", "ideographLegalTraditional", "japaneseLegal":
		return chinese(v, "零壹贰叁肆伍陆柒捌玖", "拾佰仟万")
	case "ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital":
		return digits(v, "〇一二三四五六七八九")
	case "ideographTraditional":
		return pick(v, "甲乙丙丁戊己庚辛壬癸")
	case "ideographZodiac":
		return pick(v, "子丑寅卯辰巳午未申酉戌亥")
	case "decimalEnclosedCircle", "decimalEnclosedCircleChinese":
		return pick(v, "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳")
	case "decimalEnclosedParen":
		return pick(v, "⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇")
	case "decimalEnclosedFullstop":
		return pick(v, "⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛")
	case "ideographEnclosedCircle":
		return pick(v, "㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉")
	}
	return strconv.Itoa(v)
}

// pick returns the v-th sign of set, arabic digits past its end.
func pick(v int, set string) string {
	signs := []rune(set)
	if v < 1 || v > len(signs) {
		return strconv.Itoa(v)
	}
	return string(signs[v-1])
}

// digits writes v digit by digit in the ten signs of set.
func digits(v int, set string) string {
	signs := []rune(set)
	var b strings.Builder
	for _, c := range strconv.Itoa(v) {
		if c >= '0' && c <= '9' {
			c = signs[c-'0']
		}
		b.WriteRune(c)
	}
	return b.String()
}

// letters counts a … z, aa, bb …, as Word does; at most 26*10 of them.
func letters(v int, first byte) string {
	if v < 1 || v > 260 {
		return strconv.Itoa(v)
	}
	return strings.Repeat(string(rune(first)+rune((v-1)%26)), (v-1)/26+1)
}

func roman(v int) string {
	if v < 1 || v > 3999 {
		return strconv.Itoa(v)
	}
	values := []int{1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1}
	signs := []string{"M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"}
	var b strings.Builder
	for i, n := range values {
		for v >= n {
			b.WriteString(signs[i])
			v -= n
		}
	}
	return b.String()
}

// chinese writes v with the ten digits and the units for 10, 100, 1000 and 10000: 一百零一, and 十一
// rather than 一十一.
func chinese(v int, digits, units string) string {
	if v < 0 || v > 99999999 {
		return strconv.Itoa(v)
	}
	d, u := []rune(digits), []rune(units)
	if v == 0 {
		return string(d[0])
	}
	if v >= 10000 {
		s := chinese(v/10000, digits, units) + string(u[3])
		if rest := v % 10000; rest > 0 {
			if rest < 1000 {
				s += string(d[0])
			}
			s += chineseBelow10000(rest, d, u)
		}
		return s
	}
	s := chineseBelow10000(v, d, u)
	if v >= 10 && v < 20 {
		s = strings.TrimPrefix(s, string(d[1]))
	}
	return s
}

func chineseBelow10000(v int, d, u []rune) string {
	var b strings.Builder
	gap := false
	for i, n := 2, 1000; n >= 1; i, n = i-1, n/10 {
		digit := v / n % 10
		if digit == 0 {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteRune(d[0])
			gap = false
		}
		b.WriteRune(d[digit])
		if i >= 0 {
			b.WriteRune(u[i])
		}
	}
	return b.String()
}
