package segment

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// lexicon finds the longest listed word at the start of a text.
type lexicon struct {
	first  map[rune]*trie
	starts runeSet // the keys of first
}

// trie is what words may go on with after some characters; rarely more than a few.
type trie struct {
	runes []rune
	next  []*trie
	name  string // of the concept that ends here, "" for none
}

func (t *trie) child(r rune) *trie {
	if i := slices.Index(t.runes, r); i >= 0 {
		return t.next[i]
	}
	return nil
}

// conceptMark begins the term of a concept, so that it never equals a word of a text.
const conceptMark = "\x01"

// parseSynonyms reads groups of words, one group a line, words parted by spaces, # for remarks. The
// first word names the group.
func parseSynonyms(text string) (*lexicon, error) {
	root := &trie{}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		words := strings.Fields(line)
		for _, w := range words {
			if err := root.insert(Normal(w), conceptMark+Normal(words[0])); err != nil {
				return nil, err
			}
		}
	}
	l := &lexicon{first: make(map[rune]*trie, len(root.runes))}
	for i, r := range root.runes {
		l.first[r] = root.next[i]
		l.starts.add(r)
	}
	return l, nil
}

func (t *trie) insert(word, name string) error {
	for _, r := range word {
		child := t.child(r)
		if child == nil {
			child = &trie{}
			t.runes, t.next = append(t.runes, r), append(t.next, child)
		}
		t = child
	}
	if t.name != "" && t.name != name {
		return fmt.Errorf("%q is in two groups", word)
	}
	t.name = name
	return nil
}

// longest returns the concept of the longest word that s begins with and the length of that word in
// bytes, or 0. s is not empty and begins with r.
func (l *lexicon) longest(s string, r rune) (name string, length int) {
	if !l.starts.has(r) {
		return "", 0
	}
	t, end := l.first[r], utf8.RuneLen(r)
	for t != nil {
		if t.name != "" {
			name, length = t.name, end
		}
		r, n := utf8.DecodeRuneInString(s[end:])
		t, end = t.child(r), end+n
	}
	return name, length
}

// runeSet is a set of characters of the basic plane; it holds all others.
type runeSet [1 << 10]uint64

func (s *runeSet) has(r rune) bool { return r > 0xffff || s[r>>6]>>(r&63)&1 != 0 }

func (s *runeSet) add(r rune) {
	if r <= 0xffff {
		s[r>>6] |= 1 << (r & 63)
	}
}
