package segment

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

//go:embed traditional.txt
var traditionalText string

// hanFirst and hanLast bound the characters that all ordinary text is made of.
const (
	hanFirst = 0x4e00
	hanLast  = 0x9fff
)

// simplified holds the simplified form of every character from hanFirst to hanLast, 0 where it is
// outside of these, and others, made on first use, then only read.
type simplified struct {
	common [hanLast - hanFirst + 1]uint16
	all    map[rune]rune
}

var traditional = sync.OnceValue(func() *simplified {
	t := &simplified{all: make(map[rune]rune, 4096)}
	for i := range t.common {
		t.common[i] = uint16(hanFirst + i)
	}
	for line := range strings.Lines(traditionalText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		pair := []rune(strings.TrimSpace(line))
		for i := 0; i+1 < len(pair); i += 2 {
			t.add(pair[i], pair[i+1])
		}
	}
	return t
})

func (t *simplified) add(from, to rune) {
	t.all[from] = to
	if from < hanFirst || from > hanLast {
		return
	}
	t.common[from-hanFirst] = 0
	if hanFirst <= to && to <= hanLast {
		t.common[from-hanFirst] = uint16(to)
	}
}

// Normal returns the normal form in which texts are compared: compatibility forms folded (full
// width to half width, ㎡ to m2), traditional characters simplified, letters in lower case, marks
// that show nothing removed, every space a plain one. Punctuation stays. Normal(Normal(s)) = Normal(s).
//
// Most text is made of characters whose normal form is one character, whatever stands beside them.
// These are looked up; what lies between two Han characters and has any other in it goes through the
// Unicode tables. A Han character joins with nothing, so that a text may be cut before each.
func Normal(s string) string {
	n := normalizer{text: s, table: traditional()}
	for i := 0; i < len(s); {
		size := n.plain(i)
		if size == 0 {
			size = n.slow(i)
		}
		i += size
	}
	if len(n.out) == 0 && n.copied == 0 {
		return s
	}
	n.out = append(n.out, s[n.copied:]...)
	return string(n.out)
}

// normalizer builds the normal form of a text.
type normalizer struct {
	text    string
	table   *simplified
	out     []byte
	copied  int // bytes of text that out reflects
	han     int // where the last Han character begins
	written int // length of the normal form before it
}

// plain takes in the character at byte i if its normal form is one character by itself, and returns
// its size, else 0.
func (n *normalizer) plain(i int) (size int) {
	b := n.text[i]
	if b < utf8.RuneSelf {
		if 'A' <= b && b <= 'Z' {
			n.replace(i, 1, foldASCII(b))
		}
		return 1
	}
	if r := hanAt(n.text, i); r > 0 {
		n.han, n.written = i, len(n.out)+i-n.copied
		switch to := rune(n.table.common[r-hanFirst]); to {
		case r:
		case 0:
			return 0
		default:
			n.replace(i, 3, to)
		}
		return 3
	}
	r, size := utf8.DecodeRuneInString(n.text[i:])
	switch {
	case 0xff01 <= r && r <= 0xff5e: // full width
		n.replace(i, size, foldASCII(byte(r-0xfee0)))
	case r == 0x3000:
		n.replace(i, size, ' ')
	case 0x3001 <= r && r <= 0x3003, 0x3008 <= r && r <= 0x3011, 0x3014 <= r && r <= 0x301b,
		r == '·', r == '—', r == '‘', r == '’', r == '“', r == '”':
	default:
		return 0
	}
	return size
}

func foldASCII(b byte) rune { return unicode.ToLower(rune(b)) }

// hanAt returns the character at byte i if it lies between hanFirst and hanLast, else 0.
func hanAt(s string, i int) rune {
	if i+2 >= len(s) || s[i] < 0xe4 || s[i] > 0xe9 || s[i+1]&0xc0 != 0x80 || s[i+2]&0xc0 != 0x80 {
		return 0
	}
	r := rune(s[i]&0xf)<<12 | rune(s[i+1]&0x3f)<<6 | rune(s[i+2]&0x3f)
	if r < hanFirst {
		return 0
	}
	return r
}

// replace takes in a character of size bytes at byte i as another one.
func (n *normalizer) replace(i, size int, to rune) {
	if n.out == nil {
		n.out = make([]byte, 0, len(n.text)+16)
	}
	n.out = utf8.AppendRune(append(n.out, n.text[n.copied:i]...), to)
	n.copied = i + size
}

// slow normalises from the last Han character before byte i to the next one behind it, and returns
// how much of that lies behind i.
func (n *normalizer) slow(i int) (size int) {
	for size = 1; i+size < len(n.text) && hanAt(n.text, i+size) == 0; size++ {
	}
	if n.han >= n.copied {
		n.out = append(n.out, n.text[n.copied:n.han]...)
	}
	n.out = append(n.out[:n.written], inFull(n.text[n.han:i+size])...)
	n.copied, n.han, n.written = i+size, i+size, len(n.out)
	return size
}

// inFull is Normal by the tables of Unicode alone.
func inFull(s string) string {
	table := traditional().all
	fold := func(r rune) rune {
		switch {
		case r < 0x80:
			return unicode.ToLower(r)
		case unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar:
			return -1
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Han, r):
			if to, ok := table[r]; ok {
				return to
			}
			return r
		}
		return unicode.ToLower(r)
	}
	// Folding can make a composable sequence (removing a joiner, lowering a letter), so the
	// composition runs once more where that changed something.
	s = strings.Map(fold, norm.NFKC.String(strings.ToValidUTF8(s, "")))
	if norm.NFKC.IsNormalString(s) {
		return s
	}
	return inFull(norm.NFKC.String(s))
}
