package grounding

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// index finds the pieces of evidence that hold a word, or two characters side by side.
type index struct {
	pieces []piece
	pairs  map[[2]rune][]int
	words  map[string][]int
}

func newIndex() index {
	return index{pairs: map[[2]rune][]int{}, words: map[string][]int{}}
}

// add takes in a piece and returns its number.
func (x *index) add(p piece) int {
	id := len(x.pieces)
	x.pieces = append(x.pieces, p)
	x.pair(p.text, id)
	if short := brackets.ReplaceAllString(p.text, ""); short != p.text {
		x.pieces[id].short = short
		x.pair(short, id)
	}
	for _, t := range p.tokens {
		if t.kind != raw && t.kind != mark && t.kind != number {
			x.words[t.name] = appendOnce(x.words[t.name], id)
		}
	}
	return id
}

// pair notes the characters that stand side by side in a text of a piece.
func (x *index) pair(text string, id int) {
	last := rune(0)
	for _, r := range text {
		if last != 0 {
			x.pairs[[2]rune{last, r}] = appendOnce(x.pairs[[2]rune{last, r}], id)
		}
		last = r
	}
}

// brackets are what may be left out of a name: 学历（学位）证书.
var brackets = regexp.MustCompile(`\([^)]*\)`)

func appendOnce(ids []int, id int) []int {
	if n := len(ids); n > 0 && ids[n-1] == id {
		return ids
	}
	return append(ids, id)
}

// scope is a set of pieces.
type scope []bool

func (x *index) scope() scope { return make(scope, len(x.pieces)) }

func (s scope) add(ids ...int) {
	for _, id := range ids {
		s[id] = true
	}
}

func (s scope) any(ids []int) bool {
	for _, id := range ids {
		if s[id] {
			return true
		}
	}
	return false
}

// holds reports whether a scope holds a word of the lexicon, by its group or as it is written.
func (x *index) holds(s scope, t token, written string) bool {
	if s.any(x.words[t.name]) {
		return true
	}
	first, n := utf8.DecodeRuneInString(written)
	second, m := utf8.DecodeRuneInString(written[n:])
	if m == 0 {
		return false
	}
	for _, id := range x.pairs[[2]rune{first, second}] {
		if s[id] && (strings.Contains(x.pieces[id].text, written) || strings.Contains(x.pieces[id].short, written)) {
			return true
		}
	}
	return false
}

// missing returns the parts of a run of characters, standing in a text, that the scope does not hold:
// a character is held
// where it stands beside the same neighbour, and one that stands alone where it stands at all.
func (x *index) missing(s scope, text string, start, end int) []string {
	var found []string
	gap := -1
	flush := func(to int) {
		if gap >= 0 && (start < gap || to < end || !x.lone(s, text[gap:to])) {
			found = append(found, text[gap:to])
		}
		gap = -1
	}
	single := utf8.RuneCountInString(text[start:end]) == 1
	before := rune(0)
	if single {
		before, _ = utf8.DecodeLastRuneInString(text[:start])
	}
	for at := start; at < end; {
		r, n := utf8.DecodeRuneInString(text[at:])
		next := rune(0)
		if single || at+n < end {
			next, _ = utf8.DecodeRuneInString(text[at+n:])
		}
		if s.any(x.pairs[[2]rune{before, r}]) || s.any(x.pairs[[2]rune{r, next}]) {
			flush(at)
		} else if gap < 0 {
			gap = at
		}
		before = r
		at += n
	}
	flush(end)
	return found
}

// lone reports whether a gap is one character that the scope holds somewhere.
func (x *index) lone(s scope, gap string) bool {
	if utf8.RuneCountInString(gap) > 1 {
		return false
	}
	for id, in := range s {
		if in && strings.Contains(x.pieces[id].text, gap) {
			return true
		}
	}
	return false
}
