package figures

import (
	"math/big"
	"strings"
)

// maxNumberRunes bounds the length of one number; longer runs of digits are codes, not numbers.
const maxNumberRunes = 24

// maxBeforePower bounds what may stand before 万 or 亿; more would be 10^18 and no amount.
const maxBeforePower = 1e9

var (
	chineseDigits = map[rune]int64{
		'零': 0, '〇': 0, '一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9,
		'壹': 1, '贰': 2, '叁': 3, '肆': 4, '伍': 5, '陆': 6, '柒': 7, '捌': 8, '玖': 9,
	}
	powers = map[rune]int64{
		'十': 10, '百': 100, '千': 1000, '万': 1e4, '亿': 1e8, '拾': 10, '佰': 100, '仟': 1000,
	}
)

// number reads the number at rune i: 30,000, 3.5万, 1亿2千万, 三万五, 二〇二五. It returns the end.
func (s *scanner) number(i int) (*big.Rat, int, bool) {
	if isDigit(s.peek(i)) {
		return s.arabic(i)
	}
	return s.chinese(i)
}

// arabic reads digits with their powers. Several parts add up: 3万5千.
func (s *scanner) arabic(i int) (*big.Rat, int, bool) {
	start, sum := i, new(big.Rat)
	for isDigit(s.peek(i)) {
		v, end, ok := s.digits(i)
		if !ok {
			return nil, 0, false
		}
		power := int64(1)
		for behind := s.skipSpaces(end); ; behind = s.skipSpaces(end) {
			p, ok := powers[s.peek(behind)]
			if !ok || power*p > 1e12 {
				break
			}
			power *= p
			end = behind + 1
		}
		sum.Add(sum, v.Mul(v, new(big.Rat).SetInt64(power)))
		if i = end; power == 1 {
			break
		}
		s.multiplier[s.offset[start]] = power
	}
	return sum, i, true
}

// digits reads 30,000.5 as written.
func (s *scanner) digits(i int) (*big.Rat, int, bool) {
	var b strings.Builder
	start, point := i, false
	for ; ; i++ {
		if i-start > maxNumberRunes {
			return nil, 0, false
		}
		r := s.peek(i)
		switch {
		case isDigit(r):
			b.WriteRune(r)
		case r == ',' && s.groupOfThree(i):
		case r == '.' && !point && isDigit(s.peek(i+1)):
			point = true
			b.WriteRune(r)
		default:
			v, ok := new(big.Rat).SetString(b.String())
			return v, i, ok
		}
	}
}

// groupOfThree reports whether a comma at i separates thousands.
func (s *scanner) groupOfThree(i int) bool {
	return isDigit(s.peek(i-1)) && isDigit(s.peek(i+1)) && isDigit(s.peek(i+2)) && isDigit(s.peek(i+3)) && !isDigit(s.peek(i+4))
}

// chinese reads numerals: with powers by place (一万二千), without by position (二〇二五). A last
// digit behind 百, 千 or 万 counts the next lower place: 一千五 is 1500.
func (s *scanner) chinese(i int) (*big.Rat, int, bool) {
	var total, section, digit, last int64
	var position []int64
	start, zero, powered := i, false, false
	for ; i-start < maxNumberRunes; i++ {
		r := s.peek(i)
		if d, ok := chineseDigits[r]; ok {
			digit, zero = d, zero || d == 0
			position = append(position, d)
			continue
		}
		p, ok := powers[r]
		if !ok || i == start && p != 10 {
			break
		}
		powered = true
		switch {
		case p >= 1e4 && total+section+digit > maxBeforePower:
			return nil, 0, false
		case p >= 1e4:
			total = (total + section + digit) * p
			section = 0
		case digit == 0 && !zero:
			section += p // 十五
		default:
			section += digit * p
		}
		digit, last, zero = 0, p, false
	}
	if i == start {
		return nil, 0, false
	}
	if !powered {
		return new(big.Rat).SetInt64(byPosition(position)), i, true
	}
	if !zero && last > 10 {
		digit *= last / 10
	}
	return new(big.Rat).SetInt64(total + section + digit), i, true
}

func byPosition(digits []int64) int64 {
	var v int64
	for _, d := range digits[:min(len(digits), 18)] {
		v = v*10 + d
	}
	return v
}
