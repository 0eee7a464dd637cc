package segment

import (
	"fmt"
	"strings"
)

// trie finds the longest listed word at the start of a text.
type trie struct {
	next map[rune]*trie
	name string // of the concept that ends here, "" for none
}

// conceptMark begins the term of a concept, so that it never equals a word of a text.
const conceptMark = "\x01"

// parseSynonyms reads groups of words, one group a line, words parted by spaces, # for remarks. The
// first word names the group.
func parseSynonyms(text string) (*trie, error) {
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
	return root, nil
}

func (t *trie) insert(word, name string) error {
	for _, r := range word {
		child := t.next[r]
		if child == nil {
			child = &trie{}
			if t.next == nil {
				t.next = make(map[rune]*trie)
			}
			t.next[r] = child
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
// bytes, or 0.
func (t *trie) longest(s string) (name string, length int) {
	for i, r := range s {
		if t.name != "" {
			name, length = t.name, i
		}
		if t = t.next[r]; t == nil {
			return name, length
		}
	}
	if t.name != "" {
		name, length = t.name, len(s)
	}
	return name, length
}

// runeSet is a set of characters of the basic plane; it holds all others.
type runeSet [1 << 10]uint64

func (s *runeSet) has(r rune) bool { return r > 0xffff || s[r>>6]>>(r&63)&1 != 0 }

// starts returns the characters that a word begins with.
func (t *trie) starts() *runeSet {
	s := new(runeSet)
	for r := range t.next {
		if r <= 0xffff {
			s[r>>6] |= 1 << (r & 63)
		}
	}
	return s
}
